"""What Django is told about the web application; to be said before anything opens the operational database."""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from keptword.intake.settings import database_settings
from keptword.words import LANGUAGES

ADDRESS: Final = "KEPTWORD_ADDRESS"
"""The variable that names where people reach the desk from elsewhere: https://desk.example.org"""

HOST: Final = "KEPTWORD_HOST"
"""The variable that names the one number of this computer that `keptword serve --host` was told to listen on."""

STATIC: Final = Path(str(files("keptword.web"))) / "static"

_HERE: Final = ["localhost", "127.0.0.1", "[::1]"]
_TWO_WEEKS: Final = 14 * 24 * 3600


def configure() -> None:
    """Set Django up for the web application; does nothing where it is set up for it already."""
    if settings.configured:
        return
    import django

    settings.configure(**web_settings())
    django.setup()


def web_settings() -> dict[str, Any]:
    """Return all settings: those of the database, and those of the web."""
    address = urlsplit(os.environ.get(ADDRESS, ""))
    safe = address.scheme == "https"
    return {
        **database_settings(),
        # Each books folder has a secret of its own; `application` puts it here.
        "SECRET_KEY": "",
        "DEBUG": False,
        "ALLOWED_HOSTS": [*_HERE, *(name for name in (address.hostname, os.environ.get(HOST)) if name)],
        "ROOT_URLCONF": "keptword.web.urls",
        "MIDDLEWARE": [
            "keptword.web.middleware.proxied.proxied",
            "keptword.web.middleware.measures.measures",
            "keptword.web.middleware.headers.headers",
            "keptword.web.middleware.hosts.hosts",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "keptword.web.middleware.seen.seen",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
            "keptword.web.middleware.language.language",
            "keptword.web.middleware.audit.audit",
            "keptword.web.middleware.access.access",
        ],
        # Only a proxy that the owner told of is believed when it says that it was asked over TLS.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if safe else None,
        "SESSION_ENGINE": "keptword.office.sessions",
        # A browser takes a cookie of this name only over TLS and from this very host, not from one beside it.
        "SESSION_COOKIE_NAME": "__Host-keptword" if safe else "keptword",
        "SESSION_COOKIE_AGE": _TWO_WEEKS,
        "SESSION_COOKIE_SECURE": safe,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-keptword-form" if safe else "keptword-form",
        "CSRF_COOKIE_SECURE": safe,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_TRUSTED_ORIGINS": [f"{address.scheme}://{address.netloc}"] if address.netloc else [],
        "CSRF_FAILURE_VIEW": "keptword.web.failures.forgery",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "AUTHENTICATION_BACKENDS": ["keptword.web.signing_in.backend.MembersOnly"],
        "LOGIN_URL": "/sign-in/",
        "USE_I18N": True,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [(code, code) for code in LANGUAGES],
        "STATIC_URL": static_address(),
        "WHITENOISE_ROOT": None,
        "WHITENOISE_USE_FINDERS": False,
        "WHITENOISE_AUTOREFRESH": False,
        "STATIC_ROOT": str(STATIC),
        "WHITENOISE_MAX_AGE": 365 * 24 * 3600,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 2_000_000,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2_000,
        "FILE_UPLOAD_HANDLERS": ["keptword.web.arriving.Arriving"],
    }


def static_address() -> str:
    """Return where the style and the script are served; it changes with them, so that browsers may keep them."""
    digest = sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}/"

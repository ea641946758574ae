"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The room's name and its label in the database."""

    name = "keptword.office"
    label = "office"
    default_auto_field = "django.db.models.BigAutoField"

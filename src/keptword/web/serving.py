"""Serves books on this computer: processes for the pages, one for the background work, all ended together."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from keptword.books.empty import is_empty
from keptword.books.folder import VARIABLE, Folder, read_business
from keptword.core.problems import KeptwordError

ADDRESS: Final = "KEPTWORD_ADDRESS"
HOST: Final = "KEPTWORD_HOST"
SERVED: Final = "KEPTWORD_SERVED"
TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"

PORT: Final = 8321
THREADS: Final = 8
"""Requests one process answers at a time."""

GRACE_SECONDS: Final = 1
"""How long processes get to end by themselves."""

START_SECONDS: Final = 60.0
FULL: Final = 75
"""The status with which the background work ends to be started anew, grown large."""

_HERE: Final = ("127.0.0.1", "::1", "localhost")
_ALL: Final = ("0.0.0.0", "::")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Serving:
    """What is to be served, and where: `workers` processes for the pages; `browser` opens one once it is up."""

    folder: Folder
    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = 1
    browser: bool = False
    entrance: str = ""
    """The path to open, where a link was made already."""

    @property
    def address(self) -> str:
        """Where this computer itself reaches the pages."""
        host = "127.0.0.1" if self.host in (*_ALL, "localhost") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def serve(told: Serving, *, say: Say) -> int:
    """Serve until asked to end, and return the status to end with; `say` tells people a line at a time.

    Raises `KeptwordError` where the port is taken, or the folder holds something else than books.
    """
    refuse_taken(told)
    there = not is_empty(told.folder)
    if there:
        read_business(told.folder)
    together = _environment(told)
    work = Work(say=say)
    try:
        work.start()
        if not there and not work.told(START_SECONDS):
            raise KeptwordError("The books could not be begun in time. What went wrong is in the log above.")
        problem = work.said.get("problem")
        if problem:
            raise KeptwordError(str(problem))
        return _served(told, work, say=say)
    finally:
        work.stop()
        if together:
            shutil.rmtree(together, ignore_errors=True)


def _served(told: Serving, work: Work, *, say: Say) -> int:
    # Not "fork": there are threads in this process, and what they hold at that moment would be held for ever.
    multiprocessing.set_start_method("spawn", force=True)
    server = _Server(
        "keptword.web.application:application",
        address=told.host,
        port=told.port,
        interface=Interfaces.WSGI,
        workers=told.workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_level=LogLevels.critical,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )
    server.ending = work.end
    greeting = Greeting(told, work, stop=server.signal_handler_interrupt, say=say)
    server.on_startup(greeting.start)
    try:
        server.serve()
    except SystemExit as ended:
        if not greeting.problem:
            say("The pages could not be kept up: a process of theirs ended again and again. Why is in the log above.")
            return int(ended.code or 1)
    if greeting.problem:
        raise KeptwordError(greeting.problem)
    say("Stopped.")
    return 0


class _Server(MPServer):
    """The web server, which lets the background work end while its own processes do."""

    ending: Callable[[], None]

    def shutdown(self, exit_code: int = 0) -> None:
        """End."""
        self.ending()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


class Greeting:
    """Waits until the pages answer, then says where they are; opens a browser there where one is wanted."""

    def __init__(self, told: Serving, work: Work, *, stop: Callable[[], None], say: Say) -> None:
        self.problem = ""
        self._told = told
        self._work = work
        self._stop = stop
        self._say = say

    def start(self) -> None:
        """Wait beside the server."""
        threading.Thread(target=self._greet, daemon=True, name="keptword-greeting").start()

    def _greet(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not (answers(self._told.address) and self._work.told(0)):
            if self._work.said.get("problem") or time.monotonic() > until:
                self.problem = str(self._work.said.get("problem") or "The pages did not come up in time.")
                self._stop()
                return
            time.sleep(0.03)
        said = self._work.said
        link = self._told.entrance or str(said.get("link", ""))
        outside = os.environ.get(ADDRESS, "").strip().rstrip("/")
        self._say(f"{said.get('name', 'Keptword')} is at {outside or self._told.address}/")
        if link:
            self._say(f"Sign in, once, with this link: {outside or self._told.address}{link}")
        self._say("Ctrl-C ends it.")
        if self._told.browser:
            webbrowser.open(self._told.address + (link or "/"))


class Work:
    """The process of the background work: started, started again when it ends, ended with this one."""

    def __init__(self, *, say: Say) -> None:
        self.said: dict[str, Any] = {}
        self._say = say
        self._heard = threading.Event()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True, name="keptword-work")

    def start(self) -> None:
        """Start it, and keep it running."""
        self._thread.start()

    def told(self, seconds: float) -> bool:
        """Wait for what it says of the books, and return whether it has."""
        return self._heard.wait(seconds)

    def end(self) -> None:
        """Ask it to end; what it does can be gone on with by the next."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Let it end, and see that it has."""
        self.end()
        process = self._process
        if process is None:
            return
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            began = time.monotonic()
            status = self._run()
            if self._stopping.is_set() or self.said.get("problem"):
                return
            pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, 60.0)
            if status != FULL:
                self._say(f"The background work ended (status {status}) and is started again. Why is in the log above.")
                self._stopping.wait(pause)

    def _run(self) -> int:
        first = not self._heard.is_set()
        command = [sys.executable, "-m", "keptword.web.work", *(["--tell"] if first else [])]
        # Its standard input ends when this process does, even one that is killed.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE if first else subprocess.DEVNULL
        )
        if self._stopping.is_set():
            self._process.terminate()
        if self._process.stdout is not None:
            self._hear(self._process.stdout.readline())
        return self._process.wait()

    def _hear(self, line: bytes) -> None:
        try:
            self.said = dict(json.loads(line))
        except ValueError:
            return
        self._heard.set()


def refuse_taken(told: Serving) -> None:
    """Raise `KeptwordError` where nobody can listen: another program does, or the address is not this computer's."""
    family = socket.AF_INET6 if ":" in told.host else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            if os.name != "nt":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((told.host, told.port))
            # Only listening tells on every system that another one does.
            tried.listen(1)
    except (OSError, OverflowError) as error:
        if answers(told.address):
            raise KeptwordError(
                f"Keptword is being served at {told.address}/ already. To serve other books beside, choose another "
                f"port: keptword serve --port {told.port + 1}"
            ) from None
        raise KeptwordError(
            f"Port {told.port} of {told.host} cannot be listened on: {getattr(error, 'strerror', None) or error}. "
            f"Choose another one: keptword serve --port {told.port + 1}"
        ) from None


def free_port(port: int, *, host: str = "127.0.0.1") -> int:
    """Return the first port from `port` on that nobody listens on; 0 asks for any."""
    if port == 0:
        with socket.socket() as any_one:
            any_one.bind((host, 0))
            return int(any_one.getsockname()[1])
    for each in range(port, min(port + 100, 65_536)):
        try:
            refuse_taken(Serving(Folder(Path()), host=host, port=each))
        except KeptwordError:
            continue
        return each
    raise KeptwordError(f"No port from {port} on is free on this computer. Choose one with --port.")


def answers(address: str) -> bool:
    """Tell whether Keptword's pages answer at an address."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/health/")
        answer = connection.getresponse()
        return answer.status == 200 and b"ok" in answer.read(200)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def has_desktop() -> bool:
    """Tell whether somebody sits here who would see a browser open."""
    if os.environ.get("CI") or not sys.stdout.isatty() or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _environment(told: Serving) -> str:
    """Tell the processes to come what to serve; return the folder they leave their measures in, where there is one."""
    os.environ[VARIABLE] = str(told.folder.path.absolute())
    os.environ[SERVED] = told.address
    if told.host not in (*_HERE, *_ALL):
        os.environ[HOST] = told.host
    if told.workers < 2 or os.environ.get(TOGETHER):
        return ""
    os.environ[TOGETHER] = tempfile.mkdtemp(prefix="keptword-measures-")
    return os.environ[TOGETHER]

"""A command as a process of its own, to which something happens at a moment: `python … MOMENT HAPPENS WORD...`.

MOMENT is a function of Keptword ("keptword.journal.snapshot:Snapshot.commit"), and what happens does so when it is
called first: `stop` (SIGSTOP), `kill` (SIGKILL), or `full=N`: from then on no file may grow beyond N bytes, as if the
disk were full. `now` is the moment before the command begins; `kill=0.4` kills that many seconds later.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from keptword.cli import run
from keptword.intake import lease
from keptword.journal import upkeep

LEASE_SECONDS = 1.0


def happen(what: str) -> None:
    """Let it happen."""
    name, _, told = what.partition("=")
    if name == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif name == "full":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(told), int(told)))
    elif name == "kill" and told:
        threading.Timer(float(told), os.kill, (os.getpid(), signal.SIGKILL)).start()
    elif name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


def at(moment: str, what: str) -> None:
    """Let something happen when a function is called for the first time."""
    module, _, path = moment.partition(":")
    owner: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for each in owners:
        owner = getattr(owner, each)
    real: Callable[..., Any] = getattr(owner, name)
    happened: list[str] = []

    def then(*told: Any, **named: Any) -> Any:
        if not happened:
            happened.append(what)
            happen(what)
        return real(*told, **named)

    setattr(owner, name, then)


if __name__ == "__main__":
    moment, what, *words = sys.argv[1:]
    # Two files of a month are many here, and nobody wants to wait ten seconds in a test for a lease to pass.
    vars(upkeep).update(MANY=2, FEW=2)
    vars(lease.held)["__wrapped__"].__kwdefaults__["seconds"] = LEASE_SECONDS
    if moment == "now":
        happen(what)
    else:
        at(moment, what)
    sys.argv = ["keptword", *words]
    run()

"""The command line: one module a noun. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line; whatever goes wrong ends in a sentence and a status that is not 0.

    What it needs is imported here: each process that serves pages begins by importing this module anew.
    """
    from keptword.cli.books import explained
    from keptword.cli.commands import app
    from keptword.cli.console import complain, stopped, unforeseen
    from keptword.core.problems import KeptwordError

    try:
        app()
    except KeptwordError as error:
        sys.exit(complain(str(error)))
    except KeyboardInterrupt:
        sys.exit(stopped())
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        said = explained(error)
        sys.exit(complain(said) if said else unforeseen(error))

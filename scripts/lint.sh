#!/bin/sh
# Everything that is checked without running the product. Goes on after a failure and fails at the end.
set -u
cd "$(dirname "$0")/.."
failed=""

check() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name;"
}

python=.venv/bin/python
check "ruff check" .venv/bin/ruff check .
check "ruff format" .venv/bin/ruff format --check .
check "mypy" $python -m mypy ofx partners ticketing sla sandbox
check "import contract" .venv/bin/lint-imports
check "migrations" $python -m ofx.embedded.temporary $python manage.py makemigrations --check --dry-run
check "deployment check" sh scripts/check_deploy.sh
if [ -n "$failed" ]; then
    echo "Failed:$failed" >&2
    exit 1
fi
echo "All checks passed"

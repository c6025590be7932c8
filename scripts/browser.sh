#!/bin/sh
# Get a Chromium where the machine has none: Debian's as root, else a packed build by npm into .ofx/browser.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium with apt-get"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
        exec .venv/bin/python -m ofx.embedded.browser
    fi
    echo "apt-get could not; taking a packed build"
fi
mkdir -p .ofx/browser
[ -f .ofx/browser/package.json ] || echo '{"private": true}' > .ofx/browser/package.json
sh scripts/npm.sh --prefix .ofx/browser install --ignore-scripts @sparticuz/chromium@153.0.0
exec .venv/bin/python -m ofx.embedded.browser --unpack .ofx/browser/node_modules/@sparticuz/chromium

#!/bin/sh
# Django's deployment check with the environment of a production server (the secret is for this check alone).
set -eu
cd "$(dirname "$0")/.."
export OFX_ENV=production OFX_DEBUG=0 OFX_BASE_URL=https://ofx.example OFX_ALLOWED_HOSTS=ofx.example
OFX_SECRET_KEY=$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(60))')
export OFX_SECRET_KEY
exec .venv/bin/python manage.py check --deploy --fail-level WARNING

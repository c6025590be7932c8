"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

import ofx.celery  # noqa: F401  the web process sends wake-ups by this app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ofx.settings")
application = get_wsgi_application()

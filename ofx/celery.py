"""The Celery application: tasks live in each slice's tasks.py."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ofx.settings")

app = Celery("ofx")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(
    [
        "ofx.core.health",
        "ofx.core.mail",
        "ofx.core.personal",
        "partners.conversations",
        "partners.coverage",
        "partners.reach",
        "partners.connectors",
        "ofx.search.live",
        "ofx.orders",
        "ofx.search.bulk",
        "ofx.portal.bulk",
        "ticketing.outages",
    ]
)


@setup_logging.connect
def _own_logs(**kwargs: object) -> None:
    """Worker and scheduler write the lines of settings.LOGGING, as every process does; Celery sets up none."""

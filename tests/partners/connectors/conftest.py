"""The simulated partners as a real process, and endpoints that lead to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ofx.core.clock import now
from partners.conversations import delivery, inbox, polling
from partners.models import Endpoint, Operator
from sandbox.process import Running
from tests.conftest import operator


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One sandbox for all tests here; a working day lasts 0.05 s."""
    with Running(Path(tmp_path_factory.mktemp("sandbox")), day_seconds=0.05) as running:
        running.control("weights", {"partner": "*", "weights": {"clean": 1}})
        yield running


@pytest.fixture(autouse=True)
def mail(settings: Any, sandbox: Running) -> None:
    """Mail goes to the sandbox's SMTP server, answers come from its Maildir."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.smtp_port
    settings.MAILBOX_DIR = sandbox.mailbox.parent
    settings.HUB_RETRY_SECONDS = 1


def endpoint_at(sandbox: Running, name: str, **fields: Any) -> Endpoint:
    """An endpoint with the credentials of a simulated partner."""
    partner = sandbox.config.partner(name)
    op = Operator.objects.filter(code=name).first() or operator(name)
    defaults = {
        "operator": op,
        "kind": partner.kind,
        "dialect": name,
        "name": partner.name,
        "base_url": f"{sandbox.url}{partner.base_path}" if partner.base_path else "",
        "address": partner.address,
        "token": partner.token,
        "inbound_key": f"hook-{name}-{Endpoint.objects.count()}-0123456789",
        "inbound_secret": partner.webhook_secret,
        "simulated": True,
        "timeout_seconds": 2,
        "poll_seconds": 1,
        "rate_per_minute": 60_000,
    }
    return Endpoint.objects.create(**{**defaults, **fields})


def work(*endpoints: Endpoint) -> None:
    """What worker and scheduler do, once: deliver, poll, read."""
    for endpoint in endpoints:
        delivery.drain(endpoint.pk, now, budget=5)
        Endpoint.objects.filter(pk=endpoint.pk).update(next_poll_at=None, slow_until=None, open_until=None)
        polling.poll(endpoint.pk, now)
    inbox.read_due(now)

"""kill -9 at each point of a delivery (HUB 5, items 1 to 4), the moment chosen by the partner or by a lock."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from partners.models import Attempt, Leg, Message
from tests.crash.harness import QUICK, ROOT
from tests.partners.conversations.conftest import Partner, hub, partner

__all__ = ["hub", "partner"]
pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]


class Worker:
    """One sweep of deliveries in a process of its own."""

    def __init__(self, home: Path) -> None:
        db = connection.settings_dict
        url = f"postgresql://{db['USER']}@/{db['NAME']}?host={db['HOST']}&port={db['PORT']}"
        self.env = {**os.environ, **QUICK, "OFX_LEASE_SECONDS": "2", "DATABASE_URL": url, "OFX_HOME": str(home)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the sweep."""
        command = [sys.executable, "manage.py", "sweep", "deliveries"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, start_new_session=True)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def wait(self) -> None:
        """Until it has ended, by itself or by us."""
        assert self.process is not None
        self.process.wait(60)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path)
    yield made
    made.kill()


def recovered(hub: Any, message: Message) -> None:
    """The lease ends, another worker takes over."""
    end = time.monotonic() + 20
    while message.state != "delivered":
        assert time.monotonic() < end, (message.state, message.attempt, message.reason)
        hub.drain(budget=1)
        time.sleep(0.2)
        message.refresh_from_db()


def once(partner: Partner, message: Message, attempts: int) -> None:
    """Exactly one order at the partner, the id pinned, the killed try visible."""
    assert len(partner.orders) == 1
    assert Leg.objects.get().external_id == "1"
    tries = Attempt.objects.filter(message=message).order_by("number")
    assert [row.number for row in tries] == list(range(1, attempts + 1))
    assert tries[0].ended_at is None


@pytest.mark.parametrize("committed", [False, True], ids=["during the send", "after the partner's commit"])
def test_a_worker_killed_while_the_partner_works_places_one_order(
    hub: Any, partner: Partner, worker: Worker, committed: bool
) -> None:
    def murder(call: Any) -> Any:
        if committed:
            partner.create(call)
        worker.kill()

    partner.script = [murder]
    message = hub.send()
    worker.start()
    worker.wait()
    recovered(hub, message)
    once(partner, message, 2)
    assert [call.method for call in partner.seen] == ["POST", "GET"] + ["POST"] * (not committed)


def test_a_worker_killed_after_the_claim_sent_nothing_and_another_does(
    hub: Any, partner: Partner, worker: Worker
) -> None:
    """A lock on the attempts' table stops the worker between its claim and its send."""
    message = hub.send()
    with locked("LOCK TABLE partners_attempt IN EXCLUSIVE MODE"):
        worker.start()
        until(lambda: Message.objects.get(pk=message.pk).attempt == 1)
        worker.kill()
    assert partner.seen == []
    end = time.monotonic() + 20
    while message.state != "delivered" and time.monotonic() < end:
        hub.drain(budget=1)
        time.sleep(0.2)
        message.refresh_from_db()
    assert len(partner.orders) == 1


def test_a_worker_killed_at_the_write_back_places_one_order(hub: Any, partner: Partner, worker: Worker) -> None:
    """A lock on the leg stops the worker when it has the answer and wants to write it down."""
    message = hub.send()
    with locked(f"SELECT 1 FROM partners_leg WHERE id = {message.leg_id} FOR UPDATE"):
        worker.start()
        until(lambda: len(partner.orders) == 1)
        time.sleep(1)
        worker.kill()
    message.refresh_from_db()
    assert message.state == "queued"
    recovered(hub, message)
    once(partner, message, 2)
    assert [call.method for call in partner.seen] == ["POST", "GET"]


class locked:
    """A lock held by a connection of its own for the length of a with block."""

    def __init__(self, statement: str) -> None:
        db = connection.settings_dict
        self.connection = psycopg.connect(
            host=db["HOST"] or None, port=db["PORT"] or None, user=db["USER"], dbname=db["NAME"]
        )
        self.statement = statement

    def __enter__(self) -> None:
        self.connection.execute(self.statement)

    def __exit__(self, *error: object) -> None:
        self.connection.rollback()
        self.connection.close()


def until(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)

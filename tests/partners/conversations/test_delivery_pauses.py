"""What makes delivery wait or end, and for how long (HUB 3.2, 3.3): refusals, slowness, the breaker, attempts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ofx.core.models import Event
from partners.conversations import actions, claim, delivery
from partners.models import Leg, Message
from tests.conftest import AT
from tests.partners.conversations.conftest import Partner

pytestmark = pytest.mark.django_db


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_pause_the_endpoint_once_and_keep_the_queue(
    hub: Any, partner: Partner, status: int
) -> None:
    partner.script = [lambda call: (status, {"code": "NO", "reason": "no"})] * 20
    messages = [hub.send(key=f"OFX-{n}") for n in range(6)]
    hub.drain()
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.state == "auth_failed"
    assert {state(message) for message in messages} == {"queued"}
    assert Event.objects.filter(name="endpoint.auth_failed").count() == 1
    seen = len(partner.seen)
    assert seen <= delivery.THREADS
    partner.script = []
    actions.resume(endpoint=hub.endpoint, actor=hub.world.alice, at=AT)
    hub.drain()
    assert {state(message) for message in messages} == {"delivered"}


def test_404_on_an_update_asks_for_a_person(hub: Any, partner: Partner) -> None:
    hub.send()
    hub.drain()
    partner.orders.clear()
    message = hub.send("amend", changes={"requested_date": "2026-05-05"})
    hub.drain()
    assert state(message) == "failed"
    assert Leg.objects.get(our_key="OFX-1").attention.startswith("amend: HTTP 404")


def test_a_refused_change_is_an_answer_and_blocks_nothing(hub: Any, partner: Partner) -> None:
    hub.send()
    hub.drain()
    partner.script = [lambda call: (409, {"code": "PONR_PASSED", "reason": "Conflict", "message": "too late"})]
    amend, cancel = hub.send("amend", changes={"requested_date": "2026-05-05"}), hub.send("cancel")
    hub.drain()
    assert (state(amend), state(cancel)) == ("failed", "delivered")
    assert "PONR_PASSED" in Event.objects.get(name="message.failed").payload["reason"]
    assert Leg.objects.get(our_key="OFX-1").attention == ""


def test_503_slows_the_whole_endpoint_for_as_long_as_it_asks(hub: Any, partner: Partner) -> None:
    partner.script = [lambda call: (503, {"code": "BUSY", "reason": "later"}, {"Retry-After": "30"})]
    hub.send()
    hub.drain()
    hub.endpoint.refresh_from_db()
    wait = (hub.endpoint.slow_until - timezone.now()).total_seconds()
    assert 25 < wait <= 30
    hub.send(key="OFX-2")
    assert hub.drain() == 0
    [message] = Message.objects.filter(leg__our_key="OFX-1")
    assert (message.next_attempt_at - timezone.now()).total_seconds() > 25


def test_a_retry_after_beyond_all_reason_is_clamped(hub: Any, partner: Partner) -> None:
    partner.script = [lambda call: (429, {"code": "BUSY", "reason": "later"}, {"Retry-After": "99999999"})]
    hub.send()
    hub.drain()
    hub.endpoint.refresh_from_db()
    assert (hub.endpoint.slow_until - timezone.now()).total_seconds() <= 3600
    assert hub.endpoint.failures == 0


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_probe_through(
    hub: Any, partner: Partner, settings: Any
) -> None:
    settings.HUB_BREAKER_FAILURES = 3
    partner.script = [lambda call: (500, b"broken")] * 100
    for number in range(12):
        hub.send(key=f"OFX-{number}")
    hub.drain()
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.open_until > timezone.now()
    assert Event.objects.filter(name="endpoint.tripped").count() == 1
    before = len(partner.seen)
    assert hub.drain() == 0
    hub.due()
    partner.script = []
    worker = claim.worker_name()
    assert len(claim.claim_outgoing(hub.endpoint.pk, 4, worker)) == 1
    assert claim.claim_outgoing(hub.endpoint.pk, 4, worker) == []
    assert len(partner.seen) == before
    Message.objects.update(lease_until=None)
    hub.due()
    hub.drain()
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.failures == 0
    assert Message.objects.filter(state="delivered").count() == 12


def test_the_pause_grows_with_the_attempts_and_spans_days(hub: Any, partner: Partner, settings: Any) -> None:
    settings.HUB_RETRY_SECONDS, settings.HUB_MAX_ATTEMPTS = 5, 24
    from partners.conversations.pauses import retry_pause

    for attempt, ceiling in ((1, 5), (3, 20), (13, 20_480), (24, 21_600)):
        pauses = [retry_pause(attempt).total_seconds() for _ in range(200)]
        assert max(pauses) <= ceiling
        assert max(pauses) > ceiling * 0.8
        assert min(pauses) < ceiling * 0.2
    assert sum(min(21_600, 5 * 2**n) / 2 for n in range(24)) > 1.5 * 86_400


def test_attempts_run_out_and_the_reason_is_kept(hub: Any, partner: Partner, settings: Any) -> None:
    settings.HUB_MAX_ATTEMPTS, settings.HUB_BREAKER_FAILURES = 3, 100
    partner.script = [lambda call: (429, {"code": "BUSY", "reason": "no"})] * 50
    message = hub.send()
    for _ in range(5):
        hub.drain()
        hub.due()
    assert state(message) == "failed"
    assert message.reason == "given up after 3 attempts"
    assert Event.objects.filter(name="message.failed").count() == 1
    partner.script = []
    actions.retry(message=message, actor=hub.world.alice, at=AT)
    hub.drain()
    assert state(message) == "delivered"


def test_the_attempt_counts_at_the_claim_so_a_killer_runs_out_too(hub: Any, settings: Any) -> None:
    settings.HUB_MAX_ATTEMPTS = 2
    message = hub.send()
    for _ in range(2):
        [taken] = claim.claim_outgoing(hub.endpoint.pk, 4, claim.worker_name())
        Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert taken.attempt == 2
    hub.drain()
    assert state(message) == "failed"

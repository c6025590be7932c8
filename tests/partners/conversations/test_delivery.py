"""Every line of HUB 3.2 and 3.3, through a partner that answers as told."""

import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from ofx.core.clock import now
from ofx.core.models import Event
from partners.connectors.base import Delivered
from partners.conversations import actions, claim, delivery
from partners.conversations.outcome import write_back
from partners.models import Attempt, Endpoint, Leg, Message
from tests.conftest import AT
from tests.partners.conversations.conftest import Partner, make_endpoint, order

pytestmark = pytest.mark.django_db


def state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def test_a_create_reaches_the_partner_once_and_its_id_is_pinned_to_the_leg(hub: Any, partner: Partner) -> None:
    message = hub.send()
    assert hub.drain() == 1
    assert state(message) == "delivered"
    [sent] = partner.calls("POST")
    assert sent.body["externalId"] == "OFX-1"
    assert sent.headers["authorization"] == "Bearer partner-token"
    assert Leg.objects.get(our_key="OFX-1").external_id == "1"
    event = Event.objects.get(name="message.delivered")
    assert event.subject == f"leg:{message.leg_id}"
    assert event.payload["verb"] == "create"
    assert event.payload["partial"] is False


def test_a_second_create_of_the_same_order_is_the_first_one(hub: Any, partner: Partner) -> None:
    assert hub.send().pk == hub.send().pk
    hub.drain()
    assert hub.send().state == "delivered"
    hub.drain()
    assert len(partner.orders) == 1


def test_a_refused_create_fails_with_the_partners_words_and_blocks_its_leg_only(hub: Any, partner: Partner) -> None:
    partner.script = [
        lambda call: (400, {"code": "INVALID", "reason": "Bad", "message": "productOrderItem is missing"})
    ]
    message, behind = hub.send(), hub.send("cancel")
    hub.drain()
    other = hub.send(key="OFX-2")
    hub.drain()
    assert state(message) == "failed"
    assert "productOrderItem is missing" in message.reason
    assert state(behind) == "queued"
    assert state(other) == "delivered"
    assert Event.objects.filter(name="message.failed", payload__verb="create").count() == 1
    assert "productOrderItem" in Leg.objects.get(our_key="OFX-1").attention


def test_messages_of_one_leg_go_in_order_and_never_beside_each_other(hub: Any, partner: Partner) -> None:
    hub.send()
    for day in range(5):
        hub.send("amend", changes={"requested_date": f"2026-05-0{day + 1}"})
    hub.send("cancel")
    hub.drain()
    dates = [call.body["requestedCompletionDate"][:10] for call in partner.calls("PATCH")]
    assert dates == [f"2026-05-0{day + 1}" for day in range(5)]
    assert [call.method for call in partner.seen] == ["POST"] + ["PATCH"] * 5 + ["POST"]


@pytest.mark.parametrize("lost", ["timeout", "reset", "html", "gateway"])
def test_an_unknown_create_is_looked_up_by_our_key_before_it_is_tried_again(
    hub: Any, partner: Partner, lost: str
) -> None:
    def commit_and_lose(call: Any) -> Any:
        partner.create(call)
        if lost == "timeout":
            time.sleep(1.3)
        return {"html": (200, b"<html>proxy</html>"), "gateway": (502, b"bad gateway")}.get(lost)

    partner.script = [commit_and_lose]
    message = hub.send()
    hub.drain()
    assert state(message) == "queued"
    assert message.last_outcome == "unknown"
    hub.due()
    hub.drain()
    assert state(message) == "delivered"
    assert len(partner.orders) == 1
    assert len(partner.calls("POST")) == 1
    assert Leg.objects.get(our_key="OFX-1").external_id == "1"


def test_an_unknown_create_that_the_partner_does_not_have_is_sent_again(hub: Any, partner: Partner) -> None:
    partner.script = [lambda call: None]
    message = hub.send()
    hub.drain()
    hub.due()
    hub.drain()
    assert state(message) == "delivered"
    assert [call.method for call in partner.seen] == ["POST", "GET", "POST"]


def test_while_the_lookup_fails_nothing_is_sent(hub: Any, partner: Partner) -> None:
    partner.script = [lambda call: None, lambda call: (500, b"down"), lambda call: (500, b"down")]
    message = hub.send()
    for _ in range(3):
        hub.drain()
        hub.due()
    assert [call.method for call in partner.seen] == ["POST", "GET", "GET"]
    assert state(message) == "queued"
    assert message.last_outcome == "unknown"


def test_an_endpoint_that_cannot_find_by_our_key_leaves_an_unknown_create_to_a_person(
    hub: Any, partner: Partner
) -> None:
    Endpoint.objects.update(finds_by_key=False)
    partner.script = [lambda call: None]
    message = hub.send()
    hub.drain()
    hub.due()
    hub.drain()
    assert state(message) == "failed"
    assert len(partner.seen) == 1
    assert "ask the partner" in Leg.objects.get(our_key="OFX-1").attention


def test_an_amend_of_unknown_outcome_is_compared_with_the_record_and_not_repeated(hub: Any, partner: Partner) -> None:
    hub.send()
    hub.drain()

    def commit_and_reset(call: Any) -> Any:
        partner.normal(call)

    partner.script = [commit_and_reset]
    message = hub.send("amend", changes={"requested_date": "2026-05-05"})
    hub.drain()
    hub.due()
    hub.drain()
    assert state(message) == "delivered"
    assert len(partner.calls("PATCH")) == 1


def test_an_id_that_is_another_orders_already_is_not_believed(hub: Any, partner: Partner) -> None:
    partner.script = [lambda call: (201, {**call.body, "id": "7", "state": "acknowledged"})] * 2
    first, second = hub.send(), hub.send(key="OFX-2")
    hub.drain()
    states = sorted([state(first), state(second)])
    assert states == ["delivered", "failed"]
    assert "belongs to another order" in Leg.objects.exclude(attention="").get().attention


def test_an_echo_that_differs_is_partial_and_says_where(hub: Any, partner: Partner) -> None:
    def other_quantity(call: Any) -> Any:
        body = partner.create(call)
        return 201, {**body, "productOrderItem": [{**body["productOrderItem"][0], "quantity": 2}]}

    partner.script = [other_quantity]
    message = hub.send()
    hub.drain()
    assert state(message) == "partial"
    assert message.differences[0]["field"] == "productOrderItem[0].quantity"
    assert Event.objects.get(name="message.delivered").payload["partial"] is True
    assert Leg.objects.get(our_key="OFX-1").attention


def test_a_write_back_after_the_lease_was_lost_is_refused(hub: Any) -> None:
    message = hub.send()
    [slow] = claim.claim_outgoing(hub.endpoint.pk, 4, claim.worker_name())
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    [fast] = claim.claim_outgoing(hub.endpoint.pk, 4, claim.worker_name())
    assert fast.before == "unknown"
    Attempt.objects.create(message=message, number=2, worker=fast.worker, started_at=AT)
    assert write_back(fast, Delivered("success", 201, "9", {"id": "9"}), at=AT) is True
    assert write_back(slow, Delivered("never", 400, detail="stale"), at=AT) is False
    assert state(message) == "delivered"


def test_a_worker_that_was_paused_beyond_its_lease_sends_nothing(hub: Any, partner: Partner) -> None:
    hub.send()
    [task] = delivery._claimed(hub.endpoint.pk, 4, claim.worker_name(), lambda: AT)
    late = delivery.Task(task.claim, task.message, task.connector, task.job, task.started - 1000)
    assert late.run() is None
    assert partner.seen == []


def test_a_suspended_endpoint_keeps_its_queue_and_drains_in_order(hub: Any, partner: Partner) -> None:
    actions.suspend(endpoint=hub.endpoint, actor=hub.world.alice, at=AT, reason="maintenance")
    hub.send()
    hub.send("amend", changes={"requested_date": "2026-05-05"})
    assert hub.drain() == 0
    actions.suspend(endpoint=hub.endpoint, actor=hub.world.alice, at=AT)
    actions.resume(endpoint=hub.endpoint, actor=hub.world.alice, at=AT)
    actions.resume(endpoint=hub.endpoint, actor=hub.world.alice, at=AT)
    hub.drain()
    assert [call.method for call in partner.seen] == ["POST", "PATCH"]
    assert Event.objects.filter(name="endpoint.suspended").count() == 1


def test_after_an_outage_the_drain_keeps_to_the_rate_cap(hub: Any, partner: Partner) -> None:
    """Ten a second, and a burst of three seconds' worth at most."""
    Endpoint.objects.update(rate_per_minute=600)
    for number in range(50):
        hub.send(key=f"OFX-{number}")
    end = time.monotonic() + 20
    while len(partner.calls("POST")) < 50 and time.monotonic() < end:
        hub.drain()
        time.sleep(0.1)
    times = [call.at for call in partner.calls("POST")]
    assert len(times) == 50
    for start in range(len(times)):
        within = [at for at in times[start:] if (at - times[start]).total_seconds() < 1.0]
        assert len(within) <= 30 + 10 + 1
    assert (times[-1] - times[0]).total_seconds() > 1.5


def test_a_second_worker_leaves_an_endpoint_that_is_being_drained(hub: Any, partner: Partner) -> None:
    """One slow partner must not take every worker."""
    hub.send()
    with psycopg.connect(**_same_database()) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [claim.DRAIN_LOCK, hub.endpoint.pk])
        assert hub.drain() == 0
    assert hub.drain() == 1


def _same_database() -> dict[str, Any]:
    db = connection.settings_dict
    return {"host": db["HOST"] or None, "port": db["PORT"] or None, "user": db["USER"], "dbname": db["NAME"]}


def test_one_partner_that_is_down_delays_no_other_leg_of_the_same_case(hub: Any, partner: Partner) -> None:
    down = make_endpoint(hub.world.northfibre, "http://127.0.0.1:9", organisation=hub.world.brightwave)
    stuck = hub.send(key="OFX-1", at=down)
    fine = actions.send(
        leg=hub.leg("OFX-2", case="order:OFX-1"), verb="create", order=order("OFX-2"), at=AT, actor=None
    )
    hub.drain(down)
    hub.drain()
    assert (state(stuck), state(fine)) == ("queued", "delivered")
    assert stuck.leg.conversation_id == fine.leg.conversation_id


def test_skip_lets_the_next_message_go_and_is_idempotent(hub: Any, partner: Partner) -> None:
    hub.send()
    hub.drain()
    partner.orders.clear()
    amend = hub.send("amend", changes={"requested_date": "2026-05-05"})
    behind = hub.send("cancel")
    hub.drain()
    assert (state(amend), state(behind)) == ("failed", "queued")
    for _ in range(2):
        actions.skip(message=amend, actor=hub.world.alice, at=AT)
    hub.drain()
    assert (state(amend), state(behind)) == ("skipped", "delivered")


def test_withdraw_takes_back_what_was_never_tried(hub: Any, partner: Partner) -> None:
    message = hub.send()
    assert actions.withdraw(leg=message.leg, at=AT, actor=hub.world.alice, reason="customer left") is True
    hub.drain()
    assert state(message) == "cancelled"
    assert partner.seen == []
    other = hub.send(key="OFX-2")
    hub.drain()
    assert actions.withdraw(leg=other.leg, at=AT, actor=hub.world.alice, reason="customer left") is False


def test_a_mapping_that_refuses_fails_the_message_with_its_words(hub: Any, partner: Partner) -> None:
    message = hub.send("answer")
    hub.drain()
    assert state(message) == "failed"
    assert "neither a response to a charge nor any text" in message.reason
    assert partner.seen == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_deliver_everything_exactly_once(hub: Any, partner: Partner) -> None:
    Endpoint.objects.update(timeout_seconds=60)  # a busy machine is not what this is about
    for number in range(20):
        hub.send(key=f"OFX-{number}")
        hub.send("amend", key=f"OFX-{number}", changes={"requested_date": "2026-05-05"})

    def work() -> None:
        try:
            delivery.work(hub.endpoint.pk, now, 10)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hub.drain(budget=60)
    assert Message.objects.exclude(state="delivered").count() == 0
    assert sorted(call.body["externalId"] for call in partner.calls("POST")) == sorted(f"OFX-{n}" for n in range(20))
    assert len(partner.calls("PATCH")) == 20

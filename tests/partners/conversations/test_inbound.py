"""Every line of HUB 3.1: the door, the inbox, and to whom news is applied."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from ofx.core.clock import now
from ofx.core.models import Event
from partners.connectors.registry import CONNECTORS
from partners.conversations import actions, inbox, polling
from partners.conversations.claim import claim_incoming, worker_name
from partners.models import Endpoint, Leg, Message
from tests.conftest import AT
from tests.partners.conversations.conftest import Partner, make_endpoint
from tests.partners.mapping.played import play

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def event(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A notification of Northfibre about our order OFX-1."""
    shown = {**play("northfibre", "clean")[number], **fields}
    return {
        "eventId": f"{shown['id']}-{number}",
        "eventTime": shown["lastUpdate"],
        "eventType": "E",
        "event": {"productOrder": shown},
    }


def post(endpoint: Endpoint, body: bytes | dict[str, Any], path: str = "", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"/hooks/{endpoint.inbound_key}/{path}"
    return Client().post(url, raw, content_type="application/json", headers=headers)


def signed(raw: bytes, event_id: str = "msg_1", secret: str = SECRET, ago: int = 0) -> dict[str, str]:
    at = timezone.now() - timedelta(seconds=ago)
    signature = Webhook(secret).sign(event_id, at, raw.decode("utf-8", "replace"))
    return {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def news() -> list[dict[str, Any]]:
    return [row for e in Event.objects.filter(name="message.received").order_by("pk") for row in e.payload["news"]]


@pytest.fixture
def pinned(hub: Any) -> Leg:
    """A leg whose id at the partner is known."""
    leg = hub.leg()
    Leg.objects.filter(pk=leg.pk).update(external_id="1")
    leg.refresh_from_db()
    return leg


def test_a_notification_is_stored_raw_answered_and_only_then_read(hub: Any, pinned: Leg) -> None:
    raw = json.dumps(event(2)).encode()
    answer = post(hub.endpoint, raw, "listener/productOrderStateChangeEvent", authorization="Bearer s3cret")
    assert answer.status_code == 201
    message = Message.objects.get()
    assert (bytes(message.raw), message.state, message.source_ip) == (raw, "stored", "127.0.0.1")
    assert message.headers["authorization"] == "••••"
    assert Event.objects.filter(name="message.received").count() == 0
    hub.read()
    message.refresh_from_db()
    assert (message.state, message.leg_id, message.mapping_version) == ("routed", pinned.pk, "northfibre/1")
    assert "ACKNOWLEDGED" in [row["update_type"] for row in news()]
    received = Event.objects.get(name="message.received")
    assert received.subject == f"leg:{pinned.pk}"
    assert received.payload["leg_subject"] == "partner_order:OFX-1"
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.last_sync_at is not None


def test_an_unknown_key_is_404_and_leaves_no_trace(db: Any) -> None:
    answer = Client().post("/hooks/nobody/", b"{}", content_type="application/json")
    assert answer.status_code == 404
    assert Message.objects.count() == 0
    assert Client().get("/hooks/nobody/").status_code == 404


def test_too_large_is_413_and_recorded_with_its_beginning(hub: Any, settings: Any) -> None:
    settings.INBOUND_MAX_BYTES = 10_000
    assert post(hub.endpoint, b"x" * 20_000).status_code == 413
    message = Message.objects.get()
    assert message.state == "rejected"
    assert "larger than 10,000" in message.reason
    assert len(bytes(message.raw)) == 4096


def test_a_flood_of_refused_calls_is_recorded_up_to_a_bound(hub: Any, settings: Any) -> None:
    secure(hub, "token")
    for _ in range(70):
        assert post(hub.endpoint, b"{}").status_code == 401
    assert Message.objects.count() == 60


def secure(hub: Any, secret: str) -> Endpoint:
    hub.endpoint.inbound_secret = secret
    hub.endpoint.save()
    return hub.endpoint


def test_only_the_right_signature_over_the_raw_bytes_is_believed(hub: Any, pinned: Leg) -> None:
    endpoint = secure(hub, SECRET)
    raw = json.dumps(event(2)).encode()
    assert post(endpoint, raw).status_code == 401
    assert post(endpoint, raw + b" ", **signed(raw)).status_code == 401
    assert post(endpoint, raw, **signed(raw, secret="whsec_" + base64.b64encode(b"x" * 32).decode())).status_code == 401
    assert post(endpoint, raw, **signed(raw, ago=3600)).status_code == 401
    assert post(endpoint, raw, **signed(raw, ago=-3600)).status_code == 401
    for header in ("webhook-signature", "webhook-timestamp", "webhook-id"):
        for junk in ("", "v1", "v1,", "v1,####", "nan", "99999999999999999999", "é", "v1,AAAA v2"):
            assert post(endpoint, raw, **{**signed(raw), header: junk}).status_code == 401
    assert post(endpoint, b"\xff\xfe", **signed(b"x")).status_code == 401
    assert set(Message.objects.values_list("state", flat=True)) == {"rejected"}
    assert post(endpoint, raw, **signed(raw)).status_code == 201
    assert Message.objects.filter(state="stored").count() == 1


def test_the_published_vector_of_standard_webhooks_verifies() -> None:
    webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = timezone.datetime.fromtimestamp(1614265330, tz=timezone.get_fixed_timezone(0))
    signature = webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_bearer_token_may_guard_the_door_too(hub: Any) -> None:
    endpoint = secure(hub, "plain-token")
    assert post(endpoint, b"{}").status_code == 401
    assert post(endpoint, b"{}", authorization="Bearer wrong").status_code == 401
    assert post(endpoint, b"{}", authorization="Bearer plain-token").status_code == 201


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"null",
        b"3",
        b"[1,2]",
        b"[" * 50_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"\x00\xff",
        b'{"event":{"productOrder":{"state":"\\u0000","id":"\\ud800"}}}',
    ],
)
def test_whatever_comes_is_answered_201_kept_and_told_to_a_person(hub: Any, raw: bytes) -> None:
    assert post(hub.endpoint, raw).status_code == 201
    hub.read()
    message = Message.objects.get()
    assert bytes(message.raw) == raw
    assert message.state in ("unrecognised", "unrouted", "rule_failed", "routed")
    assert message.state == "routed" or (message.reason and Event.objects.filter(name="message.unrouted").exists())


def test_the_same_event_again_is_stored_as_a_duplicate_and_tells_nothing_new(hub: Any, pinned: Leg) -> None:
    raw = json.dumps(event(2)).encode()
    for _ in range(3):
        assert post(hub.endpoint, raw, **{"webhook-id": "msg_1-2"}).status_code == 201
    hub.read()
    assert sorted(Message.objects.values_list("state", flat=True)) == ["duplicate", "duplicate", "routed"]
    first = Message.objects.get(state="routed")
    assert {row.caused_by_id for row in Message.objects.filter(state="duplicate")} == {first.pk}
    assert Event.objects.filter(name="message.received").count() == 1


def test_without_an_event_id_the_body_is_the_key(hub: Any, pinned: Leg) -> None:
    for _ in range(2):
        post(hub.endpoint, event(2))
    assert Message.objects.filter(state="duplicate").count() == 1


def test_the_same_event_id_at_two_endpoints_is_two_events(hub: Any) -> None:
    other = make_endpoint(hub.world.northfibre, "http://x", organisation=hub.world.brightwave)
    for endpoint in (hub.endpoint, other):
        post(endpoint, event(2), **{"webhook-id": "msg_1-2"})
    assert Message.objects.filter(state="stored").count() == 2


def test_a_colliding_id_of_another_partner_is_applied_to_nobody_else(hub: Any, pinned: Leg) -> None:
    """Both partners number their orders 1, 2, 3: news of the one must never reach the other's order."""
    other = make_endpoint(hub.world.northfibre, "http://x", dialect="eastwave", organisation=hub.world.brightwave)
    theirs = hub.leg("OFX-9", at=other)
    Leg.objects.filter(pk=theirs.pk).update(external_id="1")
    shown = {**play("eastwave", "clean")[3], "externalId": None}
    post(other, {"eventId": "1-3", "event": {"productOrder": shown}})
    hub.read()
    assert {e.payload["leg_subject"] for e in Event.objects.filter(name="message.received")} == {"partner_order:OFX-9"}
    post(hub.endpoint, {"eventId": "1-4", "event": {"productOrder": {**shown, "id": "1", "externalId": "OFX-9"}}})
    hub.read()
    pinned.refresh_from_db()
    assert Event.objects.filter(name="message.received", payload__leg_subject="partner_order:OFX-1").count() <= 1


def test_our_key_stamped_on_another_endpoints_order_is_not_applied_there(hub: Any, pinned: Leg) -> None:
    other = make_endpoint(hub.world.northfibre, "http://x", organisation=hub.world.brightwave)
    post(other, event(2))
    hub.read()
    assert Message.objects.get().state == "unrouted"
    assert "no order of ours" in Message.objects.get().reason
    assert news() == []


def test_a_second_order_under_our_key_is_a_persons_and_changes_nothing(hub: Any, pinned: Leg) -> None:
    post(hub.endpoint, event(2, id="77"))
    hub.read()
    assert Message.objects.get().state == "unrouted"
    pinned.refresh_from_db()
    assert (pinned.external_id, news()) == ("1", [])
    assert "second order 77" in pinned.attention
    assert Event.objects.filter(name="leg.needs_attention").count() == 1


def test_news_that_comes_before_the_answer_to_the_create_finds_its_leg(hub: Any, partner: Partner) -> None:
    leg = hub.leg()
    post(hub.endpoint, event(2))
    hub.read()
    leg.refresh_from_db()
    assert leg.external_id == "1"
    assert news()
    hub.send()
    hub.drain()
    leg.refresh_from_db()
    assert (leg.external_id, leg.attention) == ("1", "")


def test_poison_that_fails_the_reader_runs_out_of_attempts_and_others_flow(
    hub: Any, pinned: Leg, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(hub.endpoint, b'{"poison": true}')
    post(hub.endpoint, event(2))
    parse = CONNECTORS["tmf622"].parse

    def poisoned(raw: bytes, headers: Any) -> Any:
        if b"poison" in raw:
            raise RuntimeError("boom")
        return parse(raw, headers)

    monkeypatch.setattr(CONNECTORS["tmf622"], "parse", poisoned)
    for _ in range(8):
        hub.read()
        hub.due()
    states = dict(Message.objects.values_list("state", "reason"))
    assert states["rule_failed"] == "RuntimeError: boom"
    assert states["routed"] == ""
    assert Message.objects.get(state="rule_failed").attempt == inbox.MAX_ATTEMPTS


def test_a_payload_that_kills_its_worker_runs_out_of_attempts_too(hub: Any, pinned: Leg) -> None:
    post(hub.endpoint, event(2))
    for _ in range(inbox.MAX_ATTEMPTS):
        assert len(claim_incoming(5, worker_name())) == 1
        Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    hub.read()
    message = Message.objects.get()
    assert message.state == "rule_failed"
    assert "ended the worker" in message.reason


def test_a_read_whose_lease_was_lost_tells_nothing(hub: Any, pinned: Leg) -> None:
    post(hub.endpoint, event(2))
    [slow] = claim_incoming(5, worker_name())
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    [fast] = claim_incoming(5, worker_name())
    inbox.read(fast, at=AT)
    inbox.read(slow, at=AT)
    assert Event.objects.filter(name="message.received").count() == 1


def test_replay_reads_the_same_bytes_anew_and_twice_is_once(hub: Any) -> None:
    post(hub.endpoint, event(2))
    hub.read()
    lost = Message.objects.get()
    assert lost.state == "unrouted"
    hub.leg()
    again = actions.replay(message=lost, actor=hub.world.alice, at=AT)
    assert actions.replay(message=lost, actor=hub.world.alice, at=AT).pk == again.pk
    hub.read()
    again.refresh_from_db()
    lost.refresh_from_db()
    assert (again.state, lost.state, again.caused_by_id) == ("routed", "superseded", lost.pk)
    assert bytes(again.raw) == bytes(lost.raw)
    assert news()


def test_drift_is_told(hub: Any, pinned: Leg) -> None:
    shown = play("northfibre", "unknown_code")[-1]
    post(hub.endpoint, {"eventId": "1-9", "event": {"productOrder": shown}})
    hub.read()
    assert Event.objects.get(name="mapping.drifted").payload["words"] == ["reason QUANTUM_FLUX"]
    assert Message.objects.get().canonical["unmapped"] == ["reason QUANTUM_FLUX"]


def test_the_end_of_an_order_ends_the_asking_but_never_the_link(hub: Any, pinned: Leg) -> None:
    post(hub.endpoint, event(6))
    hub.read()
    pinned.refresh_from_db()
    assert pinned.closed_at is not None
    assert pinned.next_refresh_at is None
    post(hub.endpoint, event(4))
    hub.read()
    assert Message.objects.filter(state="routed", leg=pinned).count() == 2


def test_a_cancel_task_that_came_too_late_is_a_refusal(hub: Any, pinned: Leg) -> None:
    task = {"id": "4", "productOrder": {"id": "1"}, "state": "terminatedWithError", "refusalReason": "ORDER_ENDED: x"}
    post(hub.endpoint, {"eventId": "1-9", "eventTime": "2026-03-02T09:00:00Z", "event": {"cancelProductOrder": task}})
    hub.read()
    assert [row["update_type"] for row in news()] == ["CANCEL_REFUSED"]


def test_the_door_opens_for_post_only(hub: Any) -> None:
    url = f"/hooks/{hub.endpoint.inbound_key}/"
    assert Client().get(url).status_code == 405
    assert Client().put(url).status_code == 405
    assert Client(enforce_csrf_checks=True).post(url, b"{}", content_type="text/plain").status_code == 201
    assert Client().post(url[:-1], b"{}", content_type="text/plain").status_code == 201


def test_a_partner_that_refuses_our_subscription_is_asked_again_and_polled_meanwhile(
    hub: Any, partner: Partner
) -> None:
    def hub_is_broken(call: Any) -> tuple[int, Any] | None:
        return (500, {"code": "BROKEN"}) if call.path.endswith("/hub") else partner.normal(call)

    partner.script = [hub_is_broken]
    Endpoint.objects.update(poll_seconds=0)
    polling.poll_due(now)
    hub.endpoint.refresh_from_db()
    assert hub.endpoint.hub_id == ""
    assert "BROKEN" in hub.endpoint.last_error
    assert polling.due_polls() == []  # not before its pause is over
    Endpoint.objects.update(poll_seconds=5, next_poll_at=None)
    partner.script = [hub_is_broken]
    polling.poll_due(now)
    hub.endpoint.refresh_from_db()
    assert partner.calls("GET", "/productOrder")
    assert hub.endpoint.last_sync_at is not None
    assert "BROKEN" in hub.endpoint.last_error
    Endpoint.objects.update(next_poll_at=None)
    polling.poll_due(now)
    hub.endpoint.refresh_from_db()
    assert (hub.endpoint.hub_id, hub.endpoint.last_error) == ("1", "")

"""Orders to the simulated partners and back, over real HTTP and real mail."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ofx.core.clock import now
from ofx.core.models import Event
from partners.connectors.registry import connector_for
from partners.conversations import actions, polling
from partners.models import Endpoint, Leg, Message
from sandbox.process import Running
from tests.conftest import AT
from tests.partners.connectors.conftest import endpoint_at, work
from tests.partners.conversations.conftest import order

pytestmark = pytest.mark.django_db


def place(world: Any, endpoint: Endpoint, scenario: str = "clean") -> Leg:
    key = f"T-{uuid.uuid4().hex[:10]}"
    leg = actions.open_leg(
        organisation=world.brightwave,
        case=f"order:{key}",
        subject=f"partner_order:{key}",
        endpoint=endpoint,
        our_key=key,
        at=AT,
        simulated=True,
    )
    made = order(key, scenario=scenario, simulated=True)
    actions.send(leg=leg, verb="create", order=made, at=AT, actor=None)
    return leg


def until(done: Callable[[], bool], step: Callable[[], None], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, list(Message.objects.values_list("direction", "verb", "state", "reason"))[-20:]
        step()
        time.sleep(0.1)


def facts(leg: Leg) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for event in Event.objects.filter(name="message.received", subject=f"leg:{leg.pk}").order_by("pk"):
        for news in event.payload["news"]:
            rows.setdefault(news["dedupe_key"], news)
    return rows


def kinds(leg: Leg) -> list[str]:
    told = sorted(facts(leg).values(), key=lambda news: (news["sequence"], news["issued_at"]))
    return [news["update_type"] for news in told if news["update_type"] not in ("UPDATE", "MILESTONE", "REAPPOINTED")]


def closed(leg: Leg) -> bool:
    leg.refresh_from_db()
    return leg.closed_at is not None


@pytest.mark.parametrize("name", ["northfibre", "southlink", "eastwave", "mailtel"])
def test_an_order_lives_its_life_at_every_partner_by_polling_alone(world: Any, sandbox: Running, name: str) -> None:
    endpoint = endpoint_at(sandbox, name)
    leg = place(world, endpoint, "delay")
    told = ["ACKNOWLEDGED", "COMMITTED", "DELAY", "RESUMED", "COMPLETED"]  # in whatever order the news were read
    until(lambda: closed(leg) and len(kinds(leg)) >= len(told), lambda: work(endpoint))
    assert kinds(leg) == told
    [there] = sandbox.orders(name, external_id=leg.our_key)
    assert there["id"] == leg.external_id
    endpoint.refresh_from_db()
    assert endpoint.last_sync_at is not None
    assert leg.attention == ""


@pytest.mark.parametrize("name", ["northfibre", "southlink", "eastwave", "mailtel"])
@pytest.mark.parametrize("scenario", ["timeout_after_commit", "reset_after_commit", "html_200", "error_5xx"])
def test_whatever_happens_to_the_answer_the_partner_has_the_order_once(
    world: Any, sandbox: Running, name: str, scenario: str
) -> None:
    sandbox.control("faults", {"partner": name, "hold_seconds": 3})
    endpoint = endpoint_at(sandbox, name, timeout_seconds=1)
    leg = place(world, endpoint, scenario)
    until(lambda: closed(leg), lambda: work(endpoint), 30)
    assert len(sandbox.orders(name, external_id=leg.our_key)) == 1
    assert kinds(leg)[-1] == "COMPLETED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["northfibre", "eastwave"])
def test_webhooks_alone_carry_every_fact_although_they_repeat_and_reorder(
    world: Any, sandbox: Running, live_server: Any, settings: Any, name: str
) -> None:
    settings.OFX_BASE_URL = live_server.url
    endpoint = endpoint_at(sandbox, name)
    polling.subscribe(endpoint)
    first = endpoint.hub_id
    assert polling.subscribe(endpoint) == first  # reconciled, not appended
    legs = [place(world, endpoint, "delay") for _ in range(3)]
    Endpoint.objects.update(poll_seconds=0)
    until(lambda: all(closed(leg) for leg in legs), lambda: work(endpoint))
    until(lambda: not Message.objects.filter(state="stored").exists(), lambda: work(endpoint))
    for leg in legs:
        shown = sandbox.api(name, "GET", f"/productOrder/{leg.external_id}").json()
        assert max(news["sequence"] for news in facts(leg).values()) == shown["sequence"]
        assert len(kinds(leg)) >= 5
    assert not Message.objects.filter(state__in=["rejected", "unrouted", "rule_failed"]).exists()


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_only_pushes_is_subscribed_to_by_the_sweep_and_tells_everything(
    world: Any, sandbox: Running, live_server: Any, settings: Any
) -> None:
    settings.OFX_BASE_URL = live_server.url
    endpoint = endpoint_at(sandbox, "northfibre", poll_seconds=0)
    assert polling.due_polls() == [endpoint.pk]
    polling.poll_due(now)
    endpoint.refresh_from_db()
    assert endpoint.hub_id not in ("", polling.NO_HUB)
    assert polling.due_polls() == []
    leg = place(world, endpoint)
    until(lambda: closed(leg), lambda: work(endpoint))
    assert kinds(leg)[-1] == "COMPLETED"
    assert not Message.objects.filter(direction="in", verb="poll").exists()


def test_the_same_facts_by_webhook_and_by_poll_have_the_same_keys(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "northfibre")
    leg = place(world, endpoint)
    until(lambda: closed(leg), lambda: work(endpoint))
    before = set(facts(leg))
    shown = sandbox.api("northfibre", "GET", f"/productOrder/{leg.external_id}").content
    Message.objects.create(
        endpoint=endpoint,
        direction="in",
        state="stored",
        verb="notification",
        raw=b'{"event": {"productOrder": ' + shown + b"}}",
        created_at=AT,
        next_attempt_at=timezone.now(),
    )
    work(endpoint)
    assert set(facts(leg)) == before


def test_a_poll_misses_nothing_of_a_list_that_moves_repeats_and_is_not_stable(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "southlink")
    legs = [place(world, endpoint) for _ in range(45)]  # more than two of its pages, most within the same second
    until(lambda: all(closed(leg) for leg in legs), lambda: work(endpoint), 40)
    for leg in legs:
        assert kinds(leg)[-1] == "COMPLETED"
    polled = Message.objects.filter(verb="poll")
    assert not polled.filter(state="duplicate").exists()
    assert polled.values("dedupe_key").distinct().count() == polled.count()


def test_a_stale_case_is_asked_for_and_a_refresh_asks_at_once(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "southlink", poll_seconds=0)
    leg = place(world, endpoint)
    work(endpoint)
    leg.refresh_from_db()
    assert leg.external_id
    assert polling.refresh_due(now) == 0
    time.sleep(1.5)
    actions.refresh(leg=leg, at=AT)
    assert polling.refresh_due(now) == 1
    work(endpoint)
    assert "ACKNOWLEDGED" in kinds(leg)
    assert Message.objects.filter(verb="query").count() == 1


def test_amend_answer_and_cancel_are_done_at_the_partner(world: Any, sandbox: Running) -> None:
    sandbox.control("clock", {"factor": 0.02})
    try:
        for name in ("northfibre", "eastwave"):
            endpoint = endpoint_at(sandbox, name)
            leg = place(world, endpoint)
            work(endpoint)
            leg.refresh_from_db()
            made = order(leg.our_key, changes={"requested_date": "2031-05-05"})
            amend = actions.send(leg=leg, verb="amend", order=made, at=AT, actor=None)
            cancel = actions.send(leg=leg, verb="cancel", order=order(leg.our_key, reason="moved"), at=AT, actor=None)
            work(endpoint)
            amend.refresh_from_db()
            cancel.refresh_from_db()
            assert (amend.state, cancel.state) == ("delivered", "delivered")
            shown = sandbox.api(name, "GET", f"/productOrder/{leg.external_id}").json()
            assert shown["amendment"][0]["to"][:10] == "2031-05-05"
            sandbox.control("clock", {"factor": 1})
            until(lambda leg=leg: closed(leg), lambda endpoint=endpoint: work(endpoint))
            assert kinds(leg)[-1] == "CANCELLED"
            sandbox.control("clock", {"factor": 0.02})
    finally:
        sandbox.control("clock", {"factor": 1})


def test_a_charge_accepted_by_mail_lets_the_order_go_on(world: Any, sandbox: Running) -> None:
    sandbox.control("clock", {"factor": 0.1})
    try:
        endpoint = endpoint_at(sandbox, "mailtel")
        leg = place(world, endpoint, "excess_charge")
        until(lambda: "CHARGE_RAISED" in kinds(leg), lambda: work(endpoint))
        made = order(leg.our_key, changes={"charge_id": "1", "response": "accepted"})
        actions.send(leg=leg, verb="answer", order=made, at=AT, actor=None)
        work(endpoint)
        sandbox.control("clock", {"factor": 1})
        until(lambda: closed(leg), lambda: work(endpoint))
        assert kinds(leg)[-1] == "COMPLETED"
    finally:
        sandbox.control("clock", {"factor": 1})


@pytest.mark.parametrize("name", ["northfibre", "mailtel"])
def test_a_probe_tells_credentials_permissions_and_clock(world: Any, sandbox: Running, name: str) -> None:
    endpoint = endpoint_at(sandbox, name)
    findings = connector_for(endpoint.kind).probe(endpoint, now())
    assert all(finding.ok for finding in findings), findings
    assert len(findings) >= 3


def test_a_probe_with_a_wrong_token_says_so(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "northfibre", token="wrong")
    [finding] = connector_for(endpoint.kind).probe(endpoint, now())
    assert (finding.name, finding.ok) == ("Credentials", False)


def test_refused_credentials_of_a_poll_pause_the_endpoint(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "southlink", token="wrong", hub_id="none")
    polling.poll(endpoint.pk, now)
    endpoint.refresh_from_db()
    assert endpoint.state == "auth_failed"


def test_mails_are_stored_once_although_the_mover_died(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "mailtel")
    leg = place(world, endpoint)
    until(lambda: closed(leg), lambda: work(endpoint))
    time.sleep(1)
    work(endpoint)
    count = Message.objects.filter(verb="mail").count()
    moved = sorted((sandbox.mailbox / "cur").iterdir())
    for path in moved:
        path.rename(sandbox.mailbox / "new" / path.name.partition(":")[0])
    work(endpoint)
    mails = Message.objects.filter(verb="mail", leg=leg).exclude(state="duplicate")
    assert mails.values("dedupe_key").distinct().count() == mails.count()
    assert Message.objects.filter(verb="mail", leg=leg).count() <= count
    assert list((sandbox.mailbox / "new").iterdir()) == []


def test_a_mail_of_a_stranger_is_refused_and_kept(world: Any, sandbox: Running) -> None:
    endpoint = endpoint_at(sandbox, "mailtel")
    mail = b"From: eve@example.com\r\nMessage-ID: <x@y>\r\nSubject: hi\r\n\r\nour_key\r\n"
    (sandbox.mailbox / "new").mkdir(parents=True, exist_ok=True)
    (sandbox.mailbox / "new" / f"{uuid.uuid4().hex}.eve").write_bytes(mail)
    work(endpoint)
    message = Message.objects.get(state="rejected")
    assert "the sender is not" in message.reason

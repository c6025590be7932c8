"""Faults, line tests and outages at the simulated partners, over real HTTP and real mail."""

import uuid
from typing import Any

import pytest

from ofx.core.clock import now
from ofx.core.models import Event
from partners.connectors.asking import NotDone, Refused
from partners.connectors.registry import connector_for
from partners.connectors.tmf653 import client as tester
from partners.conversations import actions, polling
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket
from partners.models import Endpoint, Leg, Message
from sandbox.care.open import services
from sandbox.process import Running
from tests.conftest import AT
from tests.partners.connectors.conftest import endpoint_at, work
from tests.partners.connectors.test_sandbox import facts, until

pytestmark = pytest.mark.django_db
ASKED = {
    "northfibre": ("SERVICE_HAS_WORKED", "CPE_CHECKED", "SYNC_LIGHT", "24HR_ACCESS"),
    "southlink": ("SERVICE_HAS_WORKED", "CPE_POWER", "REPEAT_PROBLEM"),
    "eastwave": ("SERVICE_HAS_WORKED", "ONT_POWER", "USAGE_CHANGES"),
}


def way(sandbox: Running, partner: str, kind: str, **fields: Any) -> Endpoint:
    """An endpoint of kind tmf621 or tmf656 at a simulated partner, that tests lines as well."""
    roots = services(sandbox.url, partner)
    more = {"kind": kind, "base_url": roots[kind], "services": {"tmf653": roots["tmf653"]}}
    return endpoint_at(sandbox, partner, **more | fields)


def measured(sandbox: Running, at: Endpoint, partner: str, service: str, code: str = "ONT_NO_LIGHT") -> tester.Found:
    """A finished test of a line that was put into a state before."""
    sandbox.control("line", {"partner": partner, "service": service, "code": code})
    found = tester.start(at, tester.Wish(key=f"T-{uuid.uuid4().hex[:8]}", service_ref=service))
    rows = [found]

    def look() -> None:
        seen = tester.look(at, found.ref)
        assert seen is not None
        rows.append(seen)

    until(lambda: rows[-1].state == "completed", look)
    return rows[-1]


def leg_for(world: Any, at: Endpoint, what: str = "partner_ticket") -> Leg:
    key = f"F-{uuid.uuid4().hex[:10]}"
    return actions.open_leg(
        organisation=world.brightwave, case=f"ticket:{key}", subject=f"{what}:{key}", endpoint=at, our_key=key, at=AT,
        simulated=True,
    )  # fmt: skip


def fault(leg: Leg, partner: str, scenario: str, test: tester.Found | None = None, **fields: Any) -> OutboundTicket:
    given: dict[str, Any] = {"severity": "significant", "impact": "down", "service_ref": f"S-{leg.our_key}"}
    given["characteristics"] = dict.fromkeys(ASKED[partner], "yes")
    if test is not None:
        given["test"] = {"id": test.ref, "code": test.code, "colour": test.colour}
    return OutboundTicket(
        our_key=leg.our_key, reference="FLT-1", title="No connection", description="Dead", scenario=scenario,
        simulated=True, provider_name="Brightwave", **given | fields,
    )  # fmt: skip


def raise_fault(world: Any, sandbox: Running, at: Endpoint, partner: str, scenario: str) -> Leg:
    """A fault of a line that tests red, sent to the partner."""
    leg = leg_for(world, at)
    found = measured(sandbox, at, partner, f"S-{leg.our_key}")
    actions.send(leg=leg, verb="create", order=fault(leg, partner, scenario, found), at=AT, actor=None)
    return leg


def told(leg: Leg) -> list[str]:
    """The states that were told, in their order."""
    rows = sorted(facts(leg).values(), key=lambda news: (news["sequence"] or 0, news["issued_at"]))
    return [news["state"] for news in rows if news["update_type"] in ("STATE", "RESOLVED")]


@pytest.mark.parametrize("partner", ["northfibre", "southlink", "eastwave"])
def test_a_question_is_answered_and_the_fault_solved_in_every_dialect(
    partner: str, world: Any, sandbox: Running
) -> None:
    at = way(sandbox, partner, "tmf621")
    leg = raise_fault(world, sandbox, at, partner, "question")
    until(lambda: any(news["update_type"] == "QUESTION" for news in facts(leg).values()), lambda: work(at))
    answer = fault(leg, partner, "", text="He is at home all day", note_key="note:1")
    actions.send(leg=leg, verb="answer", order=answer, at=AT, actor=None)
    until(lambda: told(leg)[-1:] == ["resolved"], lambda: work(at))
    assert "pending" in told(leg)
    solved = next(news for news in facts(leg).values() if news["update_type"] == "RESOLVED")
    assert solved["clear_code"] in ("FIXED_NETWORK", "ONT_REPLACED")
    assert solved["chargeable"] is False
    actions.send(leg=leg, verb="close", order=fault(leg, partner, "", text="It works"), at=AT, actor=None)
    until(lambda: told(leg)[-1:] == ["closed"], lambda: work(at))
    notes = [news["text"] for news in facts(leg).values() if news["update_type"] == "NOTE"]
    assert not [text for text in notes if "at home" in text or "Dead" in text]
    assert not Message.objects.filter(leg=leg, state__in=["failed", "rule_failed", "partial"]).exists()
    assert not [word for news in facts(leg).values() for word in news["unmapped"]]
    leg.refresh_from_db()
    assert leg.closed_at is not None


def test_a_delay_a_file_and_a_reopening_are_understood(world: Any, sandbox: Running) -> None:
    at = way(sandbox, "northfibre", "tmf621")
    held, report, again = (
        raise_fault(world, sandbox, at, "northfibre", name) for name in ("held", "report", "reopened")
    )
    until(lambda: all(told(leg)[-1:] == ["resolved"] for leg in (held, report, again)), lambda: work(at))
    wait = next(news for news in facts(held).values() if news["state"] == "held")
    assert wait["clock_owner"] in ("partner", "third_party", "force_majeure")
    assert wait["reason"]
    assert [news["attachment"]["base64"] for news in facts(report).values() if news["update_type"] == "ATTACHMENT"]
    actions.send(leg=again, verb="reopen", order=fault(again, "northfibre", "", text="Still dead"), at=AT, actor=None)
    until(lambda: told(again).count("resolved") == 2, lambda: work(at))


@pytest.mark.parametrize("scenario", ["timeout_after_commit", "reset_after_commit", "html_200", "error_5xx"])
def test_a_fault_is_never_raised_twice(scenario: str, world: Any, sandbox: Running) -> None:
    at = way(sandbox, "eastwave", "tmf621")
    leg = raise_fault(world, sandbox, at, "eastwave", scenario)

    def again() -> None:
        Message.objects.filter(state="queued").update(next_attempt_at=now())
        work(at)

    until(lambda: Message.objects.filter(leg=leg, verb="create", state="delivered").exists(), again)
    assert len([row for row in sandbox.cases("eastwave") if row["externalId"] == leg.our_key]) == 1


def test_what_the_partner_misses_is_told_in_its_words(world: Any, sandbox: Running) -> None:
    at = way(sandbox, "northfibre", "tmf621")
    leg = leg_for(world, at)
    lacking = fault(leg, "northfibre", "clean", characteristics={"CPE_CHECKED": "yes"})
    message = actions.send(leg=leg, verb="create", order=lacking, at=AT, actor=None)
    work(at)
    message.refresh_from_db()
    assert message.state == "failed"
    assert "is required" in message.reason


def test_lines_are_tested_with_consent_colour_measures_and_by_our_key(world: Any, sandbox: Running) -> None:
    at = way(sandbox, "southlink", "tmf621")
    found = measured(sandbox, at, "southlink", "L-1", "ONT_OFFLINE")
    assert (found.colour, found.code, found.stale) == ("red", "ONT_OFFLINE", True)
    assert found.text
    assert all(measure.name for measure in found.measures)
    assert tester.look(at, "", found.key) == found
    assert tester.look(at, "nobody-knows") is None
    with pytest.raises(Refused, match="CONSENT_REQUIRED"):
        tester.start(at, tester.Wish(key="T-9", service_ref="L-1", kind="ont_reset"))
    agreed = tester.start(at, tester.Wish(key="T-10", service_ref="L-1", kind="ont_reset", consent="Pat, 09:00"))
    assert agreed.state
    Endpoint.objects.filter(pk=at.pk).update(token="wrong")
    at.refresh_from_db()
    with pytest.raises(NotDone):
        tester.look(at, found.ref)
    operator, organisation = at.operator, world.brightwave
    assert operator is not None
    assert actions.line_tester(operator=operator, organisation=organisation) == at


def test_an_outage_of_ours_lies_there_and_is_cleared(world: Any, sandbox: Running) -> None:
    at = way(sandbox, "northfibre", "tmf656")
    leg = leg_for(world, at, "outage_party")
    given: dict[str, Any] = {"our_key": leg.our_key, "reference": "OUT-1", "title": "Exchange dark", "text": "Power"}
    given |= {"service_refs": ("17", "18"), "postcodes": ("M1 1",), "expected_at": AT, "affected": 2, "started_at": AT}
    actions.send(leg=leg, verb="create", order=OutboundProblem(**given), at=AT, actor=None)
    news = OutboundProblem(**given | {"text": "Engineers are there", "note_key": "update:1"})
    actions.send(leg=leg, verb="note", order=news, at=AT, actor=None)
    over = OutboundProblem(**given | {"text": "Power is back", "ended_at": AT})
    actions.send(leg=leg, verb="clear", order=over, at=AT, actor=None)
    until(lambda: Message.objects.filter(leg=leg, state="delivered").count() == 3, lambda: work(at))
    row = next(row for row in sandbox.cases("northfibre", "problems") if row["doc"]["id"] == leg_id(leg))
    assert row["state"] == "resolved"
    assert [note["text"] for note in row["doc"]["note"]].count("Engineers are there") == 1
    until(lambda: "resolved" in told(leg), lambda: work(at))
    assert not [n for n in facts(leg).values() if n["text"] == "Engineers are there"]
    assert {news["entity"] for news in facts(leg).values()} == {"problem"}


def leg_id(leg: Leg) -> str:
    """The partner's id of a case."""
    leg.refresh_from_db()
    return leg.external_id


def test_an_outage_that_begins_with_the_partner_is_told_upwards(world: Any, sandbox: Running) -> None:
    at = way(sandbox, "southlink", "tmf656")
    body = {"partner": "southlink", "act": "raise", "sectors": ["M1 1"], "services": ["17"], "title": "Fibre cut"}
    sandbox.control("outage", body | {"text": "A digger", "hours": 4})
    until(lambda: Event.objects.filter(name="problem.reported").exists(), lambda: work(at))
    payload = Event.objects.filter(name="problem.reported").latest("pk").payload
    assert (payload["title"], payload["planned"], payload["service_refs"]) == ("Fibre cut", False, ["17"])
    assert payload["places"] == [{"kind": "PostcodeSector", "value": "M1 1"}]
    assert payload["operator_id"] == at.operator_id
    assert payload["expected_at"] > payload["started_at"]
    assert Message.objects.get(pk=payload["message_id"]).state == "routed"
    assert not Event.objects.filter(name="message.unrouted").exists()
    legs = [_case_of(one, at, payload["external_id"]) for one in (world.brightwave, world.cobalt)]
    sandbox.control("outage", {"partner": "southlink", "act": "end", "id": payload["external_id"]})
    until(lambda: all(told(leg)[-1:] == ["resolved"] for leg in legs), lambda: work(at))


def _case_of(organisation: Any, at: Endpoint, external_id: str) -> Leg:
    """A tenant's own case about a partner's outage."""
    key = f"O-{uuid.uuid4().hex[:10]}"
    return actions.open_leg(
        organisation=organisation, case=f"outage:{key}", subject=f"outage_party:{key}", endpoint=at, our_key=key,
        at=AT, simulated=True, external_id=external_id,
    )  # fmt: skip


def test_planned_works_by_mail_are_told_upwards_with_the_raw_mail_kept(sandbox: Running) -> None:
    at = endpoint_at(sandbox, "mailtel", services={"mail_from": "planned-works@mailtel.example"})
    work(at)
    body = {"partner": "mailtel", "id": "MW-77", "circuits": ["MT-000001"], "status": "CONFIRMED", "impact": "OUTAGE"}
    sandbox.control("works", body | {"start": "2026-12-01T22:00:00Z", "end": "2026-12-02T04:00:00Z"})
    until(lambda: Event.objects.filter(name="maintenance.received").exists(), lambda: work(at))
    payload = Event.objects.get(name="maintenance.received").payload
    assert payload["calendar"] is True
    assert b"MW-77" in bytes(Message.objects.get(pk=payload["message_id"]).raw)


@pytest.fixture
def itsm(world: Any, sandbox: Running) -> Endpoint:
    """A customer's own system."""
    system = sandbox.config.system("harbour-itsm")
    customer = world.harbour
    return Endpoint.objects.create(
        organisation=world.brightwave, customer=customer, kind="tmf621", name="Harbour desk", token=system.token,
        base_url=services(sandbox.url, "harbour-itsm")["tmf621"], inbound_secret=system.webhook_secret,
        inbound_key=f"hook-itsm-{uuid.uuid4().hex}", simulated=True, timeout_seconds=2, poll_seconds=1,
        rate_per_minute=60_000,
    )  # fmt: skip


def test_a_customers_own_system_is_told_and_tells_without_an_echo(itsm: Endpoint, world: Any, sandbox: Running) -> None:
    leg = leg_for(world, itsm, "customer_ticket")
    first = OutboundTicket(our_key=leg.our_key, reference="FLT-2", title="Phones dead", description="All of them")
    actions.send(leg=leg, verb="create", order=first, at=now(), actor=None)
    more = {"our_key": leg.our_key, "reference": "FLT-2", "title": "Phones dead"}
    note = OutboundTicket(**more, text="We look at it", note_key="note:7", provider_name="Brightwave")
    actions.send(leg=leg, verb="note", order=note, at=now(), actor=None)
    state = OutboundTicket(**more, state="in_progress", text="An engineer is on it")
    actions.send(leg=leg, verb="status", order=state, at=now(), actor=None)
    until(lambda: Message.objects.filter(leg=leg, state="delivered").count() == 3, lambda: work(itsm))
    body = {"system": "harbour-itsm", "act": "note", "id": leg_id(leg), "text": "The shop is shut", "author": "Nia"}
    sandbox.control("itsm", body)
    until(lambda: any(news["text"] == "The shop is shut" for news in facts(leg).values()), lambda: work(itsm))
    assert [news["text"] for news in facts(leg).values() if news["update_type"] == "NOTE"] == ["The shop is shut"]
    assert "in_progress" not in told(leg)
    sandbox.control("itsm", {"system": "harbour-itsm", "act": "raise", "title": "Till is down", "text": "Help"})
    until(lambda: Event.objects.filter(name="ticket.reported").exists(), lambda: work(itsm))
    assert Event.objects.filter(name="ticket.reported").latest("pk").payload["customer_id"] == itsm.customer_id


@pytest.mark.parametrize("kind", ["tmf621", "tmf656"])
def test_the_connection_is_tested_by_reading(kind: str, sandbox: Running) -> None:
    at = way(sandbox, "northfibre", kind)
    found = {line.name: line.ok for line in connector_for(kind).probe(at, now())}
    assert found["Credentials"]
    assert found["Finding by our key"]
    polling.subscribe(at)
    assert at.hub_id not in ("", "none")

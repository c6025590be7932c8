"""Planned works: notices that are read by themselves, those that a person reads, and what partners report."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core import sweeps
from ofx.core.events.actions import publish
from ofx.core.models import Alert, Mail
from ofx.core.transitions import IllegalTransition
from partners.models import Endpoint, Leg, Message
from tests.conftest import AT, person
from tests.ticketing.outages.conftest import fault, settle
from ticketing.outages import actions, maildir, parties, planned, queries, reporting
from ticketing.outages.models import MaintenanceNotice, Outage
from ticketing.tickets.models import ServiceTest

pytestmark = pytest.mark.django_db
WINDOW = datetime(2026, 3, 10, 23, tzinfo=UTC), datetime(2026, 3, 11, 4, tzinfo=UTC)


def calendar(
    status: str = "CONFIRMED", circuit: str = "NF-1", start: datetime = WINDOW[0], impact: str = "OUTAGE"
) -> bytes:
    """A calendar file of the maintenance-note standard."""
    return f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Maint Note//https://github.com/maint-notification//
BEGIN:VEVENT
SUMMARY:New amplifier
DTSTART;VALUE=DATE-TIME:{start:%Y%m%dT%H%M%SZ}
DTEND;VALUE=DATE-TIME:{start + timedelta(hours=5):%Y%m%dT%H%M%SZ}
DTSTAMP;VALUE=DATE-TIME:20260301T010000Z
UID:42
SEQUENCE:1
X-MAINTNOTE-PROVIDER:northfibre
X-MAINTNOTE-ACCOUNT:1
X-MAINTNOTE-MAINTENANCE-ID:WO-31
X-MAINTNOTE-IMPACT:{impact}
X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT={impact}:{circuit}
X-MAINTNOTE-STATUS:{status}
ORGANIZER;CN="Northfibre NOC":mailto:noc@example.com
END:VEVENT
END:VCALENDAR
""".encode()


def letter(text: str = "We dig in your street.", file: bytes = b"") -> bytes:
    """A mail, with a calendar file if one is given."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "noc@northfibre.example", "Works", "Mon, 2 Mar 2026 08:00:00 +0000"
    mail.set_content(text)
    if file:
        mail.add_attachment(file, maintype="text", subtype="calendar", filename="works.ics")
    return mail.as_bytes()


def take(net: SimpleNamespace, raw: bytes, hours: float = 0) -> MaintenanceNotice:
    at = AT + timedelta(hours=hours)
    return actions.take_notice(organisation=net.brightwave, raw=raw, actor=None, at=at)


def test_a_readable_notice_becomes_planned_work_that_a_person_approves(net: SimpleNamespace) -> None:
    service, _ = net.services(2)
    raw = letter(file=calendar())
    notice = take(net, raw)
    assert (notice.state, notice.problem) == ("read", "")
    assert take(net, raw).pk == notice.pk, "the same mail twice is one"
    outage = Outage.objects.get()
    assert (outage.state, outage.planned, outage.window_start, outage.window_end) == ("candidate", True, *WINDOW)
    assert (outage.partner_ref, outage.operator, outage.source) == ("WO-31", net.north, "mail")
    assert Mail.objects.count() == 0, "nobody is told before somebody approved it"
    actions.approve(outage=outage, actor=net.alice, at=AT)
    settle()
    assert [child.service for child in outage.children.all()] == [service]
    assert Mail.objects.get().subject.startswith("Planned work:")
    before, during = WINDOW[0] - timedelta(hours=1), WINDOW[0] + timedelta(hours=1)
    assert queries.covering(organisation=net.brightwave, service=service, at=before) is None
    assert queries.covering(organisation=net.brightwave, service=service, at=during) == outage


def test_a_moved_notice_moves_the_work_and_tells_a_called_off_one_ends_it(net: SimpleNamespace) -> None:
    net.services(1)
    take(net, calendar())
    outage = Outage.objects.get()
    actions.approve(outage=outage, actor=net.alice, at=AT)
    settle()
    take(net, calendar("RE-SCHEDULED", start=WINDOW[0] + timedelta(days=1)), hours=1)
    settle(90)
    outage.refresh_from_db()
    assert outage.window_start == outage.started_at == WINDOW[0] + timedelta(days=1)
    assert Mail.objects.filter(subject__startswith="Update:").count() == 1
    take(net, calendar("CANCELLED", start=WINDOW[0] + timedelta(days=1)), hours=2)
    outage.refresh_from_db()
    assert outage.state == "clearing"


def test_harmless_and_strange_circuits_do_what_they_should(net: SimpleNamespace) -> None:
    net.services(1)
    assert take(net, calendar(impact="NO-IMPACT")).state == "read"
    assert not Outage.objects.exists()
    notice = take(net, calendar(circuit="XX-9"))
    assert notice.state == "waiting"
    assert "None of its circuits" in notice.problem


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"BEGIN:VCALENDAR\nrubbish", letter(), b"BEGIN:VCALENDAR" * 999])
def test_what_nobody_can_read_waits_for_a_person(net: SimpleNamespace, raw: bytes) -> None:
    notice = take(net, raw)
    assert notice.state == "waiting"
    assert notice.problem
    assert Alert.objects.filter(user=net.alice, subject=f"notice:{notice.pk}").count() == 1


def test_a_person_makes_works_of_it_once(net: SimpleNamespace) -> None:
    notice = take(net, letter())
    given: dict[str, Any] = {
        "notice": notice, "actor": net.alice, "at": AT, "operator": net.north, "title": "Digging",
        "keys": [("sector", "SW1A1")], "window_start": WINDOW[0], "window_end": WINDOW[1],
    }  # fmt: skip
    outage = actions.settle_notice(**given)
    assert outage is not None
    assert (outage.planned, outage.state) == (True, "candidate")
    with pytest.raises(IllegalTransition):
        actions.settle_notice(**given)


def test_mails_in_the_providers_folder_are_read_once(net: SimpleNamespace, settings: Any, tmp_path: Path) -> None:
    settings.MAILBOX_DIR = tmp_path
    new = tmp_path / "works-brightwave" / "new"
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "works-brightwave" / folder).mkdir(parents=True)
    (new / "1.eml").write_bytes(letter())
    assert maildir.read_new(at=AT) == 1
    assert maildir.read_new(at=AT) == 0
    assert MaintenanceNotice.objects.get().organisation == net.brightwave


def test_works_announced_by_the_way_of_faults_are_read_too(net: SimpleNamespace) -> None:
    net.services(1)
    way = Endpoint.objects.create(operator=net.north, kind="email", name="Mail", inbound_key="kmail")
    raw = letter(file=calendar())
    message = Message.objects.create(endpoint=way, direction="in", state="processed", raw=raw, created_at=AT)
    told = {"message_id": message.pk, "operator_id": net.north.pk}
    publish("maintenance.received", f"message:{message.pk}", at=AT, organisation_id=None, **told)
    settle()
    assert MaintenanceNotice.objects.get().organisation == net.brightwave
    assert Outage.objects.get().partner_ref == "WO-31"


def test_one_step_of_the_sweep_that_fails_stops_no_other(net: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> int:
        raise OSError("the mailbox is gone")

    monkeypatch.setattr(maildir, "read_new", broken)
    net.services(1)
    take(net, calendar())
    with pytest.raises(OSError, match="mailbox"):
        sweeps.run("outages")
    assert Outage.objects.get().state == "rejected", "its window passed long ago"


def test_works_end_with_their_window(net: SimpleNamespace) -> None:
    net.services(1)
    take(net, calendar())
    outage = Outage.objects.get()
    actions.approve(outage=outage, actor=net.alice, at=AT)
    settle()
    assert planned.end_windows(at=WINDOW[1] - timedelta(minutes=1)) == 0
    assert planned.end_windows(at=WINDOW[1] + timedelta(minutes=1)) == 1
    outage.refresh_from_db()
    assert (outage.state, outage.cleared_at) == ("clearing", WINDOW[1])


def reported(net: SimpleNamespace, **more: Any) -> dict[str, Any]:
    """What the hub says of a problem that began with the partner."""
    return {"operator_id": net.north.pk, "external_id": "SP-9", "title": "Exchange down", "state": "in_progress",
            "places": [{"kind": "PostcodeSector", "value": "SW1A 1"}], "started_at": AT.isoformat(),
            **more}  # fmt: skip


def test_a_partners_own_outage_is_a_candidate_once_and_its_news_is_heard(net: SimpleNamespace) -> None:
    way = Endpoint.objects.create(operator=net.north, kind="tmf656", name="TMF656", inbound_key="k656")
    payload = reported(net, endpoint_id=way.pk)
    assert reporting.take(payload, organisation_id=net.brightwave.pk, at=AT) == 1
    reporting.take(payload, organisation_id=net.brightwave.pk, at=AT)
    outage = Outage.objects.get()
    assert (outage.source, outage.partner_ref, outage.keys.get().value) == ("partner", "SP-9", "SW1A1")
    leg = Leg.objects.get(subject=f"outage_party:{outage.parties.get().pk}")
    assert (leg.external_id, leg.entity_type) == ("SP-9", "problem")
    reporting.take(reported(net, state="resolved"), organisation_id=net.brightwave.pk, at=AT + timedelta(hours=1))
    outage.refresh_from_db()
    assert outage.partner_cleared_at == AT + timedelta(hours=1), "a claim: a person clears it, tests judge it"
    assert outage.state == "candidate"
    party = outage.parties.get()
    for minutes, said, over in ((30, "resolved", True), (90, "in_progress", False)):
        issued = (AT + timedelta(minutes=minutes)).isoformat()
        told = {"state": "in_progress", "issued_at": issued}
        parties.hear(party_id=party.pk, news=told, at=AT + timedelta(hours=2))
        party.refresh_from_db()
        outage.refresh_from_db()
        seen = (party.state, party.cleared_at is not None, outage.partner_cleared_at is not None)
        assert seen == (said, over, over), "what comes late changes nothing; what is newer takes it back"


def test_a_shared_endpoint_tells_every_tenant_with_an_agreement(net: SimpleNamespace) -> None:
    reporting.take(reported(net), organisation_id=None, at=AT)
    assert [row.organisation for row in Outage.objects.all()] == [net.brightwave]
    assert reporting.take(reported(net, external_id="SP-10", state="closed"), organisation_id=None, at=AT) == 0


def test_a_customers_system_reports_for_its_own(net: SimpleNamespace) -> None:
    person("boss@example.com", net.harbour, "admin")
    net.services(2, customer=net.harbour)
    way = Endpoint.objects.create(
        organisation=net.brightwave, customer=net.harbour, kind="tmf621", name="Desk", inbound_key="k621"
    )
    payload = reported(net, operator_id=None, customer_id=net.harbour.pk, endpoint_id=way.pk, external_id="INC-1")
    assert reporting.take(payload, organisation_id=net.brightwave.pk, at=AT) == 1
    outage = Outage.objects.get()
    assert (outage.source, outage.parties.get().customer) == ("customer", net.harbour)


def test_a_report_whose_scope_nobody_can_tell_waits_for_a_person_and_keeps_its_reporter(net: SimpleNamespace) -> None:
    net.services(1, customer=net.harbour)
    way = Endpoint.objects.create(
        organisation=net.brightwave, customer=net.harbour, kind="tmf621", name="Desk", inbound_key="k621"
    )
    payload = reported(net, operator_id=None, customer_id=net.harbour.pk, endpoint_id=way.pk, places=[])
    for _ in range(2):
        assert reporting.take(payload, organisation_id=net.brightwave.pk, at=AT) == 0
    notice = MaintenanceNotice.objects.get()
    assert (notice.state, str(notice)) == ("waiting", "Exchange down")
    assert Alert.objects.filter(user=net.alice, text__contains="Exchange down").count() == 1
    desk = net.client("alice")
    given = {"title": "Shops are down", "postcodes": "SW1A 1AA"}
    assert desk.post(notice.get_absolute_url(), {**given, "postcodes": ""}).status_code == 422
    desk.post(notice.get_absolute_url(), given)
    outage = Outage.objects.get()
    assert (outage.state, outage.planned, outage.source) == ("candidate", False, "customer")
    leg = Leg.objects.get(subject=f"outage_party:{outage.parties.get().pk}")
    assert (leg.external_id, leg.endpoint) == ("SP-9", way), "the reporter hears of it under its own id"
    assert reporting.take(payload, organisation_id=net.brightwave.pk, at=AT) == 1
    notice.refresh_from_db()
    assert (notice.state, Outage.objects.count()) == ("settled", 1)


def test_a_report_that_can_be_placed_later_or_ends_does_not_wait_on(net: SimpleNamespace) -> None:
    refs = [f"X-{number}" for number in range(400)]
    many = [{"kind": "olt", "value": f"OLT-{number}"} for number in range(200)]
    for external_id in ("SP-1", "SP-2"):
        wide = reported(net, external_id=external_id, service_refs=refs, places=many)
        assert reporting.take(wide, organisation_id=net.brightwave.pk, at=AT) == 0
    assert reporting.take(reported(net, external_id="SP-1"), organisation_id=net.brightwave.pk, at=AT) == 1
    reporting.take(reported(net, external_id="SP-2", state="closed"), organisation_id=net.brightwave.pk, at=AT)
    first, second = MaintenanceNotice.objects.order_by("pk")
    assert (first.state, first.outage) == ("read", Outage.objects.get())
    assert (second.state, "over meanwhile" in second.problem) == ("waiting", True)


def test_a_test_that_meets_a_known_incident_begins_or_joins_an_outage(net: SimpleNamespace) -> None:
    services = net.services(2)
    tickets = [fault(net, service) for service in services]
    for service, ticket in zip(services, tickets, strict=True):
        test = ServiceTest.objects.create(
            organisation=net.brightwave, service=service, operator=net.north, ticket=ticket, our_key=f"T-{service.pk}",
            state="completed", colour="red", code="KNOWN_INCIDENT", requested_at=AT, done_at=AT,
        )  # fmt: skip
        reporting.known_incident(test, incident="INC-5", at=AT)
    outage = Outage.objects.get()
    assert (outage.state, outage.partner_ref, outage.title) == ("candidate", "INC-5", "No service in SW1A 1")
    assert {child.ticket for child in outage.children.all()} == set(tickets)

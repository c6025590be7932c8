"""What is owed to a consumer: the published vectors, the edges, who sees it and who is in the scheme."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from ofx.core.calendars.queries import add_working_days, newest_version
from ofx.orders.models import Appointment, DateChange, Fact, PartnerOrder, ServiceRecord
from sla.compensation.actions import RateInvalid, load_rates, set_cover
from sla.compensation.engine import Exclusion, Owed, Rate, delayed_repair, delayed_start, missed_visit, rate_on
from sla.compensation.models import CompensationRate
from sla.compensation.queries import cases, covered, of_part, rates
from tests.conftest import organisation, person
from tests.sla.conftest import AT
from ticketing.models import Ticket, TicketWait

EVENTS = {"OFCOM_REPAIR_DAY": "repair_day", "OFCOM_MISSED_APPT": "missed_visit"}
EVENTS["OFCOM_DELAYED_START_DAY"] = "late_start_day"
TEN = [Rate(date(2026, 4, 1), Decimal("10.00"))]


def vectors() -> dict[str, Any]:
    """The handbook's file; skipped where it is not."""
    path = Path(os.environ.get("OFX_DATA", "")) / "sla-vectors.json"
    if not os.environ.get("OFX_DATA") or not path.exists():
        pytest.skip("OFX_DATA holds no sla-vectors.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def computed(vector: dict[str, Any], calendar: int, known: dict[str, list[Rate]]) -> Owed:
    """A vector of the scheme by our own engine and the rates that we ship."""
    rule, given = vector["rule"], vector["input"]
    table = known[EVENTS[rule["rate_table"]]]
    if rule["type"] == "flat_per_event":
        visit, off = (datetime.fromisoformat(given[name]) for name in ("appointment", "cancelled_at"))
        return missed_visit(visit=visit, called_off=off, rates=table)
    days = {name: date.fromisoformat(value) for name, value in given.items() if isinstance(value, str)}
    out = [
        Exclusion(date.fromisoformat(one["from"]), date.fromisoformat(one["to"]), one["kind"])
        for one in given.get("exclusions", ())
    ]
    if rule["due"]["kind"] == "promised_date":
        return delayed_start(promised=days["promised"], end=days["activated"], over=True, rates=table, exclusions=out)
    due = add_working_days(calendar, days["raised"], rule["due"]["n"])
    return delayed_repair(raised=days["raised"], due=due, end=days["restored"], over=True, rates=table, exclusions=out)


@pytest.mark.data
def test_the_published_vectors_of_the_scheme_come_out_to_the_penny(home: SimpleNamespace) -> None:
    calendar, known = newest_version("england-wales"), rates()
    ours = [one for one in vectors()["penalty_vectors"] if one["rule"].get("rate_table") in EVENTS]
    assert len(ours) >= 7
    for one in ours:
        assert f"{computed(one, calendar, known).total:.2f}" == one["expect"], one["id"]


@pytest.mark.data
def test_the_shipped_rates_are_the_handbooks(home: SimpleNamespace) -> None:
    for table, rows in vectors()["rate_tables"].items():
        shipped = CompensationRate.objects.filter(event=EVENTS[table])
        assert {f"{row.effective_from}": f"{row.amount}" for row in shipped} == rows


def test_a_line_says_each_day_that_counts_and_each_that_does_not() -> None:
    out = [
        Exclusion(date(2026, 6, 6), date(2026, 6, 8), "The engineer could not get in."),
        Exclusion(date(2026, 6, 9), date(2026, 6, 9), "Router missing", decided=False),
    ]
    owed = delayed_repair(
        raised=date(2026, 6, 1), due=date(2026, 6, 3), end=date(2026, 6, 11), over=True, rates=TEN, exclusions=out
    )
    assert (owed.total, owed.days) == (Decimal("40.00"), 4)
    assert owed.lines == [
        "You told us on Monday 1 June 2026. The first two full working days, until the end of Wednesday 3 June 2026, "
        "do not count.",
        "From Thursday 4 June 2026 to Wednesday 10 June 2026 it was late: 7 days.",
        "Not counted: Saturday 6 June 2026 to Monday 8 June 2026, 3 days. The engineer could not get in.",
        "The network says: “Router missing”. We have not decided that yet; until then these days count.",
        "The rate in force when you told us: £10.00 a day.",
        "4 × £10.00 = £40.00",
    ]


def test_a_rate_holds_from_its_day_on_and_before_the_first_there_is_none() -> None:
    rows = [Rate(date(2025, 4, 1), Decimal(9)), Rate(date(2026, 4, 1), Decimal(10))]
    assert [rate_on(rows, date(2026, 4, day)) for day in (1, 2)] == [rows[1], rows[1]]
    assert rate_on(rows, date(2026, 3, 31)) == rows[0]
    assert rate_on(rows, date(2025, 3, 31)) is None
    owed = delayed_start(promised=date(2024, 1, 1), end=date(2024, 1, 3), over=True, rates=rows)
    assert (owed.total, owed.lines[-1]) == (Decimal("0.00"), "No rate was in force then.")


def lost(home: SimpleNamespace, **fields: Any) -> Ticket:
    """Cara's line was down from Monday 1 June to Saturday 6 June 2026."""
    given = {"impact": "down", "state": "resolved", "resolved_at": AT + timedelta(days=5), "reported_by": home.cara}
    return Ticket.objects.create(
        organisation=home.brightwave, customer=home.harbour, service=home.service, title="No internet", created_at=AT,
        postcode="SW1A1AA", reference=f"TT-{Ticket.objects.count():06d}", **{**given, **fields},
    )  # fmt: skip


def sums(home: SimpleNamespace, at: datetime = AT + timedelta(days=20)) -> list[str]:
    return [f"{case.owed.total}" for case in cases(home.cara, at)]


def test_a_lost_line_is_paid_for_and_a_weak_one_or_ones_own_fault_is_not(home: SimpleNamespace) -> None:
    lost(home)
    lost(home, impact="degraded")
    lost(home, verdict="customer")
    lost(home, state="rejected")
    assert sums(home) == ["20.68"]
    page = home.client("cara").get("/my/compensation/").content.decode()
    assert "£20.68" in page
    assert "An estimate until Brightwave Telecom has approved it." in page


def test_what_is_not_over_grows_and_a_customers_no_show_stops_it(home: SimpleNamespace) -> None:
    ticket = lost(home, state="in_progress", resolved_at=None)
    assert sums(home, AT + timedelta(days=4)) == ["10.34"]
    assert sums(home, AT + timedelta(days=5)) == ["20.68"]
    wait = TicketWait.objects.create(
        ticket=ticket, owner="end_customer", reason="NO_ACCESS", opened_at=AT + timedelta(days=3),
        closed_at=AT + timedelta(days=4), source_key="partner:1:9",
    )  # fmt: skip
    assert sums(home, AT + timedelta(days=5)) == ["20.68"]  # the network says so; nobody has accepted it
    TicketWait.objects.filter(pk=wait.pk).update(judged="accepted")
    assert sums(home, AT + timedelta(days=5)) == ["10.34"]
    TicketWait.objects.filter(pk=wait.pk).update(judged="disputed")
    assert sums(home, AT + timedelta(days=5)) == ["20.68"]
    TicketWait.objects.filter(pk=wait.pk).update(owner="force_majeure", judged="accepted")
    assert sums(home, AT + timedelta(days=5)) == ["20.68"]  # a storm stops nothing for a household


def partner_order(home: SimpleNamespace, **fields: Any) -> PartnerOrder:
    """Promised for Monday 1 June 2026, done on Thursday 4."""
    item = ServiceRecord.objects.get(pk=home.service.pk).item
    done = datetime(2026, 6, 4, 12, tzinfo=UTC)
    given = {"icdd": date(2026, 6, 1), "committed_date": date(2026, 6, 1), "completed_at": done, "state": "completed"}
    return PartnerOrder.objects.create(
        organisation=home.brightwave, order=item.order, item=item, operator=home.north, our_key="K-1", committed_at=AT,
        created_at=AT, **{**given, **fields},
    )  # fmt: skip


def moved(row: PartnerOrder, new: date, requester: str) -> None:
    fact = Fact.objects.create(
        partner_order=row, update_type="UPDATE", source="partner", dedupe_key=requester, issued_at=AT, received_at=AT
    )
    DateChange.objects.create(
        partner_order=row, field="committed_date", old=row.icdd, new=new, requester=requester, at=AT, fact=fact
    )


def owed_for(row: PartnerOrder) -> str:
    fresh = PartnerOrder.objects.select_related("order").get(pk=row.pk)
    case = of_part(fresh, rates(), date(2026, 6, 20))
    assert case is not None
    return f"{case.owed.total}"


def test_a_late_start_counts_from_the_first_promise_unless_the_customer_moved_it(home: SimpleNamespace) -> None:
    row = partner_order(home)
    assert owed_for(row) == "19.38"
    moved(row, date(2026, 6, 3), "partner")
    assert owed_for(row) == "19.38"
    moved(row, date(2026, 6, 3), "customer")
    assert owed_for(row) == "6.46"


def test_a_missed_visit_is_owed_once_and_a_missed_customer_stops_the_clock(home: SimpleNamespace) -> None:
    row = partner_order(home)
    common = {"organisation": home.brightwave, "customer": home.harbour, "operator": home.north, "partner_order": row}
    for number, (state, owner, hours) in enumerate(
        [("missed", "partner", 0), ("cancelled", "partner", 5), ("cancelled", "partner", 30), ("failed", "us", 0)]
    ):
        slot = AT + timedelta(days=number)
        Appointment.objects.create(
            **common, our_key=f"V-{number}", state=state, outcome_owner=owner, slot_start=slot, created_at=AT,
            slot_end=slot + timedelta(hours=4), changed_at=slot - timedelta(hours=hours),
        )  # fmt: skip
    PartnerOrder.objects.filter(pk=row.pk).update(icdd=None, committed_date=None)
    type(row.order).objects.filter(pk=row.order_id).update(created_at=AT)
    assert sums(home) == ["32.31", "32.31"]
    PartnerOrder.objects.filter(pk=row.pk).update(icdd=date(2026, 6, 1), committed_date=date(2026, 6, 1))
    Appointment.objects.filter(our_key="V-0").update(state="failed", outcome_owner="end_customer")
    assert owed_for(row) == "12.92"  # the day of the failed visit does not count; from the next one on they do


def test_only_who_is_in_the_scheme_sees_it_and_only_their_own(home: SimpleNamespace) -> None:
    lost(home)
    other = organisation("customer", "Neighbour Ltd", provider=home.brightwave)
    nina = person("nina@example.com", other, "admin")
    assert cases(nina, AT + timedelta(days=20)) == []
    set_cover(actor=home.alice, at=AT, organisation=home.brightwave, customer=home.harbour, covered=False)
    assert [covered(one) for one in (home.harbour, other)] == [False, True]
    assert "not in the scheme" in home.client("cara").get("/my/compensation/").content.decode()
    with pytest.raises(PermissionDenied):
        set_cover(actor=home.bob, at=AT, organisation=home.brightwave, customer=None, covered=False)
    with pytest.raises(PermissionDenied):
        set_cover(actor=home.charlie, at=AT, organisation=home.brightwave, customer=None, covered=False)


def test_the_fault_and_the_order_say_what_is_due(home: SimpleNamespace) -> None:
    ticket, row = lost(home), partner_order(home)
    cara = home.client("cara")
    assert "£20.68 is due to you" in cara.get(f"/my/faults/{ticket.reference}/").content.decode()
    assert "£19.38 is due to you" in cara.get(f"/orders/{row.order.reference}/").content.decode()
    assert "Owed to the customer: £20.68" in home.client("alice").get(f"/tickets/{ticket.reference}/").content.decode()
    set_cover(actor=None, at=AT, organisation=home.brightwave, customer=None, covered=False)
    assert "due to you" not in cara.get(f"/my/faults/{ticket.reference}/").content.decode()


def test_staff_say_who_is_in_and_a_wrong_name_names_the_field(home: SimpleNamespace) -> None:
    alice = home.client("alice")
    assert alice.post("/compensation/", {"customer": "nobody", "covered": "yes"}).status_code == 422
    alice.post("/compensation/", {"customer": home.harbour.slug, "covered": "no"})
    assert not covered(home.harbour)
    assert "linkspeed.co.uk" in alice.get("/compensation/").content.decode()


def test_new_rates_are_added_once_and_what_was_in_force_never_changes(home: SimpleNamespace, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("event,effective_from,amount,source\nrepair_day,2027-04-01,10.70,Ofcom\n")
    for _ in range(2):
        call_command("load_compensation_rates", file)
    assert CompensationRate.objects.filter(effective_from=date(2027, 4, 1)).count() == 1
    with pytest.raises(RateInvalid, match=r"known as 10\.34"):
        load_rates(rows=[("repair_day", date(2026, 4, 1), Decimal(11), "x")], read_on=AT.date())
    file.write_text("event,effective_from,amount,source\nrepair_day,soon,10.70,Ofcom\n")
    with pytest.raises(CommandError, match="effective_from"):
        call_command("load_compensation_rates", file)


@pytest.mark.django_db(transaction=True)
def test_the_rates_are_back_after_a_database_was_emptied_and_what_was_entered_stays() -> None:
    load_rates(rows=[("repair_day", date(2027, 4, 1), Decimal("10.70"), "Ofcom")], read_on=AT.date())
    CompensationRate.objects.filter(effective_from=date(2026, 4, 1)).delete()
    call_command("migrate", verbosity=0)
    known = {row.effective_from: row.amount for row in CompensationRate.objects.filter(event="repair_day")}
    assert (known[date(2026, 4, 1)], known[date(2027, 4, 1)], len(known)) == (Decimal("10.34"), Decimal("10.70"), 8)

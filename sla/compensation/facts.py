"""Dates of a ticket, an order or a visit, as the engine reads them. What is not known to be excluded counts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from ofx.core.calendars.models import CalendarVersion
from ofx.core.calendars.queries import OutsideCalendar, add_working_days
from ofx.orders.models import Appointment, PartnerOrder
from sla.compensation.engine import Exclusion
from ticketing.models import Ticket

LONDON = ZoneInfo("Europe/London")
FULL_DAYS = 2
DAY = timedelta(days=1)
SCOTLAND = ("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "TD", "ZE")
# What stops the clock is the customer's own doing about a visit; weather and other force majeure do not (SLA 8 R1, R4).
STOPS = ("NO_ACCESS", "CUSTOMER_NOT_READY", "CUSTOMER_CHANGED_MIND", "CUSTOMER_UNCONTACTABLE", "APPOINTMENT")


def words_of(reason: str) -> str:
    """Why days do not count."""
    known = {
        "NO_ACCESS": _("The engineer could not get in."),
        "CUSTOMER_NOT_READY": _("Not everything was ready at the address."),
        "CUSTOMER_CHANGED_MIND": _("You asked for something else."),
        "CUSTOMER_UNCONTACTABLE": _("You could not be reached."),
        "APPOINTMENT": _("You chose a later visit than the first one offered."),
        "MISSED": _("The engineer could not do the work at your address; counted again from the next visit on."),
    }
    return known.get(reason, "")


def calendar_of(postcode: str) -> str:
    """The working calendar of a British place."""
    area = ""
    for letter in postcode.upper():
        if not letter.isalpha():
            break
        area += letter
    if area == "BT":
        return "northern-ireland"
    return "scotland" if area in SCOTLAND else "england-wales"


def calendars() -> dict[str, int]:
    """Code → the newest version of each working calendar, in one query."""
    rows = CalendarVersion.objects.order_by("calendar_id", "-number").distinct("calendar_id")
    return dict(rows.values_list("calendar__code", "pk"))


def last_free_day(raised: date, postcode: str, versions: dict[str, int]) -> date | None:
    """The second full working day after a fault was reported, by the calendar of its place, else of England and Wales.

    None where no calendar holds that day.
    """
    version = versions.get(calendar_of(postcode)) or versions.get("england-wales")
    try:
        return add_working_days(version, raised, FULL_DAYS) if version else None
    except OutsideCalendar:
        return None


def local_day(moment: datetime) -> date:
    """The day where the customer lives: the scheme is British."""
    return timezone.localtime(moment, LONDON).date()


def ticket_exclusions(ticket: Ticket, today: date) -> list[Exclusion]:
    """Days on which the customer's side kept us from working; what a partner claims counts once we accept it."""
    found = []
    for wait in ticket.waits.all():
        if wait.owner != "end_customer" or wait.reason not in STOPS:
            continue
        ours = not wait.source_key.startswith("partner:")
        found += _between(wait.opened_at, wait.closed_at, wait.reason, wait.judged, ours, today)
    return found


def order_exclusions(row: PartnerOrder, today: date) -> list[Exclusion]:
    """The same of an order: its waits, and visits that failed on the customer's side until the next one."""
    found = []
    for flag in row.flags.all():
        if flag.clock_owner == "end_customer" and flag.reason in STOPS and flag.kind in ("held", "pending"):
            found += _between(flag.opened_at, flag.closed_at, flag.reason, flag.verdict, False, today)
    visits = sorted(row.appointments.all(), key=lambda visit: visit.slot_start)
    return found + _failed_visits(visits, today)


def _between(
    opened: datetime, closed: datetime | None, reason: str, judged: str, ours: bool, today: date
) -> list[Exclusion]:
    first = local_day(opened)
    last = local_day(closed) - DAY if closed else today
    if judged == "disputed" or last < first:
        return []
    return [Exclusion(first, last, words_of(reason), decided=ours or judged == "accepted")]


def _failed_visits(visits: Sequence[Appointment], today: date) -> list[Exclusion]:
    found = []
    for number, visit in enumerate(visits):
        if visit.state != "failed" or visit.outcome_owner != "end_customer":
            continue
        later = next((one for one in visits[number + 1 :] if one.state != "refused"), None)
        last = local_day(later.slot_start) - DAY if later else today
        found.append(Exclusion(local_day(visit.slot_start), last, words_of("MISSED")))
    return found


def promised_day(row: PartnerOrder) -> date | None:
    """The day that was promised: the first committed one, or a later one that the customer asked for (R03)."""
    moves = [one for one in row.date_changes.all() if one.field == "committed_date" and one.new]
    moves.sort(key=lambda one: (one.at, one.pk))
    first = next((one.new for one in moves if one.old is None), None) or row.icdd or row.committed_date
    asked = [one.new for one in moves if one.old is not None and one.requester == "customer"]
    return asked[-1] if asked else first

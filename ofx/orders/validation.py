"""May an order be sent? Schema → the partner's rules → business rules (DOMAIN P06). Problems name field and fix."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ofx.core.calendars.models import CalendarVersion
from ofx.core.calendars.queries import OutsideCalendar, add_working_days, newest_version
from ofx.orders.models import Order, OrderItem
from ofx.orders.pricing import Quote, quote
from ofx.search.offers import refused_live
from ofx.search.places import AmbiguousAddress, UnknownPlace
from ofx.search.queries import qualify
from partners.agreements.queries import outside
from partners.coverage.normalise import BadPlace
from partners.models import Agreement, Offering, Operator

# Order columns that a partner's rules may name, with the words of our form.
FIELDS = {
    "contact_name": "Site contact",
    "contact_phone": "Contact's phone",
    "contact_email": "Contact's e-mail",
    "access_notes": "Access notes",
    "requested_date": "Requested date",
}
BY_FOOTPRINT = ("broadband", "ethernet")
DEFAULT_CALENDAR = {"GB": "england-wales", "US": "us-federal"}
FURTHEST = timedelta(days=730)


@dataclass(frozen=True)
class Problem:
    """Why an order may not be sent. `field` is the form's or API's name, `position` the item's (0: the order)."""

    field: str
    message: str
    position: int = 0


class OrderInvalid(ValueError):
    """The order may not be sent; `problems` say which fields and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)

    def by_field(self) -> dict[str, list[str]]:
        """Field → messages."""
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            found.setdefault(problem.field, []).append(problem.message)
        return found


def problems_of(order: Order, items: Sequence[OrderItem], at: datetime) -> list[Problem]:
    """Everything that keeps this order from being sent."""
    day = at.date()
    # What is ceased needs no engineer, no lead time and no agreement: a customer may always leave.
    operators = {item.offering.operator_id: item.offering.operator for item in items if item.action != "delete"}
    found = [*_schema(order, items, day)]
    for operator in operators.values():
        found += partner_problems(order, operator, day)
        found += _may_order(order, operator, day)
    found += _agreed(order, items, day)
    found += _served(order, items, at)
    found += _prices(order, items, day)
    return found


def _schema(order: Order, items: Sequence[OrderItem], day: date) -> Iterator[Problem]:
    if not items:
        yield Problem("items", "The order has no item. Choose an offer from the search.")
    if not order.contact_name and any(item.action != "delete" for item in items):
        yield Problem("contact_name", "Say who is on site: the engineer needs a name.")
    if order.requested_date and order.requested_date < day:
        yield Problem("requested_date", f"{order.requested_date:%d %b %Y} is past. Choose a later date.")
    if order.requested_date and order.requested_date > day + FURTHEST:
        yield Problem("requested_date", "That is more than two years ahead. Choose an earlier date.")


def partner_problems(order: Order, operator: Operator, day: date) -> Iterator[Problem]:
    """What one partner's rules refuse (R11): missing and overlong fields, too short a lead time."""
    rules = operator.order_rules
    for name in rules.get("required", ()):
        if name in FIELDS and not getattr(order, name):
            yield Problem(name, f"{operator} needs it. Fill it in.")
    for name, most in rules.get("max_length", {}).items():
        text = str(getattr(order, name, "") or "") if name in FIELDS else ""
        if len(text) > int(most):
            yield Problem(name, f"{operator} takes at most {most} characters; there are {len(text)}. Shorten it.")
    first = earliest(operator, day)
    if order.requested_date and order.requested_date < first:
        lead = rules.get("lead_working_days")
        yield Problem("requested_date", f"{operator} needs {lead} working days. Earliest: {first:%a %d %b %Y}.")


def earliest(operator: Operator, day: date) -> date:
    """The first date that the operator's lead time allows, by its working calendar."""
    lead = int(operator.order_rules.get("lead_working_days") or 0)
    code = operator.order_rules.get("calendar") or DEFAULT_CALENDAR.get(operator.country, "england-wales")
    try:
        return add_working_days(newest_version(code), day, lead)
    except (CalendarVersion.DoesNotExist, OutsideCalendar):
        return _weekdays(day, lead)


def _weekdays(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def earliest_of(operators: Iterable[Operator], day: date) -> date:
    """The first date that all these operators can meet."""
    return max((earliest(operator, day) for operator in operators), default=day)


def _may_order(order: Order, operator: Operator, day: date) -> Iterator[Problem]:
    if operator.suspended_reason:
        yield Problem("items", f"{operator} takes no orders now: {operator.suspended_reason}. Choose another offer.")
    if operator.on_net_of_id == order.organisation_id:
        return
    in_force = Agreement.objects.filter(organisation=order.organisation_id, operator=operator).in_force(day)
    if not in_force.exists():
        yield Problem("items", f"No agreement with {operator} is in force. Ask for one, or choose another offer.")


def _agreed(order: Order, items: Sequence[OrderItem], day: date) -> Iterator[Problem]:
    """The terms of an agreement may name products and regions: nothing else is ordered under it."""
    for item in items:
        if item.action == "add":
            text = outside(organisation=order.organisation, offering=item.offering, place=order.place, day=day)
            if text:
                yield Problem("items", f"{item.offering}: {text}", item.position)


def _served(order: Order, items: Sequence[OrderItem], at: datetime) -> Iterator[Problem]:
    """Feasibility answers expire: ask again before sending (R26)."""
    wanted = [item for item in items if item.offering.kind in BY_FOOTPRINT and item.action == "add"]
    if not wanted:
        return
    uprn = order.address.uprn if order.address else None
    where: dict[str, Any] = {"uprn": uprn} if uprn else {"postcode": order.postcode}
    try:
        answer = qualify(organisation=order.organisation, at=at, country=order.country, **where)
    except (BadPlace, UnknownPlace, AmbiguousAddress) as error:
        yield Problem("place", str(error))
        return
    for item in wanted:
        offer = answer.offer(item.offering_id)
        if offer is not None and refused_live(offer):
            text = f"{item.offering.operator} says now that it cannot deliver {item.offering} here: {offer['why_not']}"
            yield Problem("items", f"{text} Choose another offer.", item.position)
        elif offer is None or offer.get("status") != "live" or not item.offering.active:
            text = f"{item.offering.operator} no longer offers {item.offering} here. Search the place again."
            yield Problem("items", text, item.position)


def _prices(order: Order, items: Sequence[OrderItem], day: date) -> Iterator[Problem]:
    for item in (item for item in items if item.action != "delete"):
        now = quote(item.offering, order.organisation, day)
        if now != Quote(item.one_off, item.monthly, item.currency):
            text = (
                f"The price of {item.offering} is now {now.monthly} {now.currency} a month and {now.one_off} once "
                f"(was {item.monthly} and {item.one_off}). Take the new price, then submit."
            )
            yield Problem("items", text, item.position)


def rules_in_words(operators: Iterable[Operator], day: date) -> dict[str, list[str]]:
    """What these partners want of each field, to be shown beside it before anybody errs."""
    words: dict[str, list[str]] = {}
    for operator in operators:
        rules = operator.order_rules
        for name in rules.get("required", ()):
            words.setdefault(name, []).append(f"{operator} needs it")
        for name, most in rules.get("max_length", {}).items():
            words.setdefault(name, []).append(f"{operator}: at most {most} characters")
        if rules.get("lead_working_days"):
            text = f"{operator}: {rules['lead_working_days']} working days, so from {earliest(operator, day):%d %b %Y}"
            words.setdefault("requested_date", []).append(text)
    return words


def limit_of(offerings: Iterable[Offering], name: str) -> int | None:
    """The shortest length that any of the offers' operators allows for a field; None where none limits it."""
    limits = [offering.operator.order_rules.get("max_length", {}).get(name) for offering in offerings]
    return min((int(limit) for limit in limits if limit), default=None)

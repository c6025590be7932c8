"""An order in the customer's words: five steps, a date and how sure it is, what is needed. No codes, no blame."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ofx.core.ui.display import local
from ofx.orders.models import DateChange, Order
from ofx.orders.queries import Part
from ofx.orders.vocabulary import ENDED

STEPS = (
    gettext_lazy("Order received"),
    gettext_lazy("Order accepted"),
    gettext_lazy("Date agreed"),
    gettext_lazy("Work at your address"),
    gettext_lazy("Ready to use"),
)
# What the customer can do something about, in their words.
ASKS = {
    "CUSTOMER_NOT_READY": gettext_lazy(
        "Please get everything ready for the engineer: power near the socket, and access."
    ),
    "NO_ACCESS": gettext_lazy("The engineer could not get in. Please tell us when somebody can open the door."),
    "CUSTOMER_UNCONTACTABLE": gettext_lazy("We could not reach you. Please check the phone number below and call us."),
    "BUILDING_NOT_READY": gettext_lazy("The building is not ready for the work. Please tell us when it will be."),
}
CAUSES = {
    "WAYLEAVE": gettext_lazy("A landowner's permission is still needed."),
    "PERMIT_STREETWORKS": gettext_lazy("A permit for work in the street is still needed."),
    "DUCT_BLOCKAGE_CIVILS": gettext_lazy("The underground duct is blocked and must be cleared."),
    "POLE_ISSUE": gettext_lazy("A pole has to be repaired or replaced first."),
    "FORCE_MAJEURE": gettext_lazy("An event that nobody could foresee stops the work."),
    "NETWORK_INCOMPLETE": gettext_lazy("The network has to be finished at your address first."),
    "CAPACITY": gettext_lazy("The network has to be extended first."),
    "NO_LIGHT": gettext_lazy("The fibre did not pass its test and is being mended."),
    "NOT_FEASIBLE": gettext_lazy("It cannot be built as first planned, so another way is being looked for."),
    "PARTNER_MISSED_APPOINTMENT": gettext_lazy("The engineer did not come. We are sorry."),
    "PARTNER_WORKLOAD": gettext_lazy("The engineers have more work than they can do by then."),
    "OTHER_OPERATOR": gettext_lazy("Another company has to do its part first."),
    "SITE_UNSAFE": gettext_lazy("The place has to be made safe before anybody may work there."),
    "EXCHANGE_FREEZE": gettext_lazy("No work is allowed in the network's building at this time."),
}
# Why a date moved where the customer could do something about it: said as it was, without blame.
THEIRS = {
    "CUSTOMER_NOT_READY": gettext_lazy("Not everything was ready at your address."),
    "NO_ACCESS": gettext_lazy("The engineer could not get in."),
    "CUSTOMER_UNCONTACTABLE": gettext_lazy("We could not reach you."),
    "BUILDING_NOT_READY": gettext_lazy("The building was not ready."),
    "CUSTOMER_CHANGED_MIND": gettext_lazy("You asked for something else."),
}
UNSAID = gettext_lazy("No reason was given to us.")
WHO_MOVED = {
    "partner": gettext_lazy("The network moved it"),
    "us": gettext_lazy("We moved it"),
    "customer": gettext_lazy("You asked for it"),
    "system": gettext_lazy("It was corrected"),
}


@dataclass(frozen=True)
class Step:
    """One step of the road."""

    number: int
    label: str
    state: str  # done, now, next


@dataclass(frozen=True)
class Move:
    """One move of the day when it should be ready. `old` is empty for the first day that was said."""

    at: datetime
    old: date | None
    new: date | None
    who: str
    why: str

    @property
    def later(self) -> bool:
        """Whether it got worse."""
        return bool(self.old and (self.new is None or self.new > self.old))


@dataclass(frozen=True)
class Plain:
    """What a customer reads first."""

    headline: str
    detail: str
    steps: list[Step]
    need: str
    sure: str
    over: bool
    moves: tuple["Move", ...] = ()  # the newest first
    visit: str = ""  # when the engineer comes
    visit_sure: str = ""  # and how sure that is


def plain(order: Order, parts: Sequence[Part], today: date) -> Plain:
    """The order in plain words."""
    reached = min((_reached(part) for part in parts if part.row.state not in ("cancelled", "rejected")), default=0)
    over = order.state in ENDED
    steps = [Step(n, str(label), _look(n, reached, order.state)) for n, label in enumerate(STEPS, start=1)]
    headline, detail = _words(order, parts, today)
    visit, visit_sure = ("", "") if over else _visit(parts)
    road = [] if over and order.state != "accepted" else steps
    needed, sure = _need(order, parts), _sure(order)
    return Plain(headline, detail, road, needed, sure, over, moves(parts), visit, visit_sure)


def moves(parts: Sequence[Part]) -> tuple[Move, ...]:
    """How the day moved: who moved it, why, from what to what. The newest first; of several items each."""
    told = [_move(row) for part in parts for row in part.moves if row.field == "target_date"]
    return tuple(sorted(told, key=lambda move: move.at, reverse=True))


def _move(row: DateChange) -> Move:
    first = row.old is None
    who = _("The first day that we were given") if first else str(WHO_MOVED.get(row.requester, ""))
    return Move(row.at, row.old, row.new, who, "" if first else why_moved(row.requester, row.reason))


def why_moved(requester: str, reason: str) -> str:
    """Why a date moved, in the customer's words; what a partner wrote stays inside."""
    said = CAUSES.get(reason) or THEIRS.get(reason)
    if said:
        return str(said)
    return str(UNSAID) if requester == "partner" and not reason else ""


def _visit(parts: Sequence[Part]) -> tuple[str, str]:
    """The next visit of an engineer, and how sure it is; nothing of what was missed, lapsed or refused."""
    coming = [row for part in parts for row in part.visits if row.state in ("reserved", "confirmed")]
    if not coming:
        return "", ""
    row = min(coming, key=lambda row: row.slot_start)
    first, last = local(row.slot_start), local(row.slot_end)
    slot = {"day": date_format(first, "l j F"), "start": _hour(first), "end": _hour(last)}
    sure = _("This is fixed.") if row.state == "confirmed" else _("We still have to fix this time with the network.")
    return _("Your engineer comes on %(day)s, %(start)s to %(end)s.") % slot, sure


def _hour(moment: datetime) -> str:
    """`8 am`, `1:30 pm`."""
    return moment.strftime("%-I:%M %p" if moment.minute else "%-I %p").lower()


def _reached(part: Part) -> int:
    row = part.row
    if row.completed_at:
        return 5
    if {"VISIT_STARTED", "FIT_TEST_DONE", "BUILD_STARTED"} & set(part.folded.milestones):
        return 4
    if row.committed_at:
        return 3
    return 2 if row.acknowledged_at else 1


def _look(number: int, reached: int, state: str) -> str:
    if number < reached or state in ("accepted", "completed") or number == reached:
        return "done"
    return "now" if number == reached + 1 else "next"


def _words(order: Order, parts: Sequence[Part], today: date) -> tuple[str, str]:
    ends = {
        "accepted": (_("Your service is ready."), _("You can use it now. Thank you for your patience.")),
        "completed": (_("Your service is in."), _("We are testing it and will tell you when it is ready to use.")),
        "cancelled": (
            _("This order was cancelled."),
            _("Nothing more will happen. Ask us if you did not expect this."),
        ),
        "rejected": (_("This order cannot be delivered as it was placed."), _("We will call you with another way.")),
        "failed": (_("This order could not be delivered."), _("We will call you with another way.")),
        "partial": (_("Part of your order is ready."), _("We will call you about the rest.")),
    }
    if order.state in ends:
        return ends[order.state]
    if order.target_date:
        day = date_format(order.target_date, "l j F")
        cause = _cause(parts)
        if order.target_date < today:
            return _("Your service is late."), _("It was due on %s. We are asking for a new date.") % day + cause
        if order.in_jeopardy:
            return _("The new date is %s.") % day, _("It is later than we first said; we are sorry.") + cause
        return _("Your service will be ready on %s.") % day, cause.strip()
    if order.state in ("held", "pending"):
        return _("Your order is waiting."), _cause(parts).strip() or _("We will tell you as soon as we know more.")
    if order.state in ("draft", "validated", "submitted", "failed_to_send"):
        return _("We have your order."), _("Next, the network checks it. This usually takes a working day.")
    return _("Your order is accepted."), _("Next, you get a date. We will tell you as soon as we have it.")


def _cause(parts: Sequence[Part]) -> str:
    for part in parts:
        if part.row.blocked_reason in CAUSES:
            return " " + str(CAUSES[part.row.blocked_reason])
    return ""


def _need(order: Order, parts: Sequence[Part]) -> str:
    for part in parts:
        row = part.row
        if row.state == "pending" and row.holder == "end_customer":
            return str(ASKS.get(row.blocked_reason, _("We need something from you. Please call us or write below.")))
        if part.folded.blocked_cause == "REAPPOINT":
            return _("We need to agree a new day for the engineer with you. We will call you.")
    return ""


def _sure(order: Order) -> str:
    """How sure the date is."""
    if not order.target_date or order.closed_at:
        return ""
    if order.in_jeopardy:
        return _("This date may still move. We will tell you at once if it does.")
    if order.committed_date:
        return _("This date is confirmed.")
    return _("This is a first estimate; we will confirm it.")

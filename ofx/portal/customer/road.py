"""A fault in its customer's words: five steps, what happens now, what is needed. No codes, no blame. Pure."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ofx.core.ui.display import said_when
from ticketing.tickets.models import Ticket

STEPS = (
    gettext_lazy("We have your report"),
    gettext_lazy("We look into it"),
    gettext_lazy("It is being put right"),
    gettext_lazy("Please check it"),
    gettext_lazy("Closed"),
)
NO_ROAD = ("cancelled", "rejected")


@dataclass(frozen=True)
class Step:
    """One step of the road."""

    number: int
    label: str
    state: str  # done, now, next


@dataclass(frozen=True)
class Road:
    """What a customer reads first. `need`: what is asked of them: answer, check, or nothing."""

    headline: str
    detail: str
    steps: list[Step]
    need: str
    news: str = ""


def road(ticket: Ticket, *, at_partner: bool, at: datetime) -> Road:
    """The fault in plain words; `at_partner`: an open partner ticket carries it."""
    headline, detail = words(ticket, at_partner)
    steps = [] if ticket.state in NO_ROAD else _steps(ticket, at_partner)
    return Road(headline, detail, steps, need(ticket), _news(ticket, at))


def need(ticket: Ticket) -> str:
    """What the customer has to do: `answer` a question, `check` the fix; else nothing."""
    if ticket.state == "resolved":
        return "check" if ticket.confirmed_by_customer is None else ""
    return "answer" if ticket.state == "pending" and ticket.holder == "end_customer" else ""


def words(ticket: Ticket, at_partner: bool = False) -> tuple[str, str]:
    """Headline and one more sentence."""
    if need(ticket) == "answer":
        return _("We need an answer from you."), _("Without it we cannot go on. It takes a minute.")
    if ticket.state == "resolved":
        return _resolved(ticket)
    said = {
        "acknowledged": (_("We have your report."), _("We look at it and tell you what we find.")),
        "in_progress": (_("We are working on it."), _("You need not do anything now.")),
        "pending": (_("We are working on it."), _("You need not do anything now.")),
        "held": (_("The repair has to wait."), _("We go on as soon as we can, and tell you when.")),
        "closed": (_("This is closed."), _("If it comes back, report it: we then see what was done already.")),
        "cancelled": (
            _("This report was withdrawn."),
            _("Report it again if it comes back."),
        ),
        "rejected": (_("We could not take this report."), ticket.state_reason),
    }
    if at_partner and ticket.state == "in_progress":
        return _("The network's engineers are working on it."), _("We ask them for news, and tell you.")
    return said[ticket.state]


def _resolved(ticket: Ticket) -> tuple[str, str]:
    if ticket.confirmed_by_customer:
        return _("You said that it works again."), _("Thank you. We finish our notes and close it.")
    if ticket.auto_close_at is None:
        return _("It should work again."), _("Please check, and tell us.")
    until = said_when(ticket.auto_close_at)
    return _("It should work again."), _("Please check, and tell us. Without a word from you it closes on %s.") % until


def _steps(ticket: Ticket, at_partner: bool) -> list[Step]:
    reached = _reached(ticket, at_partner)
    return [Step(number, str(label), _look(number, reached)) for number, label in enumerate(STEPS, start=1)]


def _reached(ticket: Ticket, at_partner: bool) -> int:
    """How many steps are behind us."""
    if ticket.state == "closed":
        return len(STEPS)
    if ticket.state == "resolved":
        return 4 if ticket.confirmed_by_customer else 3
    if at_partner or ticket.reopened:
        return 2
    return 1


def _look(number: int, reached: int) -> str:
    if number <= reached:
        return "done"
    return "now" if number == reached + 1 else "next"


def _news(ticket: Ticket, at: datetime) -> str:
    """When they hear from us next, where we know."""
    if ticket.ended or need(ticket) or ticket.next_action_at is None or ticket.next_action_at <= at:
        return ""
    return _("You hear from us by %s.") % said_when(ticket.next_action_at)

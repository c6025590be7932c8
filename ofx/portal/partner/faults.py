"""Faults for the operator's people: what needs an answer, oldest first; the answer in a few seconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, CharField, DateTimeField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.timeline import Entry, merge
from ofx.portal.home.faults import partner_figures
from ofx.portal.partner.door import operator_only
from ofx.portal.partner.fault_forms import ANSWERS, FaultAnswerForm
from ticketing.tickets.actions import TicketInvalid, operator_answer
from ticketing.tickets.actions.operator_answers import ANSWERS as POSSIBLE
from ticketing.tickets.models import PartnerTicket
from ticketing.tickets.story import fact_title
from ticketing.tickets.vocabulary import CHARACTERISTICS

MOST_SHOWN = 100
ASKS = {
    "take": "New fault: take it",
    "late": "Your expected time has passed",
    "hold": "On hold with you",
    "work": "In work: tell how it goes",
}
# The states as an operator reads them.
LOOK = PartnerTicket.STATE_LOOK | {
    "submitted": ("New", "blue"),
    "failed_to_send": ("New", "blue"),
    "acknowledged": ("Taken", "blue"),
    "pending": ("Waits for the provider", "grey"),
    "held": ("On hold", "amber"),
    "resolved": ("Resolved", "green"),
}
IN_TITLE = {"partner": "You", "us": "", "customer": "The customer"}


@dataclass(frozen=True)
class Line:
    """A fault as it stands in the list."""

    row: PartnerTicket
    ask: str
    since: datetime | None

    @property
    def words(self) -> str:
        """What is asked."""
        return ASKS.get(self.ask, "")

    @property
    def look(self) -> tuple[str, str]:
        """Label and colour of its state."""
        return LOOK.get(self.row.state, (self.row.get_state_display(), "grey"))

    @property
    def urgent(self) -> bool:
        """Whether our most urgent priorities are on it."""
        return self.row.ticket.priority <= 2


def mine(user: Any) -> QuerySet[PartnerTicket]:
    """Every fault raised with the user's operator."""
    wanted = ("ticket", "operator", "organisation", "ticket__service__offering")
    return PartnerTicket.objects.visible_to(user).select_related(*wanted)


def waiting(user: Any, at: datetime) -> Any:
    """Those that need an answer, with `ask` and `since`: new ones and late ones first, then the oldest."""
    rows = mine(user).filter(state__in=["submitted", "failed_to_send", "acknowledged", "in_progress", "held"])
    late = Q(expected_at__lt=at)
    ask = Case(
        When(state__in=["submitted", "failed_to_send"], then=Value("take")),
        When(late, then=Value("late")),
        When(state="held", holder__in=["", "partner"], then=Value("hold")),
        When(state__in=["acknowledged", "in_progress"], then=Value("work")),
        default=Value(""),
        output_field=CharField(),
    )
    first = Case(When(ask="take", then=Value(0)), When(ask="late", then=Value(1)), default=Value(2))
    since = Coalesce("last_news_at", "raised_at", output_field=DateTimeField())
    annotated: Any = rows.annotate(ask=ask, since=since).exclude(ask="")
    return annotated.annotate(first=first).order_by("first", "ticket__priority", "raised_at")


def fault_or_404(request: UserRequest, our_key: str) -> PartnerTicket:
    """The fault, if it was raised with the person's operator."""
    operator_only(request)
    found = mine(request.user).filter(our_key=our_key).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def faults(request: UserRequest) -> HttpResponse:
    """Which faults need an answer, the new and late ones first?"""
    operator = operator_only(request)
    rows = waiting(request.user, now())
    found = [Line(row, row.ask, row.since) for row in rows[:MOST_SHOWN]]
    context = {
        "title": "Faults to answer",
        "operator": operator,
        "figures": partner_figures(request.user, now()),
        "lines": found,
        "more": rows.count() - len(found),
        "ended": _ended(request),
        "may_answer": may(request.user, "ticket.answer"),
    }
    return render(request, "ofx/portal/partner/faults.html", context)


def _ended(request: UserRequest) -> list[Line]:
    """The last ones that were resolved or ended, and those that wait for the provider."""
    rows = mine(request.user).filter(state__in=["pending", "resolved", "closed", "rejected", "cancelled"])
    return [Line(row, "", row.last_news_at or row.raised_at) for row in rows.order_by("-raised_at")[:20]]


@login_required
@require_safe
def fault(request: UserRequest, our_key: str) -> HttpResponse:
    """What is wrong, where, and what can I answer?"""
    row = fault_or_404(request, our_key)
    return render(request, "ofx/portal/partner/fault.html", _page(request, row))


def _page(request: UserRequest, row: PartnerTicket, opened: FaultAnswerForm | None = None) -> dict[str, Any]:
    """The fault's page; a form that was refused stands open in it."""
    able = [kind for kind in ANSWERS if row.state in POSSIBLE[kind][3]] if may(request.user, "ticket.answer") else []
    forms = [opened if opened and opened.kind == kind else FaultAnswerForm(kind) for kind in able]
    return {
        "title": row.ticket.title,
        "row": row,
        "look": LOOK.get(row.state, (row.get_state_display(), "grey")),
        "forms": forms,
        "opened": opened.kind if opened else (able[0] if able else ""),
        "told": _told(row),
        "timeline": story(row),
    }


def _told(row: PartnerTicket) -> Iterable[tuple[str, str]]:
    """What the provider told of the fault."""
    return [(CHARACTERISTICS.get(code, (code,))[0], str(value)) for code, value in row.characteristics.items()]


def story(row: PartnerTicket) -> list[Entry]:
    """What both parties know of it: no internal note, test or other partner of the provider.

    The operator's own words are the facts of its leg; notes of the ticket may be another operator's.
    """
    provider = str(row.organisation)
    facts = [
        Entry(
            at=fact.issued_at, kind="state", title=fact_title(fact), body=str(fact.data.get("text") or ""),
            who="You" if fact.source == "partner" else provider,
        )
        for fact in row.facts.all()
        if fact.source != "system" and (fact.kind != "NOTE" or fact.data.get("text"))
    ]  # fmt: skip
    notes = [
        Entry(at=note.at, kind="note", title="Note", body=note.text,
              who="The customer" if note.author == "customer" else provider)
        for note in row.ticket.notes.filter(audience__in=["partner", "all"], at__gte=row.raised_at)
        if note.author != "partner"
    ]  # fmt: skip
    return merge(facts, notes)


@login_required
@require_POST
def answer(request: UserRequest, our_key: str, kind: str) -> HttpResponse:
    """One answer."""
    if kind not in ANSWERS:
        raise Http404
    row = fault_or_404(request, our_key)
    permit(request.user, "ticket.answer")
    form = FaultAnswerForm(kind, request.POST)
    if form.is_valid() and _give(request, row, form):
        messages.success(request, f"{form.said}. {row.organisation} is told.")
        return redirect("partner-faults" if request.POST.get("next") == "partner-faults" else row_url(row))
    row.refresh_from_db()
    return render(request, "ofx/portal/partner/fault.html", _page(request, row, form), status=422)


def row_url(row: PartnerTicket) -> str:
    """The fault's page."""
    return f"/partner/faults/{row.our_key}/"


def _give(request: UserRequest, row: PartnerTicket, form: FaultAnswerForm) -> bool:
    """Give the answer; its refusal stands in the form."""
    try:
        operator_answer(partner_ticket=row, actor=request.user, at=now(), kind=form.kind, **form.values())
    except TicketInvalid as error:
        for field, text in error.problems.items():
            form.add_error(field if field in form.fields else None, text)
    except (IllegalTransition, ValueError) as error:
        form.add_error(None, str(error))
    return not form.errors

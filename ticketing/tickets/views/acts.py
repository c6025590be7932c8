"""What staff do on a ticket's page: each view one action."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ticketing.tickets import actions
from ticketing.tickets.filters import colleagues
from ticketing.tickets.forms import (
    AssignForm,
    ChangeForm,
    LinkForm,
    MergeForm,
    NoteForm,
    ResolveForm,
    SplitForm,
    StepForm,
    TriedForm,
    WaitForm,
    WhyForm,
    ticket_initial,
)
from ticketing.tickets.models import Ticket
from ticketing.tickets.views.loading import REFUSALS, act, ask, done, refusal, ticket_of, writable

GET_OR_POST = ["GET", "HEAD", "POST"]


def posted(request: UserRequest) -> Any:
    """The form's data of a POST, else None."""
    return request.POST if request.method == "POST" else None


@login_required
@require_POST
def take(request: UserRequest, reference: str) -> HttpResponse:
    """I work on it."""
    ticket = writable(request, reference)
    return act(request, ticket, "It is yours.", actions.take, ticket=ticket)


SIMPLE: dict[str, tuple[Any, str]] = {
    "resume": (actions.stop_waiting, "It goes on."),
    "confirm": (actions.confirm, "Confirmed and closed."),
}


@login_required
@require_POST
def simple(request: UserRequest, reference: str, word: str) -> HttpResponse:
    """It goes on, or the customer says it works."""
    if word not in SIMPLE:
        raise Http404
    ticket = writable(request, reference)
    action, text = SIMPLE[word]
    return act(request, ticket, text, action, ticket=ticket)


@login_required
@require_http_methods(GET_OR_POST)
def assign(request: UserRequest, reference: str) -> HttpResponse:
    """Who takes it?"""
    ticket = writable(request, reference)
    form = AssignForm(posted(request), initial={"to": ticket.assigned_to_id, "team": ticket.team})
    chooser: Any = form.fields["to"]
    chooser.queryset = colleagues(request)
    context = {"title": f"Who takes {ticket.reference}?", "values": {"ticket": ticket}, "button": "Give it"}
    return ask(request, ticket, form, actions.assign, "Given.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def change(request: UserRequest, reference: str) -> HttpResponse:
    """What is it really, and how bad?"""
    ticket = writable(request, reference)
    form = ChangeForm(posted(request), initial=ticket_initial(ticket))
    context = {
        "title": f"Change {ticket.reference}",
        "values": {"ticket": ticket},
        "hint": "Severity and impact make the priority; another class brings its own steps.",
    }
    return ask(request, ticket, form, actions.change, "Changed.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def wait(request: UserRequest, reference: str) -> HttpResponse:
    """On whom does it wait, and why?"""
    ticket = writable(request, reference)
    form = WaitForm(posted(request))
    context = {"title": f"{ticket.reference} waits", "values": {"ticket": ticket}, "button": "It waits"}
    return ask(request, ticket, form, actions.wait, "It waits.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def resolve(request: UserRequest, reference: str) -> HttpResponse:
    """What solved it?"""
    ticket = writable(request, reference)
    partner = ticket.partner_tickets.exclude(fix="").order_by("-raised_at").first()
    initial = {"tier": "tsc" if ticket.tier == "tsc" else "l1"}
    if partner:
        initial |= {"fix": partner.fix, "cause": partner.cause, "clear_code": partner.clear_code, "tier": "partner"}
    left = list(ticket.sop_steps.filter(mandatory=True, done_at=None, skipped=False))
    form = ResolveForm(posted(request), initial=initial, waivable=any(step.by == "partner" for step in left))
    warning = f"Steps that must be done are open: {', '.join(step.title for step in left)}." if left else ""
    context = {"title": f"Resolve {ticket.reference}", "values": {"ticket": ticket}, "button": "Resolve"}
    hint = "The customer is asked whether it works; without an answer it closes by itself."
    return ask(request, ticket, form, actions.resolve, "Resolved.", hint=hint, warning=warning, **context)


# word → (title, button, what is said afterwards, the action, its word for the reason, a danger)
WHY: dict[str, tuple[str, str, str, Any, str, bool]] = {
    "reopen": ("Reopen", "Reopen", "It is open again.", actions.reopen, "why", False),
    "cancel": ("Cancel", "Cancel the ticket", "Cancelled.", actions.cancel, "why", True),
    "reject": ("Reject", "Reject the ticket", "Rejected.", actions.reject, "why", True),
    "give-back": ("Back to the desk", "Give it back", "The desk has it again.", actions.give_back, "why", False),
}


@login_required
@require_http_methods(GET_OR_POST)
def why(request: UserRequest, reference: str, word: str) -> HttpResponse:
    """Something that needs a reason: reopen, cancel, reject, give back."""
    if word not in WHY:
        raise Http404
    ticket = writable(request, reference)
    title, button, text, action, name, danger = WHY[word]

    def run(**values: Any) -> None:
        values[name] = values.pop("why")
        action(ticket=ticket, **values)

    form = WhyForm(posted(request))
    return ask(request, ticket, form, run, text, title=f"{title} {ticket.reference}", button=button, danger=danger)


@login_required
@require_http_methods(GET_OR_POST)
def tsc(request: UserRequest, reference: str) -> HttpResponse:
    """What was tried, so that TSC need not ask?"""
    ticket = writable(request, reference)
    hint = "Tests, answers, steps and notes go along by themselves."
    context = {"title": f"{ticket.reference} to TSC", "values": {"ticket": ticket}, "button": "Hand it to TSC"}
    form = TriedForm(posted(request))
    return ask(request, ticket, form, actions.hand_to_tsc, "TSC has it.", hint=hint, **context)


def other_of(request: UserRequest, reference: str) -> Ticket | None:
    """Another ticket of the same tenant by its reference, however it is spelt."""
    text = "".join(reference.replace("\x00", "").upper().split())
    number = text.removeprefix("TT").lstrip("-")
    if number.isdigit() and len(number) < 9:
        text = f"TT-{int(number):06d}"
    return Ticket.objects.visible_to(request.user).filter(reference=text).first()


def _found(request: UserRequest, name: str, reference: str) -> Ticket:
    other = other_of(request, reference)
    if other is None:
        raise actions.TicketInvalid({name: f"There is no ticket {reference}. Its reference looks like TT-000123."})
    return other


@login_required
@require_http_methods(GET_OR_POST)
def merge(request: UserRequest, reference: str) -> HttpResponse:
    """Which ticket stays?"""
    ticket = writable(request, reference)

    def run(*, into: str, **values: Any) -> None:
        actions.merge(ticket=ticket, into=_found(request, "into", into), **values)

    hint = f"{ticket.reference} ends; what is said from now on is written on the other one. Nothing is lost."
    form = MergeForm(posted(request))
    return ask(request, ticket, form, run, "Merged.", title=f"Merge {ticket.reference}", hint=hint, button="Merge")


@login_required
@require_http_methods(GET_OR_POST)
def split(request: UserRequest, reference: str) -> HttpResponse:
    """What is the second fault inside it?"""
    ticket = writable(request, reference)
    form = SplitForm(posted(request))
    context = {"title": f"Split {ticket.reference}", "values": {"ticket": ticket}, "button": "Open the second"}
    return ask(request, ticket, form, actions.split, "The second ticket is open.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def link(request: UserRequest, reference: str) -> HttpResponse:
    """What belongs to it?"""
    ticket = writable(request, reference)

    def run(*, other: str, **values: Any) -> None:
        actions.link(ticket=ticket, other=_found(request, "other", other), **values)

    form = LinkForm(posted(request))
    return ask(request, ticket, form, run, "Linked.", title=f"Link {ticket.reference}", button="Link")


@login_required
@require_POST
def step(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """A step of the checklist is done, or left out."""
    ticket = writable(request, reference)
    form = StepForm(request.POST)
    if not form.is_valid():
        return done(request, ticket, error=ValueError("The evidence is too long: at most 2,000 characters."))
    return act(request, ticket, "Kept.", actions.tick_step, ticket=ticket, position=position, **form.cleaned_data)


@login_required
@require_POST
def note(request: UserRequest, reference: str) -> HttpResponse:
    """Say something, to whom it is meant for; a file may go along; a macro may make it wait."""
    ticket = ticket_of(request, reference)
    permit(request.user, "ticket.note")
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return done(request, ticket, error=ValueError(words))
    values = form.cleaned_data
    try:
        if values["file"]:
            actions.attach(
                ticket=ticket, actor=request.user, at=now(), upload=values["file"], audience=values["audience"]
            )
        if values["text"]:
            actions.add_note(
                ticket=ticket, actor=request.user, at=now(), text=values["text"], audience=values["audience"],
                is_question=values["is_question"],
            )  # fmt: skip
    except REFUSALS as error:
        return done(request, ticket, error=ValueError(refusal(error)))
    return done(request, ticket, "Kept." if values["audience"] == "internal" else "Sent.")

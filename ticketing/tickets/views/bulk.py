"""Several tickets at once: take, give, note, tell, resolve, merge."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ticketing.tickets import actions
from ticketing.tickets.filters import colleagues
from ticketing.tickets.models import Ticket
from ticketing.tickets.views.acts import other_of
from ticketing.tickets.views.loading import REFUSALS, refusal, staff_only

MOST = 200
WORDS = {
    "take": "taken", "assign": "given", "note": "noted", "tell": "told", "resolve": "resolved", "merge": "merged",
}  # fmt: skip
NEEDS_TEXT = {
    "assign": "Type a colleague's name or e-mail.", "note": "Type the note.", "tell": "Type what customers are told.",
    "resolve": "Type what solved it.", "merge": "Type the reference of the ticket that stays.",
}  # fmt: skip


@login_required
@require_POST
def bulk(request: UserRequest, word: str) -> HttpResponse:
    """One act on every chosen ticket; each that refuses is told of, the others go through."""
    staff_only(request)
    if word not in WORDS:
        raise Http404
    permit(request.user, "ticket.write")
    text = request.POST.get("text", "").replace("\x00", "").strip()[:4000]
    if word in NEEDS_TEXT and not text:
        return _back(request, NEEDS_TEXT[word])
    try:
        one = _act(request, word, text)
    except ValueError as error:
        return _back(request, str(error))
    numbers = [int(pk) for pk in request.POST.getlist("selected")[:MOST] if pk.isdigit() and len(pk) < 19]
    good, refused = 0, []
    for ticket in Ticket.objects.visible_to(request.user).filter(pk__in=numbers).select_related("organisation"):
        try:
            one(ticket)
            good += 1
        except REFUSALS as error:
            refused.append(f"{ticket.reference}: {refusal(error)}")
    if good:
        messages.success(request, f"{good} {WORDS[word]}.")
    return _back(request, " ".join(refused[:5]) + (f" And {len(refused) - 5} more." if len(refused) > 5 else ""))


def _act(request: UserRequest, word: str, text: str) -> Callable[[Ticket], Any]:
    """What is done to one ticket. Raises ValueError where the text names nobody and nothing."""
    common: dict[str, Any] = {"actor": request.user, "at": now()}
    if word == "take":
        return lambda ticket: actions.take(ticket=ticket, **common)
    if word == "note":
        return lambda ticket: actions.add_note(ticket=ticket, text=text, **common)
    if word == "tell":
        return lambda ticket: actions.add_note(ticket=ticket, text=text, audience="customer", **common)
    if word == "resolve":
        return lambda ticket: actions.resolve(ticket=ticket, fix=text, **common)
    if word == "assign":
        return partial(_give, to=_colleague(request, text), **common)
    into = other_of(request, text)
    if into is None:
        raise ValueError(f"There is no ticket {text}. Its reference looks like TT-000123.")
    return partial(_merge, into=into, **common)


def _give(ticket: Ticket, **values: Any) -> None:
    actions.assign(ticket=ticket, **values)


def _merge(ticket: Ticket, *, into: Ticket, **values: Any) -> None:
    if ticket.pk != into.pk:
        actions.merge(ticket=ticket, into=into, **values)


def _colleague(request: UserRequest, text: str) -> Any:
    """The one colleague that the text names. Raises ValueError for none or several."""
    people = colleagues(request)
    found = list(people.filter(email__iexact=text)) or list(people.filter(name__icontains=text)[:3])
    if len(found) != 1:
        what = "Several colleagues are" if found else "No colleague is"
        raise ValueError(f"{what} called “{text}”: type the whole name or the e-mail.")
    return found[0]


def _back(request: UserRequest, problem: str = "") -> HttpResponse:
    if problem:
        messages.error(request, problem)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/tickets/"
    return redirect(target)

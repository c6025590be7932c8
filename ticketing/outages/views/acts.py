"""What people do to an outage. Each view loads by the scoped door and calls one action."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.outages import actions
from ticketing.outages.forms import ClearForm, UpdateForm
from ticketing.outages.models import Outage, OutageChild
from ticketing.outages.views.loading import act, writable
from ticketing.tickets.models import Ticket

MOST = 200  # tickets at once, as in the queue


@require_POST
@login_required
def simple(request: UserRequest, reference: str, word: str) -> HttpResponse:
    """Approve, reject, reopen or close."""
    outage = writable(request, reference)
    why = request.POST.get("why", "").replace("\x00", "")[:300]
    if word == "approve":
        text = request.POST.get("public_text", "").replace("\x00", "")[:2000]
        said = "Approved. Who is affected is being found and told."
        return act(request, outage, said, actions.approve, outage=outage, at=now(), public_text=text)
    if word == "reject":
        return act(request, outage, "Kept as no outage.", actions.reject, outage=outage, at=now(), why=why)
    if word == "reopen":
        return act(request, outage, "Open again; all are told.", actions.reopen, outage=outage, at=now(), why=why)
    return act(request, outage, "Closed.", actions.close, outage=outage, at=now())


@require_POST
@login_required
def update(request: UserRequest, reference: str) -> HttpResponse:
    """One update to everybody."""
    outage = writable(request, reference)
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return _blamed(request, outage, form)
    return act(
        request, outage, "Everybody is being told.", actions.update, outage=outage, at=now(), **form.cleaned_data
    )


@require_POST
@login_required
def clear(request: UserRequest, reference: str) -> HttpResponse:
    """The cause is gone: tell, and test again."""
    outage = writable(request, reference)
    form = ClearForm(request.POST)
    if not form.is_valid():
        return _blamed(request, outage, form)
    text = "Everybody is being told, and every service tested again."
    return act(request, outage, text, actions.clear, outage=outage, at=now(), **form.cleaned_data)


@require_POST
@login_required
def child(request: UserRequest, reference: str, pk: int, word: str) -> HttpResponse:
    """Take a child out, or decide on one that is still down."""
    outage = writable(request, reference)
    row = get_object_or_404(OutageChild.objects.select_related("outage"), outage=outage, pk=pk)
    why = request.POST.get("why", "").replace("\x00", "")[:300]
    if word == "detach":
        return act(request, outage, f"{row} was taken out.", actions.detach, child=row, at=now(), why=why)
    works = word == "works"
    text = f"{row}: kept as {'working' if works else 'a fault of its own'}."
    return act(request, outage, text, actions.decide_child, child=row, at=now(), works=works, why=why)


@require_POST
@login_required
def attach(request: UserRequest, reference: str) -> HttpResponse:
    """Put a ticket under the outage by its reference."""
    outage = writable(request, reference)
    wanted = request.POST.get("ticket", "").replace("\x00", "").strip().upper()[:20]
    ticket = Ticket.objects.visible_to(request.user).filter(reference=wanted).first()
    if ticket is None:
        messages.error(request, f"There is no ticket “{wanted}”: give its reference, such as TT-000123.")
        return redirect(outage)
    return act(request, outage, f"{ticket} is part of it now.", actions.attach, outage=outage, ticket=ticket, at=now())


@require_POST
@login_required
def attach_many(request: UserRequest) -> HttpResponse:
    """Put the tickets that were chosen in the queue under one outage; each that refuses is told of."""
    reference = request.POST.get("text", "").replace("\x00", "").strip().upper()[:20]
    rows = Outage.objects.visible_to(request.user)
    outage = rows.select_related("organisation", "operator").filter(reference=reference).first()
    permit(request.user, "outage.write")
    if outage is None:
        text = f"There is no outage “{reference}”." if reference else "Type the outage."
        messages.error(request, f"{text} Its reference looks like OUT-000123.")
        return _queue(request)
    numbers = [int(pk) for pk in request.POST.getlist("selected")[:MOST] if pk.isdigit() and len(pk) < 19]
    good, refused = 0, []
    for ticket in Ticket.objects.visible_to(request.user).filter(pk__in=numbers):
        try:
            actions.attach(outage=outage, ticket=ticket, actor=request.user, at=now())
            good += 1
        except (IllegalTransition, ValueError) as error:
            refused.append(f"{ticket.reference}: {error}")
    if good:
        messages.success(request, f"{good} put under {outage.reference}.")
    if refused:
        more = f" And {len(refused) - 5} more." if len(refused) > 5 else ""
        messages.error(request, " ".join(refused[:5]) + more)
    return _queue(request)


def _queue(request: UserRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "/tickets/")


def _blamed(request: UserRequest, outage: Outage, form: UpdateForm | ClearForm) -> HttpResponse:
    for field, errors in form.errors.items():
        label = form.fields[field].label if field in form.fields else field
        messages.error(request, f"{label}: {' '.join(map(str, errors))}")
    return redirect(outage)

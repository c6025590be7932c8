"""One step of a guide at a time, for customers on a phone and for the desk beside a ticket."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.guides import actions
from ticketing.guides.models import Guide, GuideRun
from ticketing.guides.path import path, transcript
from ticketing.guides.screens import Screen, refused
from ticketing.guides.showing import screen_now
from ticketing.tickets.models import Ticket

ENDED_POLL = 286


def run_of(request: UserRequest, token: str) -> GuideRun:
    """The run, if the user may see it: a customer's person their own, on whatever device."""
    wanted = ("guide", "version", "service__operator", "service__offering", "service__item", "ticket", "user")
    rows = GuideRun.objects.visible_to(request.user).select_related(*wanted, "organisation")
    return get_object_or_404(rows, token=token)


def staff(request: UserRequest) -> bool:
    """Whether the page is for our own people."""
    acting = request.user.acting
    return acting is not None and acting.organisation.kind != "customer"


def address(request: UserRequest, run: GuideRun) -> str:
    """The run's page for this reader."""
    return f"/guides/runs/{run.token}/" if staff(request) else f"/help/runs/{run.token}/"


def _screen(request: UserRequest, run: GuideRun) -> Screen | None:
    return screen_now(run, at=now(), staff=staff(request))


def _context(request: UserRequest, run: GuideRun, screen: Screen | None) -> dict[str, Any]:
    return {
        "title": run.guide.title,
        "run": run,
        "screen": screen,
        "base": address(request, run),
        "for_staff": staff(request),
        "told": transcript(path(run)) if screen is None or staff(request) else [],
        "partner": run.ticket.partner_tickets.first() if run.ticket and run.state == "escalated" else None,
    }


def _page(request: UserRequest, run: GuideRun, **more: Any) -> HttpResponse:
    screen = _screen(request, run)
    context = {**_context(request, run, screen), **more}
    if screen and more.get("errors"):
        context["fields"] = refused(screen, more["given"], more["errors"])
    return render(request, "ticketing/guides/run.html", context, status=422 if more.get("errors") else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: UserRequest, token: str) -> HttpResponse:
    """What is the next step? A POST answers the one that is shown."""
    row = run_of(request, token)
    if request.method != "POST":
        return _page(request, row)
    permit(request.user, "ticket.report")
    position = request.POST.get("position", "")
    try:
        actions.answer(
            run=row,
            actor=request.user,
            at=now(),
            position=int(position) if position.isdigit() and len(position) < 9 else 0,
            given=request.POST,
        )
    except actions.AnswerInvalid as error:
        return _page(request, row, errors=error.fields, given=request.POST)
    except IllegalTransition as error:
        messages.warning(request, str(error))
    return redirect(address(request, row))


@login_required
@require_safe
def live(request: UserRequest, token: str) -> HttpResponse:
    """The step as a part of the page, asked for while a test runs; 286 when it has ended."""
    row = run_of(request, token)
    screen = _screen(request, row)
    busy = screen is not None and screen.kind == "busy"
    part = "ticketing/guides/screen.html" if screen else "ticketing/guides/done.html"
    return render(request, part, _context(request, row, screen), status=200 if busy else ENDED_POLL)


ACTS = {"back": actions.back, "give-up": actions.give_up, "fixed": actions.say_fixed}


@login_required
@require_POST
def act(request: UserRequest, token: str, act: str) -> HttpResponse:
    """Back, report it now, or it works again."""
    row = run_of(request, token)
    try:
        ACTS[act](run=row, actor=request.user, at=now())
    except IllegalTransition as error:
        messages.warning(request, str(error))
    return redirect(address(request, row))


@login_required
@require_POST
def begin(request: UserRequest) -> HttpResponse:
    """The desk takes a guide for a ticket; one that is under way is gone on with."""
    rows = Ticket.objects.visible_to(request.user).select_related("service__offering", "service__item", "customer")
    ticket = get_object_or_404(rows, reference=request.POST.get("ticket", "").replace("\x00", ""))
    permit(request.user, "ticket.write")
    number = request.POST.get("guide", "")
    guides = Guide.objects.visible_to(request.user).filter(active=True, audience__in=("agent", "both"))
    guide = get_object_or_404(guides, pk=int(number) if number.isdigit() and len(number) < 18 else 0)
    try:
        row = actions.start(
            guide=guide,
            actor=request.user,
            at=now(),
            organisation=ticket.organisation,
            customer=ticket.customer,
            service=ticket.service,
            ticket=ticket,
            channel="phone",
            words=ticket.title,
            fault_class=ticket.fault_class,
            simulated=ticket.simulated,
        )
    except actions.NoGuide as error:
        messages.error(request, str(error))
        return redirect(ticket)
    return redirect(row)

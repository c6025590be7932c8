"""A customer's connections and faults."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import Order, ServiceRecord
from ofx.portal.customer import queries
from ofx.portal.customer.door import customer_only, fault_or_404, writes
from ofx.portal.customer.forms import StillForm, WriteForm
from ofx.portal.customer.road import words
from ticketing.models import Ticket
from ticketing.tickets import actions
from ticketing.tickets.views.page import STOP_POLLING, download

PAGE = 20
REFUSALS = (IllegalTransition, ValueError)


@login_required
@require_safe
def faults(request: UserRequest) -> HttpResponse:
    """Which faults did we report, and how does each stand?"""
    acting = customer_only(request)
    over = request.GET.get("over") == "1"
    rows = queries.ended_faults(request.user) if over else queries.open_faults(request.user)
    page = Paginator(rows.select_related("reported_by"), PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Faults"),
        "question": _("Which faults did we report, and how does each stand?"),
        "page": page,
        "rows": [(row, words(row)[0]) for row in page.object_list],
        "over": over,
        "everybody": acting.role == "admin",
    }
    return render(request, "ofx/customer/faults.html", context)


@login_required
@require_safe
def fault(request: UserRequest, reference: str) -> HttpResponse:
    """What happens with this fault, and what is needed from me?"""
    row = fault_or_404(request, reference)
    return _fault(request, row)


def _fault(
    request: UserRequest, row: Ticket, *, form: WriteForm | None = None, still: StillForm | None = None
) -> HttpResponse:
    wrong = bool((form and form.errors) or (still and still.errors))
    context = {
        **_shown(request, row),
        "title": row.title,
        "question": _("What happens with this fault, and what is needed from me?"),
        "form": form or WriteForm(),
        "still": still or StillForm(),
        "still_open": bool(still and still.errors),
    }
    return render(request, "ofx/customer/fault.html", context, status=422 if wrong else 200)


def _shown(request: UserRequest, row: Ticket) -> dict[str, Any]:
    page = queries.fault_page(row, request.user, now())
    return {"ticket": row, "page": page, "known_need": page.road.need}


@login_required
@require_safe
def live(request: UserRequest, reference: str) -> HttpResponse:
    """The parts of the page that change."""
    row = fault_or_404(request, reference)
    part = "story" if request.GET.get("part") == "story" else "live"
    context = {**_shown(request, row), "known_need": request.GET.get("need", "")[:10]}
    status = STOP_POLLING if row.ended else 200
    return render(request, f"ofx/customer/fault_{part}.html", context, status=status)


@login_required
@require_POST
def write(request: UserRequest, reference: str) -> HttpResponse:
    """Answer what was asked, or tell us something; a photo may come with it."""
    row = fault_or_404(request, reference)
    writes(request)
    form = WriteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _fault(request, row, form=form)
    text, file = form.cleaned_data["text"], form.cleaned_data["file"]
    try:
        if file:  # first: the desk that reads the answer finds the photo already
            actions.attach(ticket=row, actor=request.user, at=now(), upload=file)
        if text or file:
            said = text or _("A photo: see the file.")
            actions.answer_question(ticket=row, actor=request.user, at=now(), text=said, channel="portal")
    except actions.BadFile as error:
        form.add_error("file", str(error))
    except REFUSALS as error:
        form.add_error("text", str(error))
    if form.errors:
        return _fault(request, row, form=form)
    messages.success(request, _("Thank you. We have it."))
    return redirect("my-fault", reference=row.reference)


@login_required
@require_POST
def confirm(request: UserRequest, reference: str) -> HttpResponse:
    """It works again."""
    row = fault_or_404(request, reference)
    writes(request)
    try:
        actions.confirm(ticket=row, actor=request.user, at=now())
    except REFUSALS:
        messages.error(request, _("There is nothing to confirm now: see below how it stands."))
    else:
        messages.success(request, _("Thank you for telling us. Good that it works again."))
    return redirect("my-fault", reference=row.reference)


@login_required
@require_POST
def still(request: UserRequest, reference: str) -> HttpResponse:
    """It still does not work."""
    row = fault_or_404(request, reference)
    writes(request)
    form = StillForm(request.POST)
    if not form.is_valid():
        return _fault(request, row, still=form)
    try:
        actions.reopen(ticket=row, actor=request.user, at=now(), why=form.cleaned_data["why"])
    except IllegalTransition:
        messages.error(request, _("It is closed already. Report it again: we then see what was done before."))
    except ValueError as error:
        form.add_error("why", str(error))
        return _fault(request, row, still=form)
    else:
        messages.success(request, _("Thank you. We work on it again."))
    return redirect("my-fault", reference=row.reference)


@login_required
@require_safe
def file(request: UserRequest, reference: str, number: int) -> HttpResponse:
    """A file that the customer may read, as a download."""
    row = fault_or_404(request, reference)
    return download(get_object_or_404(row.attachments.filter(audience__in=queries.SEEN), pk=number))


@login_required
@require_safe
def orders(request: UserRequest) -> HttpResponse:
    """Where are my orders?"""
    customer_only(request)
    rows = Order.objects.visible_to(request.user).order_by("-created_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"title": _("My orders"), "question": _("Where are my orders?"), "page": page}
    return render(request, "ofx/customer/orders.html", context)


@login_required
@require_safe
def services(request: UserRequest) -> HttpResponse:
    """How are my connections?"""
    customer_only(request)
    page = Paginator(queries.active_services(request.user), PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("My connections"),
        "question": _("How are my connections?"),
        "page": page,
        "healths": queries.health_of(request.user, page.object_list, now()),
    }
    return render(request, "ofx/customer/services.html", context)


@login_required
@require_http_methods(["GET", "HEAD"])
def service(request: UserRequest, reference: str) -> HttpResponse:
    """How is this connection, and what was done about it?"""
    rows = ServiceRecord.objects.visible_to(request.user).select_related("offering", "item__order", "organisation")
    row = get_object_or_404(rows, reference=reference)
    customer_only(request)
    context = {
        "title": row.place_text,
        "question": _("How is this connection, and what was done about it?"),
        "service": row,
        **queries.service_page(request.user, row, now()),
    }
    return render(request, "ofx/customer/service.html", context)

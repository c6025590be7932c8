"""The partner portal: what needs an answer, answered in the row; each order; all orders; what was said."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ofx.orders.actions import operator_answers as answers
from ofx.orders.answers import VERBS, AnswerInvalid, possible, refusal
from ofx.orders.models import PartnerOrder
from ofx.portal.partner import queries
from ofx.portal.partner.door import operator_only, order_or_404
from ofx.portal.partner.forms import UNDO, AnswerForm, AnswersFileForm
from ofx.portal.partner.story import story
from ofx.portal.partner.tables import OrdersTable, SaidTable

MOST_SHOWN = 100
PORTAL = answers.Channel(kind="portal")
PLACES = {"partner-home": "/partner/"}


@login_required
@require_safe
def home(request: UserRequest) -> HttpResponse:
    """What needs an answer, oldest first?"""
    operator = operator_only(request)
    today = timezone.localdate(now())
    waiting = queries.waiting(request.user, today)
    found = queries.lines(queries.with_flags(waiting)[:MOST_SHOWN])
    context = {
        "title": "To answer",
        "operator": operator,
        "lines": found,
        "more": waiting.count() - len(found),
        "open": PartnerOrder.objects.visible_to(request.user).filter(ended_at=None).count(),
        "file_form": AnswersFileForm(),
        "may_answer": may(request.user, "partner_order.answer"),
        "today": today,
    }
    return render(request, "ofx/portal/partner/home.html", context)


@login_required
@require_safe
def order(request: UserRequest, our_key: str) -> HttpResponse:
    """What is ordered, where, for when, and what can I answer?"""
    row = order_or_404(request, our_key)
    return render(request, "ofx/portal/partner/order.html", _page(request, row))


def _page(request: UserRequest, row: PartnerOrder, open_form: AnswerForm | None = None) -> dict[str, Any]:
    """The order page; a form that was refused stands open in it."""
    able = possible(row, queries.open_kinds(row)) if may(request.user, "partner_order.answer") else []
    forms = [open_form if open_form and open_form.verb == verb else AnswerForm(verb, row) for verb in able]
    line = queries.line_of(row)
    return {
        "title": f"{row.item.offering} at {row.order.postcode}",
        "row": row,
        "line": line,
        "forms": forms,
        "opened": open_form.verb if open_form else line.first,
        "timeline": story(row),
        "today": timezone.localdate(now()),
        "may_answer": bool(able),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: UserRequest, our_key: str, verb: str) -> HttpResponse:
    """One answer: its few fields, then the answer."""
    if verb not in VERBS:
        raise Http404
    row = order_or_404(request, our_key)
    permit(request.user, "partner_order.answer")
    if request.method != "POST":
        return _ask(request, row, verb)
    if verb == "acknowledge" and request.POST.get("date"):
        verb = "commit"  # to name the date is to take the order
    form = AnswerForm(verb, row, request.POST)
    refused = _give(request, row, form) if form.is_valid() else ""
    if form.errors or refused:
        return _refused(request, row, form, refused)
    return _done(request, our_key, verb)


def _give(request: UserRequest, row: PartnerOrder, form: AnswerForm) -> str:
    """Give the answer; why the order does not allow it, in words. Wrong values stand at the form's fields."""
    values = {name: value for name, value in form.cleaned_data.items() if value is not None}
    try:
        answers.give(verb=form.verb, actor=request.user, partner_order=row, at=now(), via=PORTAL, **values)
    except AnswerInvalid as error:
        form.refuse(error)
    except IllegalTransition as error:
        return str(error)
    return ""


def _in_row(request: UserRequest) -> bool:
    target = getattr(getattr(request, "htmx", None), "target", None) or ""
    return target.startswith("row-")


def _ask(request: UserRequest, row: PartnerOrder, verb: str) -> HttpResponse:
    """The answer's form: inside its row, or with the order around it."""
    form = AnswerForm(verb, row)
    if _in_row(request):
        return _row(request, row, form=form)
    why = refusal(row, verb, queries.open_kinds(row))
    if why:
        messages.warning(request, why)
    return render(request, "ofx/portal/partner/order.html", _page(request, row, form))


def _refused(request: UserRequest, row: PartnerOrder, form: AnswerForm, why: str) -> HttpResponse:
    if _in_row(request):
        return _row(request, row, form=form, problem=why)
    if why:
        messages.error(request, why)
        return redirect("partner-order", row.our_key)
    return render(request, "ofx/portal/partner/order.html", _page(request, row, form), status=422)


def _done(request: UserRequest, our_key: str, verb: str) -> HttpResponse:
    """The row as it stands now, where it was; else the page it came from, with a word about it."""
    row = order_or_404(request, our_key)
    if _in_row(request):
        return _row(request, row, said=VERBS[verb].said, undo=UNDO.get(verb, ""))
    undo = f"undo:/partner/orders/{our_key}/{UNDO[verb]}/" if verb in UNDO else ""
    messages.success(request, f"{VERBS[verb].said}. {row.order.organisation} is told.", extra_tags=undo)
    if request.POST.get("next") in PLACES:
        return redirect(PLACES[request.POST["next"]])
    return redirect("partner-order", our_key)


def _row(request: UserRequest, row: PartnerOrder, **more: Any) -> HttpResponse:
    context = {"line": queries.line_of(row), "may_answer": True, "today": timezone.localdate(now()), **more}
    return render(request, "ofx/portal/partner/row.html", context)


@login_required
@require_safe
def orders(request: UserRequest) -> HttpResponseBase:
    """Which orders were placed with us, and how does each stand?"""
    operator_only(request)
    rows = queries.with_asks(queries.mine(request.user), timezone.localdate(now()))
    context = {"title": "Orders", "question": "Which orders were placed with us, and how does each stand?"}
    return table_page(request, OrdersTable, rows, context=context)


@login_required
@require_safe
def history(request: UserRequest) -> HttpResponseBase:
    """What did we say, when, and by which door?"""
    operator_only(request)
    context = {"title": "What was said", "question": "What did we answer, when, and by which door?"}
    return table_page(request, SaidTable, queries.said(request.user), context=context)

"""What staff do on an order's page: each view one action."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.orders import actions
from ofx.orders.change_forms import ChangeForm, ConsentForm
from ofx.orders.exposure import exposure
from ofx.orders.forms import AnswerForm, AttachForm, CancelForm, JudgeForm, NewsForm, NoteForm
from ofx.orders.models import Flag, Order
from ofx.orders.outbound import leg_of
from ofx.orders.queries import order_page
from ofx.orders.views.loading import REFUSALS, act, blame, done, order_of, part_of, writable
from ofx.orders.vocabulary import REASON_LABELS
from partners.conversations import actions as conversations

GET_OR_POST = ["GET", "HEAD", "POST"]


def ask(
    request: UserRequest, order: Order, form: forms.Form, template: str, action: Any, text: str, **context: Any
) -> HttpResponse:
    """A small form page of its own (also shown in the side panel), then one action."""
    values = context.pop("values", {})
    if request.method == "POST" and form.is_valid():
        try:
            action(actor=request.user, at=now(), **values, **form.cleaned_data)
        except REFUSALS as error:
            blame(form, error)
        else:
            return done(request, order, text)
    status = 422 if form.is_bound and form.errors else 200
    return render(
        request, template, {"order": order, "form": form, "back": order.get_absolute_url(), **context}, status=status
    )


@login_required
@require_http_methods(GET_OR_POST)
def cancel(request: UserRequest, reference: str) -> HttpResponse:
    """What a cancel means and costs, then the cancel."""
    order = writable(request, reference)
    form = CancelForm(request.POST if request.method == "POST" else None)
    parts = order_page(order, request.user).parts
    stages = [exposure(part, now()) for part in parts]
    context = {"title": f"Cancel {order.reference}", "stages": stages, "values": {"order": order}}
    return ask(
        request, order, form, "ofx/orders/cancel.html", actions.request_cancel, "The cancel is under way.", **context
    )


@login_required
@require_http_methods(GET_OR_POST)
def answer(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """Answer what the partner asks."""
    order = writable(request, reference)
    row = part_of(order, position)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    asked = row.flags.filter(kind="pending", closed_at=None)
    context = {"title": f"Answer {row.operator}", "row": row, "asked": asked, "values": {"partner_order": row}}
    sent = f"The answer goes to {row.operator}."
    return ask(request, order, form, "ofx/orders/answer.html", actions.answer_information, sent, **context)


@login_required
@require_http_methods(GET_OR_POST)
def amend(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """Ask the partner for another date or other details: those that it changes under way."""
    order = writable(request, reference)
    row = part_of(order, position)
    allowed, limits = actions.amendable_fields(operator=row.operator), row.operator.order_rules.get("max_length", {})
    known = {name: getattr(order, name) for name in allowed if name != "requested_date"}
    given = request.POST if request.method == "POST" else None
    initial = {**known, "requested_date": row.crd}
    form = ChangeForm(given, initial=initial, allowed=allowed, limits=limits)

    def change(**values: Any) -> None:
        actions.request_amend(actor=request.user, partner_order=row, at=values["at"], **form.wanted())

    parts = order_page(order, request.user).parts
    stage = next(exposure(part, now(), "amend") for part in parts if part.row.pk == row.pk)
    context = {"title": f"Change at {row.operator}", "row": row, "stage": stage, "asked": row.amend_requests.all()}
    sent = f"{row.operator} is asked for the change."
    return ask(request, order, form, "ofx/orders/amend.html", change, sent, **context)


@login_required
@require_http_methods(GET_OR_POST)
def consent(request: UserRequest, reference: str, position: int, number: int) -> HttpResponse:
    """What a charge costs, who is told, and who agreed: then yes or no."""
    order = writable(request, reference)
    row = part_of(order, position)
    charge = get_object_or_404(row.charges.select_related("partner_order__order"), pk=number)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    accepted = request.POST.get("answer") != "decline"
    word = "accepted" if accepted else "declined"
    context = {
        "title": f"Charge of {row.operator}",
        "row": row,
        "charge": charge,
        "values": {"charge": charge, "accepted": accepted},
    }
    text = f"The charge is {word}; {row.operator} is told."
    return ask(request, order, form, "ofx/orders/consent.html", actions.answer_charge, text, **context)


@login_required
@require_http_methods(GET_OR_POST)
def news(request: UserRequest, reference: str, position: int) -> HttpResponse:
    """Record what an operator without a connection said."""
    order = writable(request, reference)
    row = part_of(order, position)
    form = NewsForm(request.POST if request.method == "POST" else None)
    context = {"title": f"News from {row.operator}", "row": row, "values": {"partner_order": row}}
    return ask(request, order, form, "ofx/orders/news.html", actions.record_news, "The news is kept.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def judge(request: UserRequest, reference: str, number: int) -> HttpResponse:
    """Accept or dispute what a partner claims held the order up."""
    order = writable(request, reference)
    flag = get_object_or_404(Flag.objects.filter(partner_order__order=order), pk=number)
    initial = {"verdict": flag.verdict, "owner": flag.verdict_owner, "note": flag.verdict_note}
    form = JudgeForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {
        "title": "Judge a claim",
        "flag": flag,
        "reason": REASON_LABELS.get(flag.reason, flag.reason),
        "values": {"flag": flag},
    }
    return ask(request, order, form, "ofx/orders/judge.html", actions.judge_flag, "The verdict is kept.", **context)


@login_required
@require_POST
def charge(request: UserRequest, reference: str, position: int, word: str) -> HttpResponse:
    """Accept or decline a charge."""
    order = writable(request, reference)
    row = part_of(order, position)
    action = {"accept": actions.accept_charge, "decline": actions.decline_charge}[word]
    text = f"The charge is {word.rstrip('e')}ed; {row.operator} is told."
    return act(request, order, text, action, partner_order=row, at=now())


SIMPLE: dict[str, tuple[Any, str]] = {
    "retry": (actions.retry_send, "The order is sent again."),
    "accept": (actions.accept, "The service is accepted."),
    "complete": (actions.complete_by_hand, "The item is completed."),
    "release": (actions.release_item, "The item is sent without waiting."),
}


@login_required
@require_POST
def simple(request: UserRequest, reference: str, position: int, word: str) -> HttpResponse:
    """Retry, accept, complete or release an item."""
    order = writable(request, reference)
    action, text = SIMPLE[word]
    return act(request, order, text, action, partner_order=part_of(order, position), at=now())


@login_required
@require_POST
def refresh(request: UserRequest, reference: str) -> HttpResponse:
    """Ask every partner of the order for its current state."""
    order = order_of(request, reference)
    permit(request.user, "order.note")
    legs = [leg for row in order.partner_orders.filter(ended_at=None) if (leg := leg_of(row))]
    for leg in legs:
        conversations.refresh(leg=leg, at=now())
    words = "Asked. News appears here as it comes." if legs else "Nobody can be asked about this order now."
    return done(request, order, words)


@login_required
@require_POST
def note(request: UserRequest, reference: str) -> HttpResponse:
    """Write a note; a customer asks a question with it."""
    order = order_of(request, reference)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return done(request, order, error=ValueError("Write something, at most 4,000 characters."))
    acting = request.user.acting
    values = {"order": order, "text": form.cleaned_data["text"], "at": now()}
    if acting and acting.organisation.kind == "customer":
        return act(request, order, "Sent. We will answer here.", actions.ask_question, **values)
    values["internal"] = not form.cleaned_data["visible"]
    return act(request, order, "The note is kept.", actions.add_note, **values)


@login_required
@require_POST
def attach(request: UserRequest, reference: str) -> HttpResponse:
    """Attach a file."""
    order = order_of(request, reference)
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        reason = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return done(request, order, error=ValueError(reason))
    upload = form.cleaned_data["file"]
    return act(request, order, "The file is attached.", actions.add_attachment, order=order, upload=upload, at=now())

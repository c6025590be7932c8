"""How every view finds its row: through the scoped door, else 404."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import Order, PartnerOrder
from ofx.orders.validation import OrderInvalid


def order_of(request: HttpRequest, reference: str) -> Order:
    """The order, if the user may see it."""
    wanted = ("customer", "organisation", "owner", "address", "place")
    return get_object_or_404(Order.objects.visible_to(request.user).select_related(*wanted), reference=reference)


def writable(request: HttpRequest, reference: str) -> Order:
    """The order, if the user may see it (else 404) and write orders (else 403)."""
    order = order_of(request, reference)
    permit(request.user, "order.write")
    return order


def part_of(order: Order, position: int) -> PartnerOrder:
    """The partner order of an item of the order."""
    rows = PartnerOrder.objects.select_related("operator", "item__offering", "order")
    return get_object_or_404(rows, order=order, item__position=position)


def blame(form: forms.Form, error: Exception) -> None:
    """Put why an action refused where the form shows it: at the field that it names, else above the form."""
    if not isinstance(error, OrderInvalid):
        form.add_error(None, refusal(error))
        return
    for problem in error.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)


def refusal(error: Exception) -> str:
    """Why an action refused, in a sentence."""
    if isinstance(error, OrderInvalid):
        return " ".join(problem.message for problem in error.problems)
    return str(error)


REFUSALS = (IllegalTransition, OrderInvalid, ValueError)


def done(request: UserRequest, order: Order, text: str = "", error: Exception | None = None) -> HttpResponse:
    """Back to the order with a word about it."""
    if error is not None:
        messages.error(request, refusal(error))
    elif text:
        messages.success(request, text)
    return redirect(order)


def act(request: UserRequest, order: Order, text: str, action: Any, /, **values: Any) -> HttpResponse:
    """Call one action; its refusal becomes a message."""
    try:
        action(actor=request.user, **values)
    except REFUSALS as error:
        return done(request, order, error=error)
    return done(request, order, text)

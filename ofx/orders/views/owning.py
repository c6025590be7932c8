"""Hand an order over, and take one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ofx.core.clock import now
from ofx.core.models import User
from ofx.core.request import UserRequest
from ofx.orders import actions
from ofx.orders.views.loading import writable


class OwnerForm(forms.Form):
    """To whom, and what they should know."""

    to = forms.ModelChoiceField(User.objects.none(), label="Hand over to", empty_label="Choose a colleague")
    note = forms.CharField(
        label="What should they know?", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def owner(request: UserRequest, reference: str) -> HttpResponse:
    """Who looks after this order from now on?"""
    order = writable(request, reference)
    form = OwnerForm(request.POST if request.method == "POST" else None, initial={"to": request.user.pk})
    chooser: Any = form.fields["to"]
    chooser.queryset = actions.possible_owners(order=order)
    if request.method == "POST" and form.is_valid():
        try:
            actions.hand_over(actor=request.user, order=order, at=now(), **form.cleaned_data)
        except ValueError as error:
            form.add_error("to", str(error))
        else:
            messages.success(request, f"{form.cleaned_data['to']} looks after {order.reference} now.")
            return redirect(order)
    context = {"title": f"Who looks after {order.reference}?", "order": order, "form": form}
    return render(request, "ofx/orders/owner.html", context, status=422 if form.errors else 200)

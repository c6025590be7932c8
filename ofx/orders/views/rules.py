"""Decomposition rules: which items an offer brings with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.orders import actions
from ofx.orders.forms import RuleForm
from ofx.orders.models import DecompositionRule
from ofx.orders.views.lists import staff_only


@login_required
@require_safe
def rules(request: UserRequest) -> HttpResponse:
    """Which items does an offer bring with it?"""
    staff_only(request)
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    mine = Q(organisation=organisation) | Q(organisation=None)
    rows = DecompositionRule.objects.filter(mine).select_related("add_offering__operator", "when_offering__operator")
    context = {
        "title": "Related items",
        "question": "Which items does an offer bring with it?",
        "rules": rows.order_by("name", "pk"),
        "may_write": may(request.user, "rule.write"),
        "organisation": organisation,
    }
    return render(request, "ofx/orders/rules.html", context)


def _owned(request: UserRequest, number: int) -> DecompositionRule:
    """A rule that the user's organisation owns: 404 for another's, as they cannot see it."""
    acting = request.user.acting
    owner = None if acting and acting.organisation.kind == "exchange" else acting and acting.organisation_id
    return get_object_or_404(DecompositionRule, pk=number, organisation=owner)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: UserRequest, number: int | None = None) -> HttpResponse:
    """A new rule, or a changed one."""
    staff_only(request)
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    rule = _owned(request, number) if number else DecompositionRule()
    permit(request.user, "rule.write")
    if rule.pk is None and organisation.kind != "exchange":
        rule.organisation = organisation
    form = RuleForm(request.POST if request.method == "POST" else None, instance=rule, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.save_rule(actor=request.user, rule=form.save(commit=False), at=now())
        messages.success(request, "The rule is kept. It holds for orders from now on.")
        return redirect("order-rules")
    context = {"title": rule.name or "New rule", "form": form, "rule": rule}
    return render(request, "ofx/orders/rule_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def delete(request: UserRequest, number: int) -> HttpResponse:
    """Remove a rule."""
    rule = _owned(request, number)
    actions.delete_rule(actor=request.user, rule=rule, at=now())
    messages.success(request, "The rule is gone. Items that it added stay.")
    return redirect("order-rules")

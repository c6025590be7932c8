"""A ticket and its partner: raise, answer, withdraw; and the service tests that come before."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from ofx.core.clock import now
from ofx.core.request import UserRequest
from partners.models import Operator
from ticketing.tickets import actions
from ticketing.tickets.demands import missing, prefilled, rules_for
from ticketing.tickets.forms import AnswerForm, RaiseForm, TestForm, WhyForm
from ticketing.tickets.models import FaultRules, PartnerTicket, Ticket
from ticketing.tickets.testing import consent_words, start_test, testable
from ticketing.tickets.views.acts import GET_OR_POST, posted
from ticketing.tickets.views.loading import REFUSALS, act, ask, blame, done, writable


@login_required
@require_http_methods(GET_OR_POST)
def raise_it(request: UserRequest, reference: str) -> HttpResponse:
    """What must the partner know, and may it be raised now?"""
    ticket = writable(request, reference)
    if ticket.operator is None:
        return done(request, ticket, error=ValueError("No partner is known: link the service to the ticket first."))
    rules = rules_for(operator=ticket.operator, organisation=ticket.organisation)
    at, given = now(), prefilled(ticket)
    form = RaiseForm(posted(request), required=list(rules.required), lengths=_lengths(rules), given=given)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.raise_to_partner(
                ticket=ticket, actor=request.user, at=at, characteristics=form.characteristics(),
                override_reason=form.cleaned_data["override_reason"],
            )  # fmt: skip
        except REFUSALS as error:
            blame(form, error)
        else:
            return done(request, ticket, f"Raised at {row.operator}.")
    context = _raise_context(ticket, ticket.operator, rules, given, at)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "ticketing/tickets/raise.html", {**context, "form": form}, status=status)


def _lengths(rules: FaultRules) -> dict[str, int]:
    return {name: int(most) for name, most in (rules.max_lengths or {}).items()}


def _raise_context(
    ticket: Ticket, operator: Operator, rules: FaultRules, given: dict[str, str], at: datetime
) -> dict[str, Any]:
    problems, gate = missing(ticket, rules, given, at=at)
    return {
        "title": f"Raise {ticket.reference} at {operator}",
        "question": "What must the partner know, and may it be raised now?",
        "ticket": ticket,
        "operator": operator,
        "gate": gate,
        "blocks": [text for name, text in problems.items() if name in ("outage", "description")],
        "known": sum(1 for code in rules.required if given.get(code)),
        "needed": len(rules.required),
    }


def _at_partner(ticket: Ticket) -> PartnerTicket:
    """The open ticket at a partner, else 404."""
    rows = ticket.partner_tickets.filter(state__in=PartnerTicket.OPEN).select_related("operator", "ticket")
    return get_object_or_404(rows.order_by("-raised_at")[:1])


@login_required
@require_POST
def answer(request: UserRequest, reference: str) -> HttpResponse:
    """Answer what the partner asks, in place."""
    ticket = writable(request, reference)
    row = _at_partner(ticket)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return done(request, ticket, error=ValueError("Write the answer, at most 4,000 characters."))
    said = f"The answer goes to {row.operator}."
    return act(request, ticket, said, actions.answer_partner, partner_ticket=row, text=form.cleaned_data["text"])


@login_required
@require_http_methods(GET_OR_POST)
def withdraw(request: UserRequest, reference: str) -> HttpResponse:
    """Take it back from the partner."""
    ticket = writable(request, reference)
    row = _at_partner(ticket)
    context: dict[str, Any] = {
        "title": f"Withdraw at {row.operator}",
        "values": {"partner_ticket": row},
        "button": "Withdraw it",
        "danger": True,
        "hint": f"{row.operator} is told that it need not go on. {ticket.reference} itself stays open.",
    }
    form = WhyForm(posted(request))
    return ask(request, ticket, form, actions.cancel_at_partner, f"{row.operator} is told.", **context)


@login_required
@require_http_methods(GET_OR_POST)
def test(request: UserRequest, reference: str) -> HttpResponse:
    """Test the service at the partner; who agreed, where that interrupts it?"""
    ticket = writable(request, reference, "test.run")
    service = ticket.service
    if service is None:
        return done(request, ticket, error=ValueError("No service is known: nothing can be tested."))
    form = TestForm(posted(request), initial={"kind": "line"})

    def run(**values: Any) -> None:
        start_test(service=service, ticket=ticket, why="desk", **values)

    can = testable(operator=service.operator, organisation=ticket.organisation)
    warning = "" if can else f"{service.operator} offers no remote test."
    context: dict[str, Any] = {"title": f"Test {service}", "hint": consent_words(ticket), "warning": warning}
    return ask(request, ticket, form, run, "The test runs; its result appears here.", button="Start", **context)

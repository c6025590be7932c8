"""360° pages, and the list of customers."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.ui.tables import table_page
from ofx.orders.models import ServiceRecord
from ofx.orders.views.lists import staff_only
from ofx.portal.whole import faults as _faults  # noqa: F401  importing it registers the sections
from ofx.portal.whole import outages as _outages  # noqa: F401  importing it registers the sections
from ofx.portal.whole import parts as _registered  # noqa: F401  importing it registers the sections
from ofx.portal.whole.queries import Site, orders_of
from ofx.portal.whole.sections import Asked, sections_of
from ofx.portal.whole.tables import CustomerTable
from partners.coverage.normalise import display
from partners.models import Operator

__all__ = ["customer", "customers", "operator", "service", "site"]


@login_required
@require_safe
def customers(request: UserRequest) -> HttpResponseBase:
    """Whom do we serve?"""
    staff_only(request)
    rows = Organisation.objects.visible_to(request.user).filter(kind="customer").select_related("provider")
    context = {"title": "Customers", "question": "Whom do we serve?"}
    return table_page(request, CustomerTable, rows, context=context)


@login_required
@require_safe
def customer(request: UserRequest, slug: str) -> HttpResponse:
    """How does this customer stand: orders, services, visits, money, people?"""
    staff_only(request)
    rows = Organisation.objects.visible_to(request.user).filter(kind="customer")
    row = get_object_or_404(rows, slug=slug)
    facts = [("Account", row.account_number), ("Country", row.country)]
    return _page(request, "customer", row, row.name, "How does this customer stand?", facts=facts)


@login_required
@require_safe
def site(request: UserRequest, country: str, postcode: str) -> HttpResponse:
    """What do we have at this place, for whom?"""
    staff_only(request)
    thing = Site(country.upper(), "".join(postcode.upper().split()))
    first = orders_of(request.user, "site", thing).order_by("-pk").first()
    if first is None:
        raise Http404("Nothing was ordered at this place.")
    facts = [("Country", thing.country), ("Place", first.place_text)]
    shown = display(thing.country, thing.postcode)
    return _page(request, "site", thing, shown, "What do we have at this place, and for whom?", facts=facts)


@login_required
@require_safe
def service(request: UserRequest, reference: str) -> HttpResponse:
    """How did this service come to be, and what happened to it since?"""
    staff_only(request)
    rows = ServiceRecord.objects.visible_to(request.user).select_related("customer", "operator", "offering", "item")
    row = get_object_or_404(rows, reference=reference)
    facts = [("Product", row.offering.name), ("Place", row.place_text), ("Their reference", row.partner_ref)]
    question = "How did this service come to be, and what happened to it since?"
    return _page(request, "service", row, row.reference, question, facts=facts)


@login_required
@require_safe
def operator(request: UserRequest, code: str) -> HttpResponse:
    """How do we stand with this operator?"""
    staff_only(request)
    row = get_object_or_404(Operator.objects.visible_to(request.user), code=code)
    return _page(request, "operator", row, row.name, "How do we stand with this operator?", facts=[])


def _page(
    request: UserRequest, kind: str, thing: Any, title: str, question: str, *, facts: list[tuple[str, str]]
) -> HttpResponse:
    asked = Asked(request.user, thing, now())
    context = {
        "title": title,
        "question": question,
        "kind": kind,
        "thing": thing,
        "facts": [(word, value) for word, value in facts if value],
        "sections": sections_of(kind, asked),
    }
    return render(request, "ofx/portal/whole/page.html", context)

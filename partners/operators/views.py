"""One operator's page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ofx.core.clock import now
from ofx.core.scoping import may
from partners.conversations.models import Endpoint
from partners.coverage.models import Footprint, Offering
from partners.coverage.queries import with_prices
from partners.operators.models import Agreement, Contact, Operator
from partners.operators.queries import agreement_with, agreements_of_mine
from partners.reach.queries import areas_of

MOST_PRODUCTS = 200
RULE_WORDS = {
    "contact_name": "site contact's name",
    "contact_phone": "site contact's phone",
    "contact_email": "site contact's e-mail",
    "access_notes": "access notes",
    "requested_date": "requested date",
}


def kind_of(request: HttpRequest) -> str:
    """The kind of organisation that the person acts for; empty for none."""
    acting = getattr(request.user, "acting", None)
    return acting.organisation.kind if acting else ""


def staff_only(request: HttpRequest) -> None:
    """The directory is for those who buy, sell and run the exchange. Raises PermissionDenied for customers."""
    if kind_of(request) in ("", "customer"):
        raise PermissionDenied("This page is for service providers and operators.")


@login_required
@require_GET
def operator(request: HttpRequest, code: str) -> HttpResponse:
    """What it sells me, where it serves, how it works, and under which agreement."""
    staff_only(request)
    row = get_object_or_404(Operator.objects.visible_to(request.user).select_related("on_net_of"), code=code)
    footprints = Footprint.objects.visible_to(request.user).filter(operator=row)
    ways = list(Endpoint.objects.visible_to(request.user).filter(operator=row))
    context = {
        "operator": row,
        "agreement": agreement_with(request.user, row),
        "agreements": _agreements(request, row),
        "products": _products(request, row),
        "footprint": footprints.filter(state="active").first(),
        "contacts": Contact.objects.visible_to(request.user).filter(operator=row).order_by("purpose"),
        "endpoints": ways,
        "rules": rules_in_words(row.order_rules),
        "buys": kind_of(request) == "service_provider",
        "may_ask": kind_of(request) == "service_provider" and may(request.user, "agreement.write"),
        "areas": areas_of(row),
        "services": sorted({name for way in ways for name in way.services}),
    }
    return render(request, "partners/operators/operator.html", context)


def _agreements(request: HttpRequest, row: Operator) -> Any:
    """For the operator itself and the exchange: with whom it has agreements. Prices stay on their own pages."""
    if kind_of(request) == "service_provider":
        return []
    rows = Agreement.objects.visible_to(request.user).filter(operator=row)
    return rows.select_related("organisation").order_by("organisation__name", "-starts")[:100]


def _products(request: HttpRequest, row: Operator) -> list[Any]:
    today = now().date()
    sold = Offering.objects.visible_to(request.user).filter(operator=row, active=True)
    priced = with_prices(sold, agreements_of_mine(request.user, today), today)
    found: list[Any] = list(priced.order_by("kind", "technology", "down_mbps", "pk")[:MOST_PRODUCTS])
    for product in found:
        product.saving = _saving(product.list_monthly, product.my_monthly)
    return found


def _saving(listed: Any, mine: Any) -> int | None:
    """How many per cent the agreement's monthly price lies below list."""
    return round(100 * (1 - mine / listed)) if listed and mine is not None and mine != listed else None


def rules_in_words(rules: dict[str, Any]) -> list[str]:
    """The partner's order rules as sentences (DOMAIN R11)."""
    said = []
    if required := [RULE_WORDS.get(name, name) for name in rules.get("required", [])]:
        said.append(f"An order must have: {', '.join(required)}.")
    for name, most in rules.get("max_length", {}).items():
        said.append(f"{RULE_WORDS.get(name, name).capitalize()}: at most {most} characters.")
    if lead := rules.get("lead_working_days"):
        said.append(f"Earliest date: {lead} working days ahead ({rules.get('calendar', 'england-wales')} calendar).")
    return said

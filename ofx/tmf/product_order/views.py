"""The desk completes an order that a buyer's system sent and our rules could not route."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.orders.models import Order
from ofx.search.places import AmbiguousAddress, UnknownPlace
from ofx.search.queries import qualify
from partners.coverage.normalise import BadPlace, display

UNSENT = ("draft", "validated")


@login_required
@require_GET
def complete(request: UserRequest, reference: str) -> HttpResponse:
    """What did the buyer's system ask for, and which offer is it?"""
    rows = Order.objects.visible_to(request.user).select_related("customer", "buyer_order", "organisation")
    order = get_object_or_404(rows, reference=reference)
    permit(request.user, "order.write")
    if order.state not in UNSENT:
        return redirect(order)
    buyer = getattr(order, "buyer_order", None)
    asked = request.GET.get("q", display(order.country, order.postcode)).strip()[:60]
    context = {
        "title": f"Complete {order}",
        "question": "What did the buyer's system ask for, and which offer is it?",
        "order": order,
        "buyer": buyer,
        "wanted": [_words(item) for item in buyer.wish.get("items", [])] if buyer else [],
        "asked": asked,
        **_offers(order, asked),
    }
    return render(request, "ofx/tmf/complete.html", context)


def _words(item: dict[str, Any]) -> dict[str, str]:
    """One item that was asked for, for people."""
    offering, place = item.get("offering", {}), item.get("place", {})
    what = offering.get("id") or offering.get("name") or "no product"
    where = " ".join(str(place[name]) for name in ("name", "postcode") if place.get(name))
    how = " ".join(part for part in (item.get("action", ""), item.get("product", "")) if part)
    return {"what": f"{item.get('quantity', 1)} × {what}", "how": how, "where": where}


def _offers(order: Order, asked: str) -> dict[str, Any]:
    """Offers that may be ordered at the place, each with the way into the order form; or why there are none."""
    if not asked:
        return {"problem": "Give the postcode of the place."}
    try:
        found = qualify(organisation=order.organisation, at=now(), country=order.country, postcode=asked)
    except (BadPlace, UnknownPlace, AmbiguousAddress) as error:
        return {"problem": str(error)}
    place = found.place["id"]
    offers = [offer for offer in found.offers if offer["orderable"]]
    for offer in offers:
        offer["query"] = urlencode({"offering": offer["id"], "place": place})
    return {"offers": offers, "place": found.place, "problem": "" if offers else "No offer can be ordered there."}

"""Offers as the standard's productOffering: `operator:code` is the id; a code, a number or a name is understood too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from ofx.core.models import Organisation
from ofx.search.places import AmbiguousAddress, UnknownPlace
from ofx.search.queries import qualify
from ofx.tmf.places import Where
from partners.coverage.normalise import BadPlace
from partners.models import Offering

API = "productCatalogManagement"
MOST = 50


def offering_id(offering: Offering) -> str:
    """The id of an offer; its operator must be at hand."""
    return f"{offering.operator.code}:{offering.code}"


def candidates(user: Any, identifier: str, name: str) -> list[Offering]:
    """Active offers that a reference may mean, by the first reading that finds any: our id, number, code, name."""
    rows = Offering.objects.visible_to(user).filter(active=True).select_related("operator__organisation").order_by("pk")
    operator, _, code = identifier.partition(":")
    readings = [Q(operator__code=operator, code=code)] if code else []
    if identifier.isascii() and identifier.isdigit() and len(identifier) < 16:
        readings.append(Q(pk=int(identifier)))
    readings += [Q(code=identifier), Q(code__iexact=identifier)] if identifier else []
    for text in (name, identifier):
        readings += [Q(name__iexact=text)] if text else []
    for reading in readings:
        found = list(rows.filter(reading)[:MOST])
        if found:
            return found
    return []


def choose(found: Sequence[Offering], organisation: Organisation, where: Where, at: datetime) -> Offering | None:
    """Of several offers with one code, the best that is live at the place, orderable ones first; None without any."""
    if len(found) < 2:
        return found[0] if found else None
    if where.place is None:
        return None
    query: dict[str, Any] = {"postcode": where.postcode}
    if where.address and where.address.uprn:
        query = {"uprn": where.address.uprn}
    try:
        answer = qualify(organisation=organisation, at=at, country=where.country, **query)
    except (BadPlace, UnknownPlace, AmbiguousAddress):
        return None
    live = [offer for offer in answer.offers if offer.get("status") == "live"]
    rank = {offer["id"]: (not offer["orderable"], number) for number, offer in enumerate(live)}
    served = [one for one in found if one.pk in rank]
    return min(served, key=lambda one: rank[one.pk]) if served else None

"""Bodies of TMF646: which order a visit is for, which slot is wanted."""

from datetime import datetime
from typing import Any

from ofx.orders.models import PartnerOrder
from ofx.orders.vocabulary import BOOKABLE
from ofx.tmf.inquiry.reading import filled, member, members, notes, text, when
from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import invalid

NAME_THE_ORDER = "Name the order: relatedEntity with the id of a productOrder of yours."
Json = dict[str, Any]


def slot(body: Json, path: str = "validFor") -> tuple[datetime, datetime]:
    """Start and end of a period. Raises ValidationError."""
    given = member(body, path)
    found = {}
    for name in ("startDateTime", "endDateTime"):
        value = when(given, name, f"{path}.")
        if not value:
            raise invalid(f"{path}.{name}", "This field is required.")
        found[name] = moment(value)
    return found["startDateTime"], found["endDateTime"]


def entities(body: Json) -> list[Json]:
    """relatedEntity, as it is kept. Raises ValidationError."""
    rows = members(body, "relatedEntity", 10)
    path = "relatedEntity."
    made = [{"id": text(one, "id", 100, path), "role": text(one, "role", 60, path) or "productOrder"} for one in rows]
    return [one for one in made if one["id"]]


def part_of(user: Any, rows: list[Json]) -> PartnerOrder:
    """The order at an operator that a visit is for: the first one that can be booked, else the first of the order.

    Raises ValidationError where no order of the caller's is named.
    """
    for one in rows:
        parts = PartnerOrder.objects.visible_to(user).select_related("order", "operator", "organisation")
        found = list(parts.filter(order__reference=one["id"]).order_by("item__position"))
        found = found or list(parts.filter(our_key=one["id"]))
        if found:
            return next((part for part in found if part.state in BOOKABLE), found[0])
    raise invalid("relatedEntity", NAME_THE_ORDER)


def remarks(body: Json) -> Json:
    """What is kept beside a visit. Raises ValidationError."""
    rows = [{name: value for name, value in one.items() if name != "@type"} for one in notes(body)]
    return filled(category=text(body, "category", 60), description=text(body, "description", 1000), note=rows)

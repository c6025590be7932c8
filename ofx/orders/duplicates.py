"""Likely duplicates: the same customer, place and product on an open order or a live service. A warning, no block."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from ofx.core.models import Organisation
from ofx.orders.models import OrderItem, ServiceRecord
from ofx.orders.validation import BY_FOOTPRINT
from partners.models import Offering

MOST = 5


@dataclass(frozen=True)
class Likeness:
    """What is there already."""

    kind: str  # order or service
    reference: str
    url: str
    product: str
    operator: str
    since: datetime

    def as_json(self) -> dict[str, Any]:
        """For the API."""
        return {**self.__dict__, "since": self.since.isoformat()}


def likely_duplicates(
    *,
    organisation: Organisation,
    customer: Organisation | None,
    postcode: str,
    address_id: int | None,
    offerings: Iterable[Offering],
    but: int | None = None,
) -> list[Likeness]:
    """Open orders and live services of this customer at this place that are of the same kind, newest first.

    An access line is like any other access line of its kind, whoever sells it; a device is like the same device only.
    Without a premises on either side the postcode decides. `but`: an order that is not its own duplicate.
    """
    chosen = list(offerings)
    if customer is None or not chosen:
        return []
    kinds = {one.kind for one in chosen if one.kind in BY_FOOTPRINT}
    same = Q(offering__kind__in=kinds) | Q(offering__in=[one.pk for one in chosen])
    return (
        _orders(organisation, customer, postcode, address_id, same, but)
        + _services(organisation, customer, postcode, address_id, same)
    )[:MOST]


def _orders(
    organisation: Organisation,
    customer: Organisation,
    postcode: str,
    address_id: int | None,
    same: Q,
    but: int | None,
) -> list[Likeness]:
    rows = OrderItem.objects.filter(
        same, _at(address_id, "order__address"), order__organisation=organisation, order__postcode=postcode,
        order__customer=customer, order__closed_at=None, order__submitted_at__isnull=False, action="add",
        added_by_rule=None,
    )  # fmt: skip
    rows = (
        rows.exclude(order=but)
        .exclude(state__in=["accepted", "completed"])
        .select_related("order", "offering__operator")
    )
    return [
        Likeness(
            "order",
            row.order.reference,
            row.order.get_absolute_url(),
            row.offering.name,
            row.offering.operator.name,
            row.order.created_at,
        )
        for row in rows.order_by("-order__created_at")[:MOST]
    ]


def _services(
    organisation: Organisation, customer: Organisation, postcode: str, address_id: int | None, same: Q
) -> list[Likeness]:
    rows = ServiceRecord.objects.filter(
        same, _at(address_id, "item__order__address"), organisation=organisation, customer=customer,
        postcode=postcode, state="active",
    ).select_related("offering", "operator")  # fmt: skip
    return [
        Likeness(
            "service",
            row.reference,
            f"/services/{row.reference}/",
            row.offering.name,
            row.operator.name,
            row.active_from,
        )
        for row in rows.order_by("-active_from")[:MOST]
    ]


def _at(address_id: int | None, path: str) -> Q:
    return Q(**{path: address_id}) | Q(**{path: None}) if address_id else Q()

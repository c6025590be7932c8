"""product over HTTP: read only, since products come, change and go by orders."""

from django.db.models import Prefetch, QuerySet

from ofx.orders.models import PartnerOrder, ServiceRecord
from ofx.tmf.inventory.faces import PRODUCT
from ofx.tmf.rest.resource import Resource

OF_ORDERS = {"productOrderItem"}


def prepared(rows: QuerySet[ServiceRecord], names: set[str] | None) -> QuerySet[ServiceRecord]:
    """Services with what these attributes (None: all) need, in a constant number of queries."""
    wanted = ("operator", "offering__operator", "customer", "item__order__address", "item__order__buyer_order")
    rows = rows.select_related(*wanted)
    if names is None or names & OF_ORDERS:
        parts = PartnerOrder.objects.select_related("item")
        rows = rows.prefetch_related(Prefetch("item__order__partner_orders", parts))
    return rows


class Products(Resource):
    """product."""

    faces = {"v4": PRODUCT}
    read_only_because = (
        "A product comes, changes and goes by a productOrder (action add, modify or delete), not by hand."
    )

    def rows(self) -> QuerySet[ServiceRecord]:
        """Newest first."""
        return ServiceRecord.objects.visible_to(self.request.user).order_by("-active_from", "-pk")

    def prepare(self, rows: QuerySet[ServiceRecord], names: set[str] | None) -> QuerySet[ServiceRecord]:
        """See prepared."""
        return prepared(rows, names)

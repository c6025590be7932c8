"""productOrder and cancelProductOrder over HTTP. Writes call the actions that the pages call."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.orders import actions
from ofx.orders.models import Note, Order, PartnerOrder
from ofx.tmf.product_order.cancelling import ask
from ofx.tmf.product_order.changing import change
from ofx.tmf.product_order.faces import CANCEL, PRODUCT_ORDER
from ofx.tmf.product_order.models import CancelTask
from ofx.tmf.product_order.placing import place
from ofx.tmf.product_order.wish import CancelIn, read
from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.resource import Resource

OF_PARTS = {
    "productOrderItem",
    "completionDate",
    "productOrderMilestone",
    "productOrderJeopardyAlert",
    "productOrderErrorMessage",
}


def prepared(rows: QuerySet[Order], names: set[str] | None, version: str) -> QuerySet[Order]:
    """Orders with what these attributes (None: all) need, in a constant number of queries."""
    rows = rows.select_related("customer", "buyer_order", "address")
    if names is None or names & OF_PARTS:
        part = PartnerOrder.objects.select_related("operator", "item__offering__operator")
        more = ["item__depends_on"] + (["milestones", "flags"] if version == "v5" else [])
        rows = rows.prefetch_related(Prefetch("partner_orders", part.prefetch_related(*more)))
    if names is None or "note" in names:
        shown = Note.objects.filter(internal=False).select_related("author").order_by("at", "pk")
        rows = rows.prefetch_related(Prefetch("notes", shown))
    if names is None or names & {"cancellationDate", "cancellationReason"}:
        rows = rows.prefetch_related("cancel_tasks")
    return rows


class ProductOrders(Resource):
    """productOrder."""

    faces = PRODUCT_ORDER  # type: ignore[assignment]

    def rows(self) -> QuerySet[Order]:
        """Newest first."""
        return Order.objects.visible_to(self.request.user).order_by("-created_at", "-pk")

    def prepare(self, rows: QuerySet[Order], names: set[str] | None) -> QuerySet[Order]:
        """With what the version's attributes need."""
        return prepared(rows, names, self.version)

    def post(self, request: Request, version: str) -> Response:
        """Order. The same body under the same externalId gives the same order."""
        permit(request.user, "order.write")
        wish = read(self.given())
        order = place(actor=request.user, wish=wish, version=version, at=now())  # type: ignore[arg-type]
        return self.created(order.reference)

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Change what may be changed; a new date at a partner is asked for."""
        order = self.found(id)
        permit(request.user, "order.write")
        current = self.face.document(order)
        change(actor=request.user, order=order, body=self.given(), current=current, face=self.face, at=now())  # type: ignore[arg-type]
        return self.changed(id)

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Delete an order that was never submitted; any other one is cancelled instead (409)."""
        order = self.found(id)
        permit(request.user, "order.write")
        last = {version: face.document(order) for version, face in self.faces.items()}
        actions.discard_draft(actor=request.user, order=order, at=now(), last=last)  # type: ignore[arg-type]
        return Response(status=204)


class CancelProductOrders(Resource):
    """cancelProductOrder."""

    faces = CANCEL

    def rows(self) -> QuerySet[CancelTask]:
        """Newest first."""
        rows: QuerySet[CancelTask] = CancelTask.objects.visible_to(self.request.user)
        return rows.select_related("order").order_by("-pk")

    def post(self, request: Request, version: str) -> Response:
        """Ask to cancel. While a wish is open, the same one is answered; nothing left to cancel is a 409."""
        permit(request.user, "order.write")
        given = CancelIn(data=self.given())
        given.is_valid(raise_exception=True)
        values = given.validated_data
        reference = values["productOrder"]["id"]
        order = Order.objects.visible_to(request.user).filter(reference=reference).first()
        if order is None:
            raise invalid("productOrder.id", f"You have no order {reference[:60]!r}.")
        wanted = values.get("requestedCancellationDate")
        reason = values.get("cancellationReason") or "No longer required"
        actor: Any = request.user
        task = ask(actor=actor, order=order, reason=reason, requested_for=moment(wanted) if wanted else None, at=now())
        return self.created(f"C{task.pk}")

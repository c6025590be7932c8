"""The JSON API of orders, services and partner orders. Writes call the same actions as the pages."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.orders import actions
from ofx.orders.change_api import ItemActs, ServiceActs
from ofx.orders.filters import OrderFilter, PartnerOrderFilter, ServiceFilter
from ofx.orders.models import Order, PartnerOrder, ServiceRecord
from ofx.orders.payloads import (
    CancelIn,
    NoteIn,
    NoteOut,
    OrderIn,
    OrderOut,
    OrderWithItems,
    PartnerOrderOut,
    PlainOrder,
    ServiceOut,
)

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same key gives the same order, placed once."
)
DETAILS = ("flags", "milestones", "date_changes", "appointments", "charges", "amend_requests")
EXAMPLE = OpenApiExample(
    "Broadband at a postcode",
    value={
        "customer_name": "Harbour Books",
        "items": [{"offering": 17}],
        "postcode": "SW1A 1AA",
        "requested_date": "2026-12-01",
        "contact_name": "Paula Placeholder",
        "contact_phone": "020 7946 0000",
    },
    request_only=True,
)


def refusing(call: Any, **values: Any) -> Any:
    """Call an action; what it refuses becomes a 400 that names the fields."""
    try:
        return call(**values)
    except actions.OrderInvalid as error:
        raise ValidationError(error.by_field()) from error
    except ValueError as error:
        raise ValidationError({"reason": [str(error)]}) from error


@extend_schema_view(
    list=extend_schema(summary="Orders, newest first"), retrieve=extend_schema(summary="One order with its items")
)
class OrderViewSet(ItemActs, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]
    """Product orders of the caller's organisation; a customer sees its own in plain words."""

    queryset = Order.objects.none()
    serializer_class = OrderOut
    lookup_field = "reference"
    lookup_value_regex = "[^/.]+"
    filterset_class = OrderFilter

    def get_queryset(self) -> QuerySet[Order]:
        """Through the scoped door."""
        rows = Order.objects.visible_to(self.request.user).select_related("customer").order_by("-created_at", "-pk")
        if self.action == "list":
            customer = self.get_serializer_class() is PlainOrder
            return rows.prefetch_related("partner_orders__appointments") if customer else rows
        wanted = ("operator", "item__offering")
        parts = PartnerOrder.objects.select_related(*wanted).prefetch_related(*DETAILS)
        return rows.prefetch_related(Prefetch("partner_orders", parts.order_by("item__position")))

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        """Customers get plain orders; lists leave the items out."""
        acting = getattr(self.request.user, "acting", None)
        if acting is not None and acting.organisation.kind == "customer":
            return PlainOrder
        return OrderOut if self.action == "list" else OrderWithItems

    @extend_schema(
        summary="Place an order",
        request=OrderIn,
        responses={201: OrderWithItems, 409: OpenApiResponse(description="A likely duplicate; see order_anyway")},
        parameters=[KEY],
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """Create, validate and submit in one; with `submit: false` it stays a draft."""
        permit(request.user, "order.write")
        given = OrderIn(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > 64:
            raise ValidationError({"Idempotency-Key": ["At most 64 characters."]})
        known = Order.objects.visible_to(request.user).filter(idempotency_key=key).first() if key else None
        alike = [] if known else given.alike()
        if alike:
            text = "The customer has the like at this place: see duplicates. To order it, send order_anyway: true."
            told: dict[str, Any] = {"order_anyway": [text], "duplicates": [one.as_json() for one in alike]}
            return Response(told, status=status.HTTP_409_CONFLICT)
        order = known or refusing(given.place, actor=request.user, key=key, at=now())
        body = self._whole(order)
        made = status.HTTP_200_OK if known else status.HTTP_201_CREATED
        return Response(body, status=made, headers={"Location": body["href"]})

    def _whole(self, order: Order) -> dict[str, Any]:
        row = self.get_queryset().get(pk=order.pk)
        return dict(OrderWithItems(row, context=self.get_serializer_context()).data)

    @extend_schema(summary="Submit a draft", request=None, responses=OrderWithItems)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, reference: str) -> Response:
        """A second call sends nothing more."""
        order = refusing(actions.submit_order, actor=request.user, order=self.get_object(), at=now())
        return Response(self._whole(order))

    @extend_schema(summary="Cancel an order", request=CancelIn, responses=OrderWithItems)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """What was not sent is withdrawn at once; partners are asked about the rest."""
        order = self.get_object()
        permit(request.user, "order.write")
        given = CancelIn(data=request.data)
        given.is_valid(raise_exception=True)
        refusing(
            actions.request_cancel, actor=request.user, order=order, reason=given.validated_data["reason"], at=now()
        )
        return Response(self._whole(order))

    @extend_schema(summary="Notes of an order", methods=["GET"], responses=NoteOut(many=True))
    @extend_schema(summary="Write a note", methods=["POST"], request=NoteIn, responses={201: NoteOut})
    @action(detail=True, methods=["get", "post"])
    def notes(self, request: Request, reference: str) -> Response:
        """A customer reads and writes those that both sides see."""
        order = self.get_object()
        acting: Any = request.user.acting  # type: ignore[union-attr]
        customer = acting.organisation.kind == "customer"
        if request.method == "GET":
            rows = order.notes.select_related("author").order_by("-at", "-pk")
            return Response(NoteOut(rows.filter(internal=False) if customer else rows, many=True).data)
        permit(request.user, "order.ask" if customer else "order.note")
        given = NoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = {"actor": request.user, "order": order, "text": given.validated_data["text"], "at": now()}
        if customer:
            note = refusing(actions.ask_question, **values)
        else:
            note = refusing(actions.add_note, internal=given.validated_data["internal"], **values)
        return Response(NoteOut(note).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    list=extend_schema(summary="Partner orders"), retrieve=extend_schema(summary="One partner order by our key")
)
class PartnerOrderViewSet(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """Orders as placed with operators; an operator sees those placed with it."""

    queryset = PartnerOrder.objects.none()
    serializer_class = PartnerOrderOut
    lookup_field = "our_key"
    lookup_value_regex = "[^/.]+"
    filterset_class = PartnerOrderFilter

    def get_queryset(self) -> QuerySet[PartnerOrder]:
        """Through the scoped door."""
        rows = PartnerOrder.objects.visible_to(self.request.user).select_related("operator", "order", "item__offering")
        return rows.prefetch_related(*DETAILS).order_by("-pk")


@extend_schema_view(list=extend_schema(summary="Services"), retrieve=extend_schema(summary="One service"))
class ServiceViewSet(ServiceActs, viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """Inventory: what completed items created."""

    queryset = ServiceRecord.objects.none()
    serializer_class = ServiceOut
    lookup_field = "reference"
    lookup_value_regex = "[^/.]+"
    filterset_class = ServiceFilter

    def get_queryset(self) -> QuerySet[ServiceRecord]:
        """Through the scoped door."""
        rows = ServiceRecord.objects.visible_to(self.request.user)
        return rows.select_related("customer", "operator", "offering", "item__order").order_by("-active_from", "-pk")


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("orders", OrderViewSet, basename="api-order")
    router.register("partner-orders", PartnerOrderViewSet, basename="api-partner-order")
    router.register("services", ServiceViewSet, basename="api-service")

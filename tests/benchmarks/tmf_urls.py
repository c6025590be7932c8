"""The product's URLs, and a bare DRF ModelViewSet that reads and writes the same rows as TMF622 does."""

import secrets
from typing import Any

from django.db import transaction
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from ofx.core.models import Event, LogEntry
from ofx.orders.models import Fact, MilestoneReached, Order, OrderItem, PartnerOrder
from ofx.tmf.models import BuyerOrder
from partners.models import Conversation, Leg, Message, Offering, Operator


class OperatorOut(serializers.ModelSerializer[Operator]):
    class Meta:
        model = Operator
        fields = ("id", "code", "name")


class OfferingOut(serializers.ModelSerializer[Offering]):
    operator = OperatorOut()

    class Meta:
        model = Offering
        fields = ("id", "code", "name", "operator")


class ItemOut(serializers.ModelSerializer[OrderItem]):
    offering = OfferingOut()

    class Meta:
        model = OrderItem
        fields = (
            "id",
            "position",
            "action",
            "quantity",
            "one_off",
            "monthly",
            "currency",
            "characteristics",
            "offering",
        )


class PartOut(serializers.ModelSerializer[PartnerOrder]):
    item = ItemOut()

    class Meta:
        model = PartnerOrder
        fields = ("id", "state", "item", "completed_at")


class BareOrder(serializers.ModelSerializer[Order]):
    partner_orders = PartOut(many=True, read_only=True)
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    offering = serializers.IntegerField(write_only=True)

    class Meta:
        model = Order
        fields = (
            "id", "reference", "external_id", "state", "country", "place_text", "postcode", "requested_date",
            "committed_date", "target_date", "contact_email", "value_monthly", "currency", "created_at", "customer",
            "customer_name", "partner_orders", "offering",
        )  # fmt: skip
        read_only_fields = ("reference", "created_at")

    def create(self, values: dict[str, Any]) -> Order:
        """The rows that an order of ours writes, by plain inserts."""
        offering = Offering.objects.select_related("operator").get(pk=values.pop("offering"))
        organisation, at, word = self.context["request"].user.acting.organisation, timezone.now(), secrets.token_hex(5)
        own = {"organisation": organisation}
        with transaction.atomic():
            order = Order.objects.create(**own, **values, reference=word, created_at=at)
            item = OrderItem.objects.create(order=order, position=1, offering=offering)
            part = PartnerOrder.objects.create(
                **own, order=order, item=item, operator=offering.operator, our_key=word, created_at=at
            )
            Fact.objects.create(
                partner_order=part, source="us", update_type="SUBMITTED", issued_at=at, received_at=at, dedupe_key="s"
            )
            MilestoneReached.objects.create(partner_order=part, code="SUBMITTED", at=at, source="us")
            for verb in ("created", "validated", "submitted"):
                LogEntry.objects.create(**own, at=at, subject=f"order:{order.pk}", verb=verb, actor_name="bench")
            for name in ("draft", "validated", "submitted", "sent"):
                Event.objects.create(**own, name=f"bench.{name}", subject=f"order:{order.pk}", at=at, settled=True)
            case = Conversation.objects.create(**own, subject=f"order:{order.pk}", created_at=at)
            endpoint = offering.operator.endpoints.first()
            leg = Leg.objects.create(conversation=case, endpoint=endpoint, our_key=word, subject=word)
            Message.objects.create(
                leg=leg,
                endpoint=endpoint,
                direction="out",
                verb="create",
                state="queued",
                next_attempt_at=at,
                created_at=at,
            )
            BuyerOrder.objects.create(**own, order=order, external_id=word, created_at=at)
        return order


class BareOrders(viewsets.ModelViewSet[Order]):
    serializer_class = BareOrder

    def get_queryset(self) -> Any:
        rows = Order.objects.filter(organisation=self.request.user.acting.organisation).select_related("customer")
        return rows.order_by("-created_at", "-pk").prefetch_related("partner_orders__item__offering__operator")


router = SimpleRouter()
router.register("bench/drf", BareOrders, basename="bench-drf")
urlpatterns = [*router.urls, path("", include("ofx.urls"))]

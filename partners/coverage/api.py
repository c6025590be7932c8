"""The JSON API of coverage: publications and offerings, read only."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from ofx.core.clock import now
from partners.coverage.filters import FootprintFilter, OfferingFilter
from partners.coverage.models import Footprint, Offering
from partners.coverage.queries import with_prices
from partners.operators.queries import agreements_of_mine


class OperatorRef(serializers.Serializer):
    """An operator in a few words."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class PriceShape(serializers.Serializer):
    """An amount once and a month."""

    one_off = serializers.DecimalField(max_digits=10, decimal_places=2)
    monthly = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.CharField()


class FootprintSerializer(serializers.ModelSerializer):
    """One published version of an operator's coverage."""

    operator = OperatorRef(read_only=True)

    class Meta:
        model = Footprint
        fields = [
            "id",
            "operator",
            "number",
            "state",
            "synthetic",
            "source",
            "rows_total",
            "rows_rejected",
            "summary",
            "published_at",
            "created_at",
        ]


class OfferingSerializer(serializers.ModelSerializer):
    """A product of an operator, at list price and under your own agreement."""

    operator = OperatorRef(read_only=True)
    list_price = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()

    class Meta:
        model = Offering
        fields = [
            "id",
            "operator",
            "code",
            "name",
            "kind",
            "technology",
            "down_mbps",
            "up_mbps",
            "lead_days",
            "everywhere",
            "list_price",
            "price",
        ]

    @extend_schema_field(PriceShape(allow_null=True))
    def get_list_price(self, row: Any) -> dict[str, str] | None:
        """Today's list price."""
        return _price(row.list_one_off, row.list_monthly, row.list_currency)

    @extend_schema_field(PriceShape(allow_null=True))
    def get_price(self, row: Any) -> dict[str, str] | None:
        """Today's price under your agreement with the operator; null without one."""
        return _price(row.my_one_off, row.my_monthly, row.my_currency)


def _price(one_off: Decimal | None, monthly: Decimal | None, currency: str | None) -> dict[str, str] | None:
    if monthly is None or one_off is None:
        return None
    return {"one_off": str(one_off), "monthly": str(monthly), "currency": currency or ""}


@extend_schema(tags=["coverage"])
class FootprintViewSet(viewsets.ReadOnlyModelViewSet):
    """Published versions of operators' coverage; `state=active` are those in force."""

    queryset = Footprint.objects.none()
    serializer_class = FootprintSerializer
    filterset_class = FootprintFilter

    def get_queryset(self) -> QuerySet[Footprint]:
        """What the caller may see."""
        return Footprint.objects.visible_to(self.request.user).select_related("operator").order_by("-pk")


@extend_schema(tags=["coverage"])
class OfferingViewSet(viewsets.ReadOnlyModelViewSet):
    """What operators sell, with today's prices: at list, and under your own agreement only."""

    queryset = Offering.objects.none()
    serializer_class = OfferingSerializer
    filterset_class = OfferingFilter

    def get_queryset(self) -> QuerySet[Offering]:
        """What the caller may see, priced under the caller's own agreements."""
        today = now().date()
        rows = Offering.objects.visible_to(self.request.user).filter(active=True).select_related("operator")
        return with_prices(rows, agreements_of_mine(self.request.user, today), today).order_by("pk")


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("footprints", FootprintViewSet, basename="api-footprint")
    router.register("offerings", OfferingViewSet, basename="api-offering")

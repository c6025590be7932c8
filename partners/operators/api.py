"""The JSON API of the operators' directory, read only; agreements are asked for at /api/v1/agreements/."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from partners.coverage.listing import with_coverage
from partners.operators.filters import OperatorFilter
from partners.operators.models import Operator
from partners.operators.queries import directory
from partners.reach.queries import with_reach

EXAMPLE = {
    "id": 7,
    "code": "northfibre",
    "name": "Northfibre",
    "country": "GB",
    "provenance": "simulated",
    "on_net": False,
    "my_agreement": "none",
    "suspended_reason": "",
    "order_rules": {"required": ["contact_name"], "lead_working_days": 5},
    "technologies": ["EAD", "FTTP"],
    "products": 5,
    "reach": {"postcodes": 412345, "premises": 60, "areas": 28},
}


class ReachShape(serializers.Serializer):
    """What its footprint in force serves live, as a worker counted it; premises are those known by address."""

    postcodes = serializers.IntegerField()
    premises = serializers.IntegerField()
    areas = serializers.IntegerField()


class OperatorSerializer(serializers.ModelSerializer):
    """An operator; `my_agreement` is the state of your own agreement with it, or `none`."""

    on_net = serializers.SerializerMethodField()
    my_agreement = serializers.CharField(read_only=True)
    technologies = serializers.ListField(child=serializers.CharField(), read_only=True)
    products = serializers.IntegerField(read_only=True)
    reach = serializers.SerializerMethodField()

    class Meta:
        model = Operator
        fields = [
            "id",
            "code",
            "name",
            "country",
            "provenance",
            "on_net",
            "my_agreement",
            "suspended_reason",
            "order_rules",
            "technologies",
            "products",
            "reach",
        ]

    def get_on_net(self, row: Any) -> bool:
        """Whether it is a service provider's own network."""
        return row.on_net_of_id is not None

    @extend_schema_field(ReachShape())
    def get_reach(self, row: Any) -> dict[str, int]:
        """Noughts before it was counted."""
        names = ("postcodes", "premises", "areas")
        return {name: getattr(row, f"reach_{name}", None) or 0 for name in names}

    def to_representation(self, instance: Any) -> Any:
        """An operator that sells nothing yet has no technologies."""
        instance.technologies = instance.technologies or []
        return super().to_representation(instance)


@extend_schema(tags=["operators"], examples=[OpenApiExample("operator", value=EXAMPLE, response_only=True)])
class OperatorViewSet(viewsets.ReadOnlyModelViewSet):
    """The directory: every operator whose coverage the caller may search."""

    queryset = Operator.objects.none()
    serializer_class = OperatorSerializer
    filterset_class = OperatorFilter
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Operator]:
        """What the caller may see (`visible_to`), with the state of the caller's own agreement."""
        if getattr(self.request.user, "acting", None) is None:
            return Operator.objects.none()
        return with_reach(with_coverage(directory(self.request.user))).order_by("name", "pk")


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("operators", OperatorViewSet, basename="api-operator")

"""The JSON API of the operators' directory, read only."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from partners.operators.filters import OperatorFilter
from partners.operators.models import Operator
from partners.operators.queries import directory


class OperatorSerializer(serializers.ModelSerializer):
    """An operator; `my_agreement` is the state of your own agreement with it, or `none`."""

    on_net = serializers.SerializerMethodField()
    my_agreement = serializers.CharField(read_only=True)

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
        ]

    def get_on_net(self, row: Any) -> bool:
        """Whether it is a service provider's own network."""
        return row.on_net_of_id is not None


@extend_schema(tags=["operators"])
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
        return directory(self.request.user).order_by("name", "pk")


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("operators", OperatorViewSet, basename="api-operator")

"""The JSON API of agreements: list, ask, offer, answer; the same actions as the pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.clock import now
from ofx.core.transitions import IllegalTransition
from partners.agreements import actions
from partners.agreements.actions import NotPossible, Proposal, Wish
from partners.agreements.filters import AgreementFilter
from partners.agreements.models import Terms
from partners.agreements.queries import sold_by
from partners.agreements.regions import BadRegion, read_regions
from partners.coverage.models import Offering
from partners.operators.models import Agreement, Operator

PRICE: dict[str, Any] = {"max_digits": 10, "decimal_places": 2, "min_value": Decimal(0)}
ASK_EXAMPLE = {
    "operator": "northfibre",
    "products": ["nf-fttp-500"],
    "regions": ["SW", "M1"],
    "starts": "2027-01-04",
    "at_list": False,
    "note": "About 40 shops in the first quarter.",
}
OFFER_EXAMPLE = {
    "round": 1,
    "lines": [{"product": "nf-fttp-500", "monthly": "22.50", "one_off": "40.00"}],
    "currency": "GBP",
    "regions": ["SW"],
    "starts": "2027-01-04",
    "ends": None,
    "at_list": False,
    "note": "Manchester follows in May.",
}


class LineShape(serializers.Serializer):
    """A product of the terms; prices are null where it is only asked for."""

    product = serializers.CharField(source="offering.code", max_length=80)
    name = serializers.CharField(source="offering.name", read_only=True)
    monthly = serializers.DecimalField(allow_null=True, **PRICE)
    one_off = serializers.DecimalField(allow_null=True, **PRICE)


class TermsShape(serializers.ModelSerializer):
    """One round: asked or offered, and what became of it."""

    lines = LineShape(many=True, read_only=True)

    class Meta:
        model = Terms
        fields = ["number", "state", "regions", "currency", "starts", "ends", "at_list", "note", "created_at",
                  "answered_at", "answer", "lines"]  # fmt: skip


class AgreementSerializer(serializers.ModelSerializer):
    """An agreement with all its rounds, oldest first. `waits_for`: whose answer is due."""

    operator = serializers.CharField(source="operator.code", read_only=True)
    provider = serializers.CharField(source="organisation.slug", read_only=True)
    terms = TermsShape(many=True, read_only=True)

    class Meta:
        model = Agreement
        fields = ["id", "provider", "operator", "state", "waits_for", "round", "currency", "starts", "ends", "moved_at",
                  "terms"]  # fmt: skip


class AskSerializer(serializers.Serializer):
    """What a provider asks for. No products: everything; no regions: everywhere."""

    products = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=500)
    regions = serializers.ListField(child=serializers.CharField(max_length=16), required=False, max_length=500)
    starts = serializers.DateField(required=False, allow_null=True)
    at_list = serializers.BooleanField(
        required=False, help_text="an answer with these products and regions and nothing above list is in force at once"
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class AskNewSerializer(AskSerializer):
    """What is asked of which operator."""

    operator = serializers.CharField(max_length=40)


class RoundSerializer(serializers.Serializer):
    """`round` is that of the agreement as you read it: an answer to an older one is refused with 409."""

    round = serializers.IntegerField(min_value=0, max_value=10**6)


class AskAgainSerializer(AskSerializer, RoundSerializer):
    """Other terms than those offered or in force."""


class OfferLineSerializer(serializers.Serializer):
    """A product's price."""

    product = serializers.CharField(max_length=80)
    monthly = serializers.DecimalField(**PRICE)
    one_off = serializers.DecimalField(required=False, **PRICE)


class OfferSerializer(RoundSerializer):
    """Terms that an operator offers."""

    lines = OfferLineSerializer(many=True, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", error_messages={"invalid": "Three capitals. Example: GBP."})
    regions = serializers.ListField(child=serializers.CharField(max_length=16), required=False, max_length=500)
    starts = serializers.DateField()
    ends = serializers.DateField(required=False, allow_null=True)
    at_list = serializers.BooleanField(required=False, help_text="every other product at list price")
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class AnswerSerializer(RoundSerializer):
    """A word with the answer."""

    why = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class WhySerializer(serializers.Serializer):
    """Why, for the other side; `on` is the first day without the agreement."""

    why = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    on = serializers.DateField(required=False, allow_null=True)


def _regions(data: dict[str, Any], operator: Operator) -> list[str]:
    try:
        return read_regions(",".join(data.get("regions", ())), operator.country)
    except BadRegion as error:
        raise ValidationError({"regions": [str(error)]}) from None


def _products(codes: list[str], operator: Operator, field: str) -> dict[str, Offering]:
    known = {row.code: row for row in sold_by(operator).filter(code__in=codes)}
    if unknown := [code for code in codes if code not in known]:
        raise ValidationError(
            {field: [f"{operator} sells no “{code[:40]}”. See /api/v1/offerings/." for code in unknown]}
        )
    return known


def _wish(data: dict[str, Any], operator: Operator) -> Wish:
    return Wish(
        products=list(_products(data.get("products", []), operator, "products").values()),
        regions=_regions(data, operator),
        starts=data.get("starts"),
        at_list=data.get("at_list", False),
        note=data.get("note", ""),
    )


def _proposal(data: dict[str, Any], operator: Operator) -> Proposal:
    lines = data.get("lines", [])
    known = _products([line["product"] for line in lines], operator, "lines")
    return Proposal(
        lines={known[one["product"]].pk: (one.get("one_off", Decimal(0)), one["monthly"]) for one in lines},
        currency=data["currency"],
        starts=data["starts"],
        ends=data.get("ends"),
        regions=_regions(data, operator),
        at_list=data.get("at_list", False),
        note=data.get("note", ""),
    )


@extend_schema(tags=["agreements"])
class AgreementViewSet(viewsets.ReadOnlyModelViewSet):
    """Agreements that your organisation is a party of, with every round of asking and offering."""

    queryset = Agreement.objects.none()
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilter

    def get_queryset(self) -> QuerySet[Agreement]:
        """Both parties see theirs, the exchange all."""
        rounds = Terms.objects.order_by("number").prefetch_related("lines__offering")
        rows = Agreement.objects.visible_to(self.request.user).select_related("operator", "organisation")
        return rows.prefetch_related(Prefetch("terms", rounds)).order_by("-pk")

    def _answer(self, agreement: Agreement, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=agreement.pk)
        return Response(AgreementSerializer(fresh).data, status=status)

    def _done(self, request: Request, act: Callable[..., Agreement], shape: Any, **more: Any) -> Response:
        """Check the body, run the action, answer with the agreement as it is now; 409 where it came too late."""
        agreement = self.get_object()
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        values = {name: make(body.validated_data, agreement) for name, make in more.items()}
        try:
            return self._answer(act(agreement=agreement, actor=request.user, at=now(), **values))
        except NotPossible as error:
            raise IllegalTransition(str(error)) from error

    @extend_schema(
        request=AskNewSerializer,
        responses={201: AgreementSerializer},
        examples=[OpenApiExample("ask", value=ASK_EXAMPLE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Ask an operator for an agreement."""
        user: Any = request.user
        acting = user.acting
        if acting is None or acting.organisation.kind != "service_provider":
            raise PermissionDenied("Agreements are asked for by service providers.")
        body = AskNewSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        operator = get_object_or_404(Operator.objects.visible_to(request.user), code=data["operator"])
        try:
            row = actions.ask(
                organisation=acting.organisation,
                operator=operator,
                wish=_wish(data, operator),
                actor=user,
                at=now(),
            )
        except NotPossible as error:
            raise IllegalTransition(str(error)) from error
        return self._answer(row, 201)

    @extend_schema(request=AskAgainSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask for other terms; what is in force goes on."""
        return self._done(request, actions.ask_again, AskAgainSerializer, round=_round, wish=_wished)

    @extend_schema(
        request=OfferSerializer,
        responses=AgreementSerializer,
        examples=[OpenApiExample("offer", value=OFFER_EXAMPLE, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, pk: str) -> Response:
        """Offer products, regions and prices (the operator)."""
        return self._done(request, actions.offer, OfferSerializer, round=_round, proposal=_proposed)

    @extend_schema(request=RoundSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the offer: it can be ordered from at once, or from its first day."""
        return self._done(request, actions.accept, RoundSerializer, round=_round)

    @extend_schema(request=AnswerSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Decline the open request or offer."""
        return self._done(request, actions.decline, AnswerSerializer, round=_round, why=_why)

    @extend_schema(request=AnswerSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what your side has put forward."""
        return self._done(request, actions.withdraw, AnswerSerializer, round=_round, why=_why)

    @extend_schema(request=WhySerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str) -> Response:
        """No new orders until it is resumed."""
        return self._done(request, actions.suspend, WhySerializer, why=_why)

    @extend_schema(request=WhySerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Orders may be placed again."""
        return self._done(request, actions.resume, WhySerializer, why=_why)

    @extend_schema(request=WhySerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End it, at once or on a day."""
        return self._done(request, actions.end, WhySerializer, why=_why, on=_end_day)


def _round(data: dict[str, Any], agreement: Agreement) -> Any:
    return data["round"]


def _why(data: dict[str, Any], agreement: Agreement) -> str:
    return str(data.get("why", ""))


def _end_day(data: dict[str, Any], agreement: Agreement) -> Any:
    return data.get("on") or now().date()


def _wished(data: dict[str, Any], agreement: Agreement) -> Wish:
    return _wish(data, agreement.operator)


def _proposed(data: dict[str, Any], agreement: Agreement) -> Proposal:
    return _proposal(data, agreement.operator)


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("agreements", AgreementViewSet, basename="api-agreement")

"""The JSON API of guides: take one step by step, as a provider's own portal or the widget does."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.scoping import permit
from ofx.orders.models import ServiceRecord
from ticketing.guides import actions
from ticketing.guides.models import Guide, GuideRun
from ticketing.guides.queries import guide_for
from ticketing.guides.showing import screen_now
from ticketing.tickets.vocabulary import FaultClass

BEGIN = OpenApiExample(
    "It keeps dropping",
    value={"fault_class": "intermittent", "service": "SRV-000017", "words": "Drops every evening"},
    request_only=True,
)
STEP = OpenApiExample("A choice", value={"position": 4, "value": "wifi"}, request_only=True)


class GuideOut(serializers.ModelSerializer[Guide]):
    """A guide."""

    class Meta:
        model = Guide
        fields = ("id", "slug", "title", "summary", "fault_class", "audience", "minutes")


class StartIn(serializers.Serializer[Any]):
    """What is wrong, and with which service."""

    fault_class = serializers.ChoiceField(choices=FaultClass.choices, required=False)
    guide = serializers.SlugField(required=False, help_text="a certain guide instead of the fault's")
    service = serializers.CharField(required=False, max_length=20, help_text="the service's reference")
    customer = serializers.SlugField(required=False, help_text="staff only: on whose behalf")
    words = serializers.CharField(required=False, max_length=500, allow_blank=True)
    channel = serializers.ChoiceField(choices=[("widget", "Widget"), ("api", "API")], default="api")


class AnswerIn(serializers.Serializer[Any]):
    """The answer to the step that is shown; the last form's fields beside it."""

    position = serializers.IntegerField(help_text="of the step that is answered: an old one changes nothing")
    value = serializers.CharField(required=False, allow_blank=True, max_length=500)
    fields_ = serializers.DictField(
        child=serializers.CharField(allow_blank=True), required=False, source="more", help_text="of the last form"
    )


class RunOut(serializers.Serializer[Any]):
    """Where a run stands: its step, or how it ended."""

    token = serializers.CharField()
    guide = serializers.CharField()
    state = serializers.CharField()
    outcome = serializers.CharField()
    ticket = serializers.CharField(allow_null=True)
    screen = serializers.JSONField(allow_null=True, help_text="kind, title, text, choices, fields, news, progress")
    href = serializers.CharField()


def shown(run: GuideRun, staff: bool) -> dict[str, Any]:
    """A run as the API tells it."""
    screen = screen_now(run, at=now(), staff=staff)
    return {
        "token": run.token,
        "guide": run.guide.title,
        "state": run.state,
        "outcome": run.outcome,
        "ticket": run.ticket.reference if run.ticket else None,
        "screen": asdict(screen) if screen else None,
        "href": f"/api/v1/guide-runs/{run.token}/",
    }


@extend_schema_view(list=extend_schema(summary="Guides"), retrieve=extend_schema(summary="One guide"))
class GuideViewSet(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """Published guides that the caller may take."""

    queryset = Guide.objects.none()
    serializer_class = GuideOut
    filterset_fields = ("fault_class", "audience")

    def get_queryset(self) -> QuerySet[Guide]:
        """Through the scoped door."""
        rows = Guide.objects.visible_to(self.request.user).filter(active=True, versions__state="published")
        return rows.distinct().order_by("title", "pk")


class GuideRunViewSet(mixins.RetrieveModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]
    """Runs: begin, look (as often as one likes while a test is running), answer, go back."""

    queryset = GuideRun.objects.none()
    serializer_class = RunOut
    lookup_field = "token"
    lookup_value_regex = "[^/.]+"

    def get_queryset(self) -> QuerySet[GuideRun]:
        """Through the scoped door: a customer's person their own."""
        wanted = ("guide", "service__offering", "service__item", "service__operator", "ticket", "user", "organisation")
        return GuideRun.objects.visible_to(self.request.user).select_related(*wanted)

    def _staff(self) -> bool:
        acting = getattr(self.request.user, "acting", None)
        return acting is not None and acting.organisation.kind != "customer"

    def _said(self, run: GuideRun, code: int = 200) -> Response:
        row = self.get_queryset().get(pk=run.pk)
        return Response(shown(row, self._staff()), status=code)

    @extend_schema(summary="Begin a guide", request=StartIn, responses={201: RunOut}, examples=[BEGIN])
    def create(self, request: Request) -> Response:
        """The outage check comes first; the answer is the first step."""
        permit(request.user, "ticket.report")
        given = StartIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        acting: Any = request.user.acting  # type: ignore[union-attr]
        home, customer = self._home(acting, values)
        said = {name: values.get(name, "") for name in ("channel", "words", "fault_class")}
        run = actions.start(
            guide=self._guide(home, values),
            actor=request.user,  # type: ignore[arg-type]
            at=now(),
            organisation=home,
            customer=customer,
            service=self._service(values),
            **{**said, **self.entrance()},
        )
        return self._said(run, status.HTTP_201_CREATED)

    def entrance(self) -> dict[str, Any]:
        """What a door of its own, such as the widget, adds to a run that begins."""
        return {}

    def _home(self, acting: Any, values: dict[str, Any]) -> tuple[Organisation, Organisation | None]:
        """The service provider, and the customer on whose behalf."""
        if acting.organisation.kind == "customer":
            return acting.organisation.provider, acting.organisation
        rows = Organisation.objects.visible_to(self.request.user).filter(kind="customer", provider=acting.organisation)
        return acting.organisation, get_object_or_404(rows, slug=values["customer"]) if "customer" in values else None

    def _guide(self, home: Organisation, values: dict[str, Any]) -> Guide:
        if "guide" in values:
            rows = Guide.objects.visible_to(self.request.user).filter(active=True, versions__state="published")
            guide = rows.filter(slug=values["guide"]).order_by("-organisation_id").first()
        elif "fault_class" in values:
            guide = guide_for(fault_class=values["fault_class"], organisation=home)
        else:
            raise ValidationError({"fault_class": ["Say what is wrong, or name a guide."]})
        if guide is None:
            raise ValidationError({"guide": ["There is no such guide. See /api/v1/guides/."]})
        return guide

    def _service(self, values: dict[str, Any]) -> ServiceRecord | None:
        if "service" not in values:
            return None
        rows = ServiceRecord.objects.visible_to(self.request.user).select_related("offering", "operator", "item")
        found = rows.filter(reference=values["service"].replace("\x00", "")).first()
        if found is None:
            raise ValidationError({"service": ["There is no such service. See /api/v1/services/."]})
        return found

    @extend_schema(summary="Where a run stands", responses=RunOut)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Goes on where a test has ended meanwhile."""
        return self._said(self.get_object())

    @extend_schema(summary="Answer the step", request=AnswerIn, responses=RunOut, examples=[STEP])
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, token: str) -> Response:
        """An answer to an older step changes nothing; a wrong one names the field and the fix."""
        run = self.get_object()
        permit(request.user, "ticket.report")
        body: Any = request.data if isinstance(request.data, dict) else {}
        given = AnswerIn(data={**body, "fields_": body.get("fields", {})})
        given.is_valid(raise_exception=True)
        values = {**given.validated_data.get("more", {}), "value": given.validated_data.get("value", "")}
        position = given.validated_data["position"]
        try:
            actions.answer(run=run, actor=request.user, at=now(), position=position, given=values)  # type: ignore[arg-type]
        except actions.AnswerInvalid as error:
            raise ValidationError({name: [text] for name, text in error.fields.items()}) from error
        return self._said(run)

    @extend_schema(summary="Go back a step", request=None, responses=RunOut)
    @action(detail=True, methods=["post"])
    def back(self, request: Request, token: str) -> Response:
        """What came after is kept as history."""
        return self._said(actions.back(run=self.get_object(), actor=request.user, at=now()))  # type: ignore[arg-type]

    @extend_schema(summary="It works again", request=None, responses=RunOut)
    @action(detail=True, methods=["post"])
    def fixed(self, request: Request, token: str) -> Response:
        """The person says so, wherever they stand."""
        return self._said(actions.say_fixed(run=self.get_object(), actor=request.user, at=now()))  # type: ignore[arg-type]

    @extend_schema(summary="Report it now instead", request=None, responses=RunOut)
    @action(detail=True, methods=["post"])
    def report(self, request: Request, token: str) -> Response:
        """Straight to the last form."""
        return self._said(actions.give_up(run=self.get_object(), actor=request.user, at=now()))  # type: ignore[arg-type]


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("guides", GuideViewSet, basename="api-guide")
    router.register("guide-runs", GuideRunViewSet, basename="api-guide-run")

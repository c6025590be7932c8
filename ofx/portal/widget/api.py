"""What the widget asks for. Guides and known errors are the API's own, by another door; nothing is decided here."""

from typing import Any

from allauth.core import ratelimit
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ofx.core.clock import now
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from ofx.portal.customer import queries
from ofx.portal.customer.door import writes
from ofx.portal.customer.road import need, words
from ofx.portal.widget.door import Pass, WidgetDoor
from ticketing.guides.api import GuideRunViewSet
from ticketing.guides.models import GuideRun
from ticketing.guides.queries import complaints
from ticketing.known_errors.api import KnowledgeSearchView
from ticketing.models import Ticket
from ticketing.tickets import actions

MOST = 20  # connections, and faults, that are shown


def pass_of(request: Request) -> Pass:
    """What the request came in by."""
    found: Pass = request.auth  # type: ignore[assignment]
    return found


def services_of(request: Request) -> QuerySet[ServiceRecord]:
    """The customer's connections; only the one that the token names, where it names one."""
    rows, named = queries.active_services(request.user), pass_of(request).claims.service
    return rows.filter(reference=named) if named else rows


def tickets_of(request: Request) -> QuerySet[Ticket]:
    """Faults that the person may see: their own, or for the customer's administrator all of the customer."""
    rows, named = Ticket.objects.visible_to(request.user), pass_of(request).claims.service
    return rows.filter(service__reference=named) if named else rows


def line(ticket: Ticket) -> dict[str, Any]:
    """One fault in a list, in its customer's words."""
    return {
        "reference": ticket.reference,
        "title": ticket.title,
        "says": words(ticket)[0],
        "need": need(ticket),
        "open": not ticket.ended,
    }


class StartView(WidgetDoor, APIView):
    """GET start/: whose help this is, the connections with their health, and the faults."""

    def get(self, request: Request) -> Response:
        """The first page."""
        acting: Any = request.user.acting  # type: ignore[union-attr]
        rows = list(services_of(request)[:MOST])
        faults = tickets_of(request).order_by("-created_at", "-pk")[:MOST]
        return Response(
            {
                "provider": acting.organisation.provider.name,
                "person": request.user.name,  # type: ignore[union-attr]
                "preview": pass_of(request).claims.preview,
                "services": [_service(one) for one in queries.health_of(request.user, rows, now())],
                "complaints": _complaints(None),
                "tickets": [line(row) for row in faults],
            }
        )


def _service(one: queries.Health) -> dict[str, Any]:
    row = one.service
    return {
        "reference": row.reference,
        "place": row.place_text,
        "product": row.offering.name,
        "tone": one.tone,
        "says": one.text,
        "detail": one.detail,
        "complaints": _complaints(row),
    }


def _complaints(service: ServiceRecord | None) -> list[dict[str, str]]:
    return [{"fault_class": name, "words": said} for name, said, _ in complaints(service)]


class KnownErrorsView(WidgetDoor, KnowledgeSearchView):
    """GET known-errors/?q=: what is known of it, in words for customers."""

    def get(self, request: Request) -> Response:
        """The same search as the API's; it finds what is public, as the person is a customer."""
        return super().get(request)


class WidgetRuns(WidgetDoor, GuideRunViewSet):
    """Guides step by step. In the preview they are trials: nothing is tested, counted or reported."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A run begins with a line test perhaps: nobody begins them by the dozen."""
        super().initial(request, *args, **kwargs)
        key = str(request.user.pk)
        if self.action == "create" and not ratelimit.consume(request, action="widget_run", key=key):
            raise Throttled(detail="Too many reports within a short time. Wait some minutes.")

    def get_queryset(self) -> QuerySet[GuideRun]:
        """The person's own; only of the connection that the token names, where it names one."""
        rows, named = super().get_queryset(), pass_of(self.request).claims.service
        return rows.filter(service__reference=named) if named else rows

    def entrance(self) -> dict[str, Any]:
        """They came by the widget; without an account here the signed e-mail is where they are reached."""
        claims = pass_of(self.request).claims
        stranger = self.request.user.is_service  # type: ignore[union-attr]
        return {"channel": "widget", "trial": claims.preview, "email": claims.email if stranger else ""}

    def _service(self, values: dict[str, Any]) -> ServiceRecord | None:
        named = pass_of(self.request).claims.service
        if not named:
            return super()._service(values)
        if values.get("service", named) != named:
            raise ValidationError({"service": ["This page may only ask about the connection that it names."]})
        return super()._service({"service": named})


class TicketsView(WidgetDoor, APIView):
    """GET tickets/: how each fault stands."""

    def get(self, request: Request) -> Response:
        """The latest first."""
        rows = tickets_of(request).order_by("-created_at", "-pk")[:MOST]
        return Response({"results": [line(row) for row in rows]})


class SayIn(serializers.Serializer[Any]):
    """A word on a fault: a message or an answer, that it works, or that it still does not."""

    act = serializers.ChoiceField(choices=["write", "works", "still"])
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, trim_whitespace=True)


class TicketView(WidgetDoor, APIView):
    """GET tickets/REF/: one fault. POST: a word on it."""

    def get(self, request: Request, reference: str) -> Response:
        """The road, what is needed, what was said."""
        return Response(self._whole(request, self._row(request, reference)))

    def post(self, request: Request, reference: str) -> Response:
        """Answer, confirm, or say that it still does not work."""
        row = self._row(request, reference)
        writes(request)
        given = SayIn(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            self._say(request, row, given.validated_data)
        except IllegalTransition:
            raise
        except ValueError as error:
            raise ValidationError({"text": [str(error)]}) from error
        return Response(self._whole(request, self._row(request, reference)))

    def _row(self, request: Request, reference: str) -> Ticket:
        rows = tickets_of(request).select_related("organisation", "service", "reported_by")
        return get_object_or_404(rows, reference=reference)

    def _say(self, request: Request, row: Ticket, said: dict[str, Any]) -> None:
        common: dict[str, Any] = {"ticket": row, "actor": request.user, "at": now()}
        text = said.get("text", "")
        if said["act"] == "works":
            actions.confirm(**common)
        elif said["act"] == "still":
            actions.reopen(**common, why=text[:300])
        else:
            actions.answer_question(**common, text=text, channel="widget")

    def _whole(self, request: Request, row: Ticket) -> dict[str, Any]:
        page = queries.fault_page(row, request.user, now())
        road = page.road
        return {
            **line(row),
            "says": road.headline,
            "detail": road.detail,
            "news": road.news,
            "steps": [{"label": one.label, "state": one.state} for one in road.steps],
            "question": page.question.text if page.question else "",
            "story": [{"at": one.at, "who": one.who, "text": one.text} for one in page.story[:30]],
        }


BASE = "widget/<slug:provider>/"
RUN = BASE + "runs/<str:token>/"
urlpatterns = [
    path(BASE + "start/", StartView.as_view(), name="widget-start"),
    path(BASE + "known-errors/", KnownErrorsView.as_view(), name="widget-known-errors"),
    path(BASE + "tickets/", TicketsView.as_view(), name="widget-tickets"),
    path(BASE + "tickets/<str:reference>/", TicketView.as_view(), name="widget-ticket"),
    path(BASE + "runs/", WidgetRuns.as_view({"post": "create"}), name="widget-runs"),
    path(RUN, WidgetRuns.as_view({"get": "retrieve"}), name="widget-run"),
    *(
        path(f"{RUN}{name}/", WidgetRuns.as_view({"post": name}), name=f"widget-run-{name}")
        for name in ("answer", "back", "fixed", "report")
    ),
]


def register(router: Any) -> None:
    """Nothing for the router: see `urlpatterns`."""

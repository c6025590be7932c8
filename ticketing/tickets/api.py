"""The JSON API of tickets. Writes call the same actions as the pages."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.clock import now
from ofx.core.scoping import permit
from ticketing.tickets import actions, mail_api
from ticketing.tickets.models import Ticket, TicketNote
from ticketing.tickets.payloads import (
    MoveIn,
    PlainTicket,
    TicketIn,
    TicketNoteIn,
    TicketNoteOut,
    TicketOut,
    TicketWhole,
)
from ticketing.tickets.vocabulary import ClockOwner, FaultClass, State, Tier

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same key gives the same ticket, opened once."
)
EXAMPLE = OpenApiExample(
    "Nothing works",
    value={
        "title": "No connection since this morning",
        "service": "SVC-000123",
        "fault_class": "no_connection",
        "impact": "down",
        "contact_name": "Paula Placeholder",
        "answers": {"ONT_POWER": "yes", "SYNC_LIGHT": "red"},
    },
    request_only=True,
)
READ_BY_CUSTOMERS = ("customer", "all")


class TicketApiFilter(filters.FilterSet):
    """How the list is narrowed."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    fault_class = filters.ChoiceFilter(choices=FaultClass.choices)
    tier = filters.ChoiceFilter(choices=Tier.choices)
    holder = filters.ChoiceFilter(choices=ClockOwner.choices)
    priority = filters.NumberFilter(min_value=1, max_value=4)
    service = filters.CharFilter(field_name="service__reference")
    external_id = filters.CharFilter()
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = ()


def refusing(call: Any, **values: Any) -> Any:
    """Call an action; what it refuses becomes a 400 that names the fields."""
    try:
        return call(**values)
    except actions.TicketInvalid as error:
        raise ValidationError({name: [text] for name, text in error.problems.items()}) from error


@extend_schema_view(
    list=extend_schema(summary="Tickets, newest first"), retrieve=extend_schema(summary="One ticket with its waits")
)
class TicketViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]
    """Faults of the caller's organisation; a customer sees its own in plain words."""

    queryset = Ticket.objects.none()
    serializer_class = TicketOut
    lookup_field = "reference"
    lookup_value_regex = "[^/.]+"
    filterset_class = TicketApiFilter

    def get_queryset(self) -> QuerySet[Ticket]:
        """Through the scoped door."""
        wanted = ("service", "customer", "operator", "assigned_to")
        rows = Ticket.objects.visible_to(self.request.user).select_related(*wanted)
        if self.action != "list":
            rows = rows.prefetch_related("waits", "partner_tickets__operator")
        return rows.order_by("-created_at", "-pk")

    def get_serializer_class(self) -> type[serializers.Serializer[Any]]:
        """Customers get plain tickets; lists leave the details out."""
        if self._plain():
            return PlainTicket
        return TicketOut if self.action == "list" else TicketWhole

    def _plain(self) -> bool:
        acting = getattr(self.request.user, "acting", None)
        return acting is not None and acting.organisation.kind == "customer"

    @extend_schema(
        summary="Open a ticket", request=TicketIn, responses={201: TicketOut}, parameters=[KEY], examples=[EXAMPLE]
    )
    def create(self, request: Request) -> Response:
        """Report a fault of a service, of a place, or of nothing yet."""
        permit(request.user, "ticket.report")
        given = TicketIn(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        acting: Any = request.user.acting  # type: ignore[union-attr]
        provider = acting.organisation.provider if self._plain() else acting.organisation
        ticket = refusing(
            actions.open_ticket,
            actor=request.user,
            at=now(),
            organisation=provider,
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            **given.wanted(),
        )
        form = PlainTicket if self._plain() else TicketOut
        body = form(ticket, context=self.get_serializer_context()).data
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": body["href"]})

    def _whole(self, ticket: Ticket) -> dict[str, Any]:
        row = self.get_queryset().get(pk=ticket.pk)
        return dict(self.get_serializer_class()(row, context=self.get_serializer_context()).data)

    @extend_schema(summary="Notes of a ticket", methods=["GET"], responses=TicketNoteOut(many=True))
    @extend_schema(summary="Write a note", methods=["POST"], request=TicketNoteIn, responses={201: TicketNoteOut})
    @action(detail=True, methods=["get", "post"])
    def notes(self, request: Request, reference: str) -> Response:
        """A customer reads and writes those that all sides see; what it writes answers an open question."""
        ticket = self.get_object()
        context = {"plain": self._plain()}
        if request.method == "GET":
            rows = ticket.notes.select_related("user").order_by("at", "pk")
            rows = rows.filter(audience__in=READ_BY_CUSTOMERS) if self._plain() else rows
            return Response(TicketNoteOut(rows, many=True, context=context).data)
        given = TicketNoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        note = self._write(ticket, given.validated_data)
        return Response(TicketNoteOut(note, context=context).data, status=status.HTTP_201_CREATED)

    def _write(self, ticket: Ticket, data: dict[str, Any]) -> TicketNote:
        common: dict[str, Any] = {"ticket": ticket, "actor": self.request.user, "at": now(), "channel": "api"}
        asked = ticket.notes.filter(is_question=True, answered_at=None, audience__in=READ_BY_CUSTOMERS)
        if self._plain() and asked.exists():
            note: TicketNote = refusing(actions.answer_question, text=data["text"], **common)
        else:
            note = refusing(actions.add_note, **data, **common)
        return note

    @extend_schema(summary="Move a ticket on", request=MoveIn, responses=TicketWhole)
    @action(detail=True, methods=["post"])
    def status(self, request: Request, reference: str) -> Response:
        """Take it up, resolve, confirm, close, reopen, cancel or reject it."""
        ticket = self.get_object()
        given = MoveIn(data=request.data)
        permit(request.user, "ticket.report")
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        to, text = data.pop("to"), data.pop("text")
        common: dict[str, Any] = {"ticket": ticket, "actor": request.user, "at": now()}
        calls: dict[str, tuple[Any, dict[str, Any]]] = {
            "in_progress": (actions.take, {}),
            "resolved": (actions.resolve, {"fix": text, **data}),
            "confirmed": (actions.confirm, {}),
            "closed": (actions.close, {"text": text[:300]}),
            "reopened": (actions.reopen, {"why": text[:300]}),
            "cancelled": (actions.cancel, {"why": text[:300]}),
            "rejected": (actions.reject, {"why": text[:300]}),
        }
        call, more = calls[to]
        refusing(call, **common, **more)
        return Response(self._whole(ticket))


def register(router: SimpleRouter) -> None:
    """Add this slice's viewset to the router."""
    router.register("tickets", TicketViewSet, basename="api-ticket")


urlpatterns = mail_api.urlpatterns

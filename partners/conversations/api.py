"""The JSON API of messages and endpoints: read them, and the same acts as on the pages."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.api import StrictJSONParser
from ofx.core.clock import now
from ofx.core.scoping import permit
from partners.conversations import actions
from partners.conversations.filters import EndpointFilter, MessageFilter
from partners.conversations.models import Endpoint, Message
from partners.conversations.queries import endpoint_rows, health, inbound_of, look, message_rows, outbound_of
from partners.mapping.entities import ENTITIES


class MessageSerializer(serializers.ModelSerializer):
    """A message; `shown_state` is the derived word for queued ones (sending, paused, behind an older one …)."""

    our_key = serializers.CharField(source="leg.our_key", default="", read_only=True)
    external_id = serializers.CharField(source="leg.external_id", default="", read_only=True)
    case = serializers.CharField(source="leg.conversation.subject", default="", read_only=True)
    shown_state = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = [
            "id", "direction", "verb", "state", "shown_state", "our_key", "external_id", "case", "endpoint",
            "attempt", "reason", "differences", "mapping_version", "created_at",
            "next_attempt_at", "ended_at", "caused_by",
        ]  # fmt: skip

    def get_shown_state(self, row: Message) -> str:
        """The state in words."""
        return look(row, now())[0]


class MessageDetailSerializer(MessageSerializer):
    """A message with both payloads, secrets masked, and its attempts."""

    inbound = serializers.SerializerMethodField()
    outbound = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()

    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "inbound", "outbound", "attempts"]

    def get_inbound(self, row: Message) -> str:
        """What came in, or the partner's answer."""
        return inbound_of(row).text

    def get_outbound(self, row: Message) -> str:
        """What went out."""
        return outbound_of(row).text

    def get_attempts(self, row: Message) -> list[dict[str, Any]]:
        """Every try, the newest first."""
        names = ("number", "started_at", "ended_at", "outcome", "status", "detail")
        return list(row.attempts.order_by("-number").values(*names)[:30])


@extend_schema(tags=["messages"])
class MessageViewSet(viewsets.ReadOnlyModelViewSet):
    """What went to operators and what came back."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filterset_class = MessageFilter

    def get_queryset(self) -> QuerySet[Message]:
        """Messages of the caller's organisation (`visible_to`), the newest first."""
        rows = message_rows(self.request.user).order_by("-pk")
        return rows.defer(None) if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type[MessageSerializer]:
        """Payloads only for a single message."""
        return MessageDetailSerializer if self.action == "retrieve" else MessageSerializer

    def _act(self, act: Any) -> Response:
        done = act(message=self.get_object(), actor=self.request.user, at=now())
        row = message_rows(self.request.user).get(pk=done.pk)
        return Response(MessageSerializer(row).data)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Try a failed or waiting message now; an unknown create is looked up first."""
        return self._act(actions.retry)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str | None = None) -> Response:
        """Leave it undone and let the later messages of its case go on."""
        return self._act(actions.skip)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Take it out of the queue."""
        return self._act(actions.cancel_message)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str | None = None) -> Response:
        """Read a stored inbound payload again; answers the new message."""
        return self._act(actions.replay)


class EndpointSerializer(serializers.ModelSerializer):
    """A way to an operator. Secrets are never part of it."""

    operator = serializers.SerializerMethodField()
    customer = serializers.SerializerMethodField()
    entities = serializers.SerializerMethodField()
    health = serializers.SerializerMethodField()
    queued = serializers.IntegerField(read_only=True)
    oldest_unsent = serializers.DateTimeField(source="oldest", read_only=True)

    class Meta:
        model = Endpoint
        fields = [
            "id", "name", "operator", "customer", "entities", "kind", "state", "health", "simulated", "queued",
            "oldest_unsent",
            "last_sync_at", "last_error", "poll_seconds", "probed_at", "probe",
        ]  # fmt: skip

    def get_operator(self, row: Endpoint) -> dict[str, Any] | None:
        """Whose system it is; null where it is a customer's."""
        operator = row.operator
        return {"id": operator.pk, "code": operator.code, "name": operator.name} if operator else None

    def get_customer(self, row: Endpoint) -> dict[str, Any] | None:
        """Whose own system it is, where it is no operator's."""
        return {"id": row.customer.pk, "name": row.customer.name} if row.customer else None

    def get_entities(self, row: Endpoint) -> list[str]:
        """What is told there: order, ticket, problem."""
        return [entity for entity in ENTITIES if row.speaks(entity)]

    def get_health(self, row: Endpoint) -> str:
        """How it does, in a word or two."""
        return health(row, now())[0]


class CsvParser(BaseParser):
    """A CSV file as the whole body."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """At most as much as the inbound door takes. Raises ValidationError beyond."""
        raw: bytes = stream.read(settings.INBOUND_MAX_BYTES + 1)
        if len(raw) > settings.INBOUND_MAX_BYTES:
            raise ValidationError({"body": [f"At most {settings.INBOUND_MAX_BYTES} bytes: send it in parts."]})
        return raw


@extend_schema(tags=["messages"])
class EndpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Ways to operators' systems, and whether they work."""

    queryset = Endpoint.objects.none()
    serializer_class = EndpointSerializer
    filterset_class = EndpointFilter

    def get_queryset(self) -> QuerySet[Endpoint]:
        """The caller's own and the shared ones (`visible_to`)."""
        return endpoint_rows(self.request.user).order_by("name", "pk")

    @extend_schema(request={"text/csv": OpenApiTypes.BINARY}, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"], parser_classes=[CsvParser, StrictJSONParser])
    def upload(self, request: Request, pk: str | None = None) -> Response:
        """A file of updates (CSV) as the body."""
        endpoint = self.get_object()
        permit(request.user, "message.write")
        if endpoint.kind != "email":
            raise ValidationError({"endpoint": ["This operator sends no files: its news comes by its API."]})
        if not isinstance(request.data, bytes):
            raise ValidationError({"body": ["Send the file itself with Content-Type: text/csv."]})
        row = actions.upload(
            endpoint=endpoint,
            raw=request.data,
            name="upload.csv",
            actor=request.user,
            at=now(),
        )
        return Response(MessageSerializer(row).data, status=status.HTTP_201_CREATED)


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("messages", MessageViewSet, basename="api-message")
    router.register("endpoints", EndpointViewSet, basename="api-endpoint")

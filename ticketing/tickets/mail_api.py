"""POST /api/v1/desk-mail/: a mail server hands over what customers wrote, as it came (RFC 5322)."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.scoping import permit
from ticketing.tickets.actions.desk_mail import take_mail
from ticketing.tickets.mail_letter import read
from ticketing.tickets.models import TicketMail


class TooLarge(APIException):
    """413."""

    status_code, default_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_large"
    default_detail = "The mail is too large. Leave out its attachments, and send it again."


class RawParser(BaseParser):
    """The bytes as they came, as far as they may be many."""

    media_type = "message/rfc822"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """At most INBOUND_MAX_BYTES. Raises TooLarge."""
        raw = stream.read(settings.INBOUND_MAX_BYTES + 1)
        if len(raw) > settings.INBOUND_MAX_BYTES:
            raise TooLarge
        return bytes(raw)


class OctetParser(RawParser):
    """The same under the name that gateways use for anything."""

    media_type = "application/octet-stream"


class MailOut(serializers.Serializer[Any]):
    """What became of a mail."""

    message_id = serializers.CharField(help_text="its Message-ID; one without is known by its digest")
    ticket = serializers.CharField(allow_null=True, help_text="the ticket that it was written on")
    waiting = serializers.BooleanField(help_text="a person has to look at it")
    why = serializers.CharField(help_text="why, in words")


class DeskMailView(APIView):
    """The door for mail gateways; the mailbox folder is the other one, and both know what came by either."""

    parser_classes = [RawParser, OctetParser]

    @extend_schema(
        summary="Hand over a mail that a customer wrote to the fault desk",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={
            201: MailOut,
            200: OpenApiResponse(MailOut, description="It was taken before: nothing has changed"),
            413: OpenApiResponse(description="Larger than OFX_INBOUND_MAX_BYTES"),
        },
    )
    def post(self, request: Request) -> Response:
        """A raw mail as message/rfc822 or application/octet-stream, by a token of the desk or of a program there."""
        permit(request.user, "ticket.write")
        home = self._home()
        raw = request.data
        if not isinstance(raw, bytes) or not raw.strip():
            raise ValidationError({"body": ["Send the whole mail as it came, headers first."]})
        if not read(raw).sender:
            raise ValidationError({"From": ["This is no mail that we can read: it names no sender."]})
        at = now()
        row = self._take(raw, home, at)
        if row is None:
            raise ValidationError({"To": [f"This mail is for another desk than that of {home}."]})
        body = {
            "message_id": row.message_id,
            "ticket": row.ticket.reference if row.ticket else None,
            "waiting": row.ticket_id is None and row.settled_at is None and not row.automatic,
            "why": row.why,
        }
        fresh = row.at == at
        return Response(body, status=status.HTTP_201_CREATED if fresh else status.HTTP_200_OK)

    def _home(self) -> Organisation:
        acting: Any = self.request.user.acting  # type: ignore[union-attr]
        if acting.organisation.kind != "service_provider":
            raise PermissionDenied("Mails are handed over by a service provider's own programs.")
        home: Organisation = acting.organisation
        return home

    def _take(self, raw: bytes, home: Organisation, at: Any) -> TicketMail | None:
        try:
            return take_mail(raw=raw, at=at, only=home)
        except IntegrityError:  # the same mail came twice at once: the other one has been stored now
            return take_mail(raw=raw, at=at, only=home)


urlpatterns = [path("desk-mail/", DeskMailView.as_view(), name="api-desk-mail")]

"""troubleTicket over HTTP: the same address for three kinds of callers.

A provider's and a customer's tool see and write tickets; an operator's system sees the tickets that were raised with
it, and answers them. Writes call the actions that the pages call.
"""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.fields import Fields
from ofx.tmf.rest.resource import Resource
from ofx.tmf.trouble_ticket.answering import answer
from ofx.tmf.trouble_ticket.changing import change
from ofx.tmf.trouble_ticket.faces import TICKET, Viewer
from ofx.tmf.trouble_ticket.partner_faces import RAISED
from ofx.tmf.trouble_ticket.placing import place
from ofx.tmf.trouble_ticket.reading import dated, in_order, prepared, raised
from ofx.tmf.trouble_ticket.wish import read
from partners.conversations.storable import tree
from ticketing.models import PartnerTicket, Ticket
from ticketing.tickets.actions.discarding import discard

VIEWERS: dict[str, Viewer] = {"service_provider": "provider", "exchange": "provider", "customer": "customer"}


class TroubleTickets(Resource):
    """troubleTicket."""

    kinds: ClassVar[tuple[str, ...]] = ("service_provider", "customer", "operator", "exchange")

    @property
    def operator(self) -> bool:
        """Whether an operator's system asks."""
        return bool(self.acting.organisation.kind == "operator")

    @property
    def face(self) -> Face:
        """The face of the version, for whoever asks."""
        if self.operator:
            return RAISED[self.version]
        return TICKET[VIEWERS[self.acting.organisation.kind]][self.version]

    def rows(self) -> QuerySet[Any]:
        """Newest first."""
        user = self.request.user
        if self.operator:
            return in_order(PartnerTicket.objects.visible_to(user), "raised_at")
        return in_order(dated(Ticket.objects.visible_to(user)), "created_at")

    def prepare(self, rows: QuerySet[Any], names: set[str] | None) -> QuerySet[Any]:
        """With what the attributes need."""
        return raised(rows, names) if self.operator else prepared(rows, names)

    def document(self, identifier: str, fields: Fields) -> dict[str, Any]:
        """One ticket, the content of its files included. Raises Http404."""
        row = self.found(identifier, {"id"})
        rows: QuerySet[Any] = type(row).objects.filter(pk=row.pk)
        whole = raised if self.operator else prepared
        return self.face.document(whole(rows, fields.names, whole=True).get(), fields.names)

    def post(self, request: Request, version: str) -> Response:
        """Report a fault. The same body under the same externalId gives the same ticket."""
        permit(request.user, "ticket.report")
        actor: Any = request.user
        ticket = place(actor=actor, wish=read(tree(self.given())), version=version, at=now())
        return self.created(ticket.reference)

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Change what may be changed; an operator answers."""
        row, actor, at = self.found(id), request.user, now()
        asked: Any = {"actor": actor, "body": self.given(), "face": self.face, "at": at}
        if self.operator:
            permit(actor, "ticket.answer")
            answer(row=row, current=self.face.document(row), **asked)
        else:
            permit(actor, "ticket.report")
            change(ticket=row, current=self.face.document(row), **asked)
        return self.changed(id)

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Delete a ticket that nobody has worked on, by an administrator; any other one is cancelled instead."""
        row, actor = self.found(id), request.user
        permit(actor, "desk.configure")
        if self.operator:
            raise PermissionDenied("A ticket is deleted by the service provider that raised it.")
        last: dict[str, Any] = {
            viewer: {one: face.document(row) for one, face in faces.items()} for viewer, faces in TICKET.items()
        }
        asked: Any = {"actor": actor, "at": now()}
        discard(ticket=row, last=last, **asked)
        return Response(status=204)

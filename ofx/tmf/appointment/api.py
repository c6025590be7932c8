"""appointment and searchTimeSlot over HTTP."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.orders.models import Appointment
from ofx.tmf.appointment import actions, searching
from ofx.tmf.appointment.faces import APPOINTMENT, SEARCH, STATUS
from ofx.tmf.appointment.reading import entities, part_of, remarks, slot
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.reading import merged, text
from ofx.tmf.inquiry.resource import Inquiries
from ofx.tmf.rest.errors import Conflict
from ofx.tmf.rest.resource import Resource, refuse_frozen
from partners.conversations.storable import tree

WORDS = {"category", "description", "note"}
Json = dict[str, Any]


def prepared(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Visits with what every attribute needs."""
    return rows.select_related("partner_order__order", "operator", "buyer_visit")


class Appointments(Resource):
    """appointment."""

    faces = {"v4": APPOINTMENT}

    def rows(self) -> QuerySet[Appointment]:
        """The latest slot first."""
        return Appointment.objects.visible_to(self.request.user).order_by("-slot_start", "-pk")

    def prepare(self, rows: QuerySet[Appointment], names: set[str] | None) -> QuerySet[Appointment]:
        """See prepared."""
        return prepared(rows)

    def post(self, request: Request, version: str) -> Response:
        """Reserve a slot for an order; PATCH status confirmed fixes it."""
        permit(request.user, "order.write")
        body = tree(self.given())
        start, end = slot(body)
        part = part_of(request.user, entities(body))
        given, external = remarks(body), text(body, "externalId", 80)
        actor: Any = request.user
        row = actions.book(actor=actor, part=part, start=start, end=end, external_id=external, given=given, at=now())
        return self.created(self.face.identify(row))

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Another slot, another status (confirmed, cancelled), other words."""
        row = self.found(id)
        permit(request.user, "order.write")
        body = refuse_frozen(tree(self.given()), {*WORDS, "status", "validFor"}, self.face.document(row), self.face)
        wanted = _wanted(row, body)
        if wanted:
            actor: Any = request.user
            row = actions.alter(actor=actor, visit=row, wanted=wanted, at=now())
        return self.changed(self.face.identify(row))

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Give the slot back; the appointment stays to be read, as cancelled."""
        row = self.found(id)
        permit(request.user, "order.write")
        actor: Any = request.user
        actions.alter(actor=actor, visit=row, wanted={"status": "cancelled"}, at=now())
        return Response(status=204)


def _wanted(row: Appointment, body: Json) -> Json:
    wanted: Json = {}
    if "validFor" in body:
        start, end = slot(body)
        if (start, end) != (row.slot_start, row.slot_end):
            wanted["slot"] = (start, end)
    if "status" in body and body["status"] != STATUS[row.state]:
        if body["status"] not in ("confirmed", "cancelled"):
            raise Conflict("Only confirmed and cancelled can be asked for; the rest comes from the operator.")
        wanted["status"] = body["status"]
    if WORDS & body.keys():
        buyer = getattr(row, "buyer_visit", None)
        kept = buyer.given if buyer else {}
        wanted["given"] = remarks(merged(kept, {name: body[name] for name in WORDS & body.keys()}))
    return wanted


class SearchTimeSlots(Inquiries):
    """searchTimeSlot."""

    faces = {"v4": SEARCH}
    kind = "slots"
    patchable = {"relatedEntity", "relatedParty", "relatedPlace", "requestedTimeSlot"}

    def read(self, body: Json) -> Json:
        """See searching.read."""
        return searching.read(body)

    def answer(self, given: Json, at: datetime) -> Answer:
        """The partner is asked while the caller waits."""
        return searching.answer(given, self.request.user, at)

"""A resource whose rows are questions: POST asks, PATCH asks something else under the same id, DELETE forgets."""

import json
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.inquiry import actions
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.models import Inquiry
from ofx.tmf.inquiry.reading import merged
from ofx.tmf.rest.errors import invalid
from ofx.tmf.rest.resource import Resource, refuse_frozen
from partners.conversations.storable import tree

Json = dict[str, Any]
MOST_BYTES = 100_000


class Inquiries(Resource):
    """What a subclass says: its kind, what a PATCH may change, how a body is read and how it is answered."""

    kind: ClassVar[str] = ""
    patchable: ClassVar[set[str]] = set()

    def kept(self, body: Json) -> Json:
        """What is kept of a body, so that a PATCH can be merged into it. Raises ValidationError for a long one."""
        known = set(self.face.known())
        found = {name: value for name, value in body.items() if name in known}
        if len(json.dumps(found)) > MOST_BYTES:
            raise invalid("body", f"At most {MOST_BYTES} bytes of what is asked.")
        return found

    def read(self, body: Json) -> Json:
        """What was asked, without what we do not use. Raises ValidationError naming the attribute."""
        raise NotImplementedError

    def answer(self, given: Json, at: datetime) -> Answer:
        """What we say to it."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Inquiry]:
        """Newest first."""
        rows: QuerySet[Inquiry] = Inquiry.objects.visible_to(self.request.user)
        return rows.filter(kind=self.kind).order_by("-created_at", "-pk")

    def post(self, request: Request, version: str) -> Response:
        """Ask. The answer is there at once."""
        permit(request.user, "order.write")
        given, at = self.kept(tree(self.given())), now()
        asked = self.read(given)
        external = str(asked.get("externalId", ""))
        actor: Any = request.user
        answer = self.answer(asked, at)
        row = actions.ask(actor=actor, kind=self.kind, given=given, answer=answer, external_id=external, at=at)
        return self.created(self.face.identify(row))

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Ask something else under the same id."""
        row = self.found(id)
        permit(request.user, "order.write")
        wanted = refuse_frozen(tree(self.given()), self.patchable, self.face.document(row), self.face)
        if wanted:
            actor: Any = request.user
            given, at = self.kept(merged(row.given, wanted)), now()
            answer = self.answer(self.read(given), at)
            actions.change(actor=actor, inquiry=row, given=given, answer=answer, at=at)
        return self.changed(id)

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Forget it."""
        row = self.found(id)
        permit(request.user, "order.write")
        actor: Any = request.user
        actions.delete(actor=actor, inquiry=row, last=self.face.document(row), at=now())
        return Response(status=204)

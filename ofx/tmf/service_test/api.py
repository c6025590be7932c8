"""serviceTest over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.rest.errors import Conflict
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.resource import Resource, refuse_frozen
from ofx.tmf.service_test.asking import WORDS, ask, read, said
from ofx.tmf.service_test.faces import STATE, TEST
from ofx.tmf.service_test.models import BuyerTest
from partners.conversations.storable import tree
from ticketing.models import ServiceTest
from ticketing.tickets.actions.discarding import cancel_test


def prepared(rows: QuerySet[ServiceTest]) -> QuerySet[ServiceTest]:
    """Tests with what every attribute needs."""
    return rows.select_related("organisation", "operator", "service", "ticket", "buyer_test")


class ServiceTests(Resource):
    """serviceTest."""

    kinds: ClassVar[tuple[str, ...]] = ("service_provider", "customer", "exchange")

    @property
    def face(self) -> Face:
        """For the customer, or for the provider."""
        return TEST["customer" if self.acting.organisation.kind == "customer" else "provider"]

    def rows(self) -> QuerySet[ServiceTest]:
        """Newest first."""
        return ServiceTest.objects.visible_to(self.request.user).order_by("-requested_at", "-pk")

    def prepare(self, rows: QuerySet[ServiceTest], names: set[str] | None) -> QuerySet[ServiceTest]:
        """See prepared."""
        return prepared(rows)

    def post(self, request: Request, version: str) -> Response:
        """Ask for a test; it runs at once, and its result is read or told when it is there."""
        permit(request.user, "test.run")
        actor: Any = request.user
        test = ask(actor=actor, wish=read(tree(self.given())), at=now())
        return self.created(test.our_key)

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Other words for it, or `state: cancelled`."""
        row = self.found(id)
        permit(request.user, "test.run")
        wanted = refuse_frozen(tree(self.given()), {*WORDS, "state"}, self.face.document(row), self.face)
        words = said(wanted)
        if words:
            defaults = {"organisation": self.acting.organisation, "created_at": now()}
            kept, _ = BuyerTest.objects.get_or_create(test=row, defaults=defaults)
            BuyerTest.objects.filter(pk=kept.pk).update(given={**kept.given, **words})
        if "state" in wanted:
            self._cancel(row, str(wanted["state"]))
        return self.changed(id)

    def _cancel(self, row: ServiceTest, to: str) -> None:
        if to != "cancelled":
            raise Conflict(f"state: a test that is {STATE[row.state]} can only be cancelled; the rest is its result.")
        actor: Any = self.request.user
        cancel_test(test=row, actor=actor, at=now())

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Cancel a test that runs; what it found stays as evidence."""
        row, actor = self.found(id), request.user
        permit(actor, "test.run")
        if row.state in ("completed", "failed"):
            raise Conflict("A test that has ended stays as evidence.")
        asked: Any = {"actor": actor, "at": now()}
        cancel_test(test=row, **asked)
        return Response(status=204)

"""serviceProblem, problemGroup and problemUngroup over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.rest.errors import Conflict
from ofx.tmf.rest.face import Face, base
from ofx.tmf.rest.resource import OpenApiView, Resource
from ofx.tmf.service_problem.acting import change, raise_problem
from ofx.tmf.service_problem.faces import PROBLEM, problem_ref
from ofx.tmf.service_problem.grouping import carry_out
from ofx.tmf.service_problem.reading import prepared, visible
from ofx.tmf.service_problem.wish import read
from ofx.tmf.service_problem.words import API
from partners.conversations.storable import tree
from ticketing.models import Outage
from ticketing.outages import actions


class ServiceProblems(Resource):
    """serviceProblem."""

    kinds: ClassVar[tuple[str, ...]] = ("service_provider", "customer", "exchange")

    @property
    def customer(self) -> int | None:
        """The customer whose system asks; None for all others."""
        organisation = self.acting.organisation
        return organisation.pk if organisation.kind == "customer" else None

    @property
    def face(self) -> Face:
        """For the customer, or for the provider."""
        return PROBLEM["customer" if self.customer else "provider"]

    def rows(self) -> QuerySet[Outage]:
        """Newest first."""
        return visible(self.request.user).order_by("-started_at", "-pk")

    def prepare(self, rows: QuerySet[Outage], names: set[str] | None) -> QuerySet[Outage]:
        """See prepared. A customer's administrator reads of all its people's tickets, a user of their own."""
        alone = self.customer is not None and self.acting.role != "admin"
        return prepared(rows, self.customer, self.request.user.pk if alone else None)

    def post(self, request: Request, version: str) -> Response:
        """A provider declares an outage; a customer reports one, and the provider decides."""
        permit(request.user, "outage.report")
        actor: Any = request.user
        outage = raise_problem(actor=actor, wish=read(tree(self.given())), at=now())
        return self.created(outage.reference)

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Approve, reject, tell news, clear, reopen or close."""
        row, actor = self.found(id), request.user
        permit(actor, "outage.write")
        asked: Any = {"actor": actor, "body": self.given(), "at": now()}
        change(outage=row, current=self.face.document(row), face=self.face, **asked)
        return self.changed(id)

    def delete(self, request: Request, version: str, id: str) -> Response:
        """Withdraw a candidate; it stays to be read, as rejected."""
        row, actor = self.found(id), request.user
        permit(actor, "outage.write")
        if row.state not in ("candidate", "rejected"):
            raise Conflict("A problem that people were told of is cleared and closed, not deleted.")
        asked: Any = {"actor": actor, "at": now()}
        actions.reject(outage=row, why="Withdrawn by the system that sent it.", **asked)
        return Response(status=204)


class ProblemGroups(OpenApiView):
    """problemGroup: a task, carried out at once."""

    kinds: ClassVar[tuple[str, ...]] = ("service_provider", "exchange")
    undo: ClassVar[bool] = False

    def post(self, request: Request, version: str) -> Response:
        """Put problems below a wider one."""
        permit(request.user, "outage.write")
        actor: Any = request.user
        task, parent, children = carry_out(actor=actor, body=tree(self.given()), undo=self.undo, at=now())
        name = "problemUngroup" if self.undo else "problemGroup"
        href = f"{base(API, self.version)}/{name}/{task.pk}"
        document = {
            "id": str(task.pk),
            "href": href,
            "parentProblem": problem_ref(parent),
            "childProblem": [problem_ref(child) for child in children],
            "@type": name[0].upper() + name[1:],
        }
        return Response(document, status=201, headers={"Location": href})


class ProblemUngroups(ProblemGroups):
    """problemUngroup: the same, undone."""

    undo = True

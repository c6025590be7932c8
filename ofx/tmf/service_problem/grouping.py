"""problemGroup and problemUngroup: problems that belong to a wider one."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.tmf.inquiry.reading import member, members, text
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.service_problem.models import GroupTask, ProblemLink
from ticketing.models import Outage

MOST = 100
Json = dict[str, Any]


def carry_out(*, actor: User, body: Json, undo: bool, at: datetime) -> tuple[GroupTask, Outage, list[Outage]]:
    """Group or ungroup. Twice is once. Raises ValidationError for problems that are not yours, Conflict."""
    permit(actor, "outage.write")
    parent = _problem(actor, member(body, "parentProblem"), "parentProblem")
    given = members(body, "childProblem", MOST)
    if not given:
        raise invalid("childProblem", "Name at least one.")
    children = [_problem(actor, one, "childProblem") for one in given]
    with transaction.atomic():
        for child in children:
            (_apart if undo else _join)(parent, child, at)
        task = GroupTask.objects.create(
            organisation=parent.organisation, undo=undo, parent=parent.reference, created_by=actor, created_at=at,
            children=[child.reference for child in children],
        )  # fmt: skip
        verb = "ungrouped" if undo else "grouped"
        common: Json = {"at": at, "organisation_id": parent.organisation_id}
        record(actor=actor, subject=f"outage:{parent.pk}", verb=f"{verb} problems", children=task.children, **common)
        told = {"outage_id": parent.pk, "reference": parent.reference, "children": task.children, "undo": undo}
        publish("problem.grouped", f"outage:{parent.pk}", **common, **told)
    return task, parent, children


def _problem(actor: User, given: Json, name: str) -> Outage:
    identifier = text(given, "id", 40, f"{name}.")
    found = Outage.objects.visible_to(actor).select_related("organisation").filter(reference=identifier).first()
    if found is None:
        raise invalid(f"{name}.id", f"You have no problem {identifier!r}.")
    return found


def _join(parent: Outage, child: Outage, at: datetime) -> None:
    if parent.pk == child.pk or ProblemLink.objects.filter(parent=child, child=parent).exists():
        raise Conflict(f"childProblem: {child.reference} cannot be below {parent.reference}.")
    row, _ = ProblemLink.objects.get_or_create(
        child=child, defaults={"organisation": parent.organisation, "parent": parent, "at": at}
    )
    if row.parent_id != parent.pk:
        raise Conflict(f"childProblem: {child.reference} belongs to {row.parent.reference} already; ungroup it first.")


def _apart(parent: Outage, child: Outage, at: datetime) -> None:
    ProblemLink.objects.filter(parent=parent, child=child).delete()

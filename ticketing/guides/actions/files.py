"""Guides as files: taken in, checked as a whole, and given out in the same form (docs/guides.md)."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ticketing.guides.actions.editing import linkable, linked_loops, put_in_force
from ticketing.guides.graph import validate
from ticketing.guides.models import Guide, GuideVersion
from ticketing.tickets.vocabulary import FaultClass

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
FIELDS = ("title", "fault_class", "audience", "summary", "minutes")
LONGEST = {"title": 120, "summary": 300}


class GuideFileInvalid(ValueError):
    """A file cannot be taken; `problems` says what to mend, each with the guide that it is about."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_files(
    *, files: list[dict[str, Any]], organisation: Organisation | None, actor: User | None, at: datetime
) -> list[Guide]:
    """Put guides in force, all or none: they may lead to one another. What is in force already is left out.

    Returns those that changed. Raises GuideFileInvalid, PermissionDenied.
    """
    permit(actor, "guide.write")
    problems = [line for given in files for line in _form(given)]
    if problems:
        raise GuideFileInvalid(problems)
    with transaction.atomic():
        made = [row for given in files if (row := _put(given, organisation, actor, at)) is not None]
        for row in made:
            found = validate(row.graph, linkable(row.guide)) + linked_loops(row)
            problems += [f"{row.guide.slug}: {problem}" for problem in found]
        if problems:
            raise GuideFileInvalid(problems)
    return [row.guide for row in made]


def as_file(*, guide: Guide) -> dict[str, Any] | None:
    """The version in force as a file holds it; None where none is."""
    row = guide.versions.filter(state="published").first()
    if row is None:
        return None
    return {"slug": guide.slug, **{name: getattr(guide, name) for name in FIELDS}, "graph": row.graph}


def _form(given: Any) -> list[str]:
    """What is wrong with a file before its graph is looked at."""
    if not isinstance(given, dict):
        return ["A guide is an object with slug, title, fault_class and graph."]
    name = str(given.get("slug") or "?")
    found = []
    if not SLUG.fullmatch(name):
        found.append("slug: small letters, digits and hyphens, at most 60.")
    for field, most in LONGEST.items():
        value = given.get(field, "")
        if not isinstance(value, str) or len(value) > most or "\x00" in value:
            found.append(f"{field}: text of at most {most} characters.")
    if not given.get("title"):
        found.append("title: say what the guide is called.")
    if given.get("fault_class") not in FaultClass.values:
        found.append(f"fault_class: one of {', '.join(FaultClass.values)}.")
    if given.get("audience", "both") not in Guide.Audience.values:
        found.append(f"audience: one of {', '.join(Guide.Audience.values)}.")
    minutes = given.get("minutes", 5)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 240:
        found.append("minutes: a whole number from 1 to 240.")
    if not isinstance(given.get("graph"), dict):
        found.append("graph: {start, nodes}, as docs/guides.md describes it.")
    return [f"{name}: {line}" for line in found]


def _put(
    given: dict[str, Any], organisation: Organisation | None, actor: User | None, at: datetime
) -> GuideVersion | None:
    fields = {"audience": "both", "summary": "", "minutes": 5} | {name: given[name] for name in FIELDS if name in given}
    made = {**fields, "created_at": at, "created_by": actor}
    guide, fresh = Guide.objects.get_or_create(organisation=organisation, slug=given["slug"], defaults=made)
    Guide.objects.select_for_update(no_key=True).get(pk=guide.pk)
    live = guide.versions.filter(state="published").first()
    same = not fresh and all(getattr(guide, name) == value for name, value in fields.items())
    if same and live is not None and live.graph == given["graph"]:
        return None
    Guide.objects.filter(pk=guide.pk).update(**fields)
    newest = guide.versions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    row = GuideVersion.objects.create(guide=guide, number=number, graph=given["graph"], created_at=at, created_by=actor)
    put_in_force(row, at, "From a file")
    subject = f"guide:{guide.pk}"
    record(actor=actor, subject=subject, verb="loaded from a file", at=at, organisation_id=guide.organisation_id)
    return row

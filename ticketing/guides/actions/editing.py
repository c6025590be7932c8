"""Write guides: a draft is worked on, published, and retired by the next one."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import slugify

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish as tell
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.guides.graph import Graph, GraphInvalid, Node, Problem, nodes_of, validate
from ticketing.guides.models import Guide, GuideVersion

SHIPPED = Path(__file__).resolve().parent.parent / "shipped"
EMPTY: Graph = {
    "start": "start",
    "nodes": {
        "start": {"type": "start", "next": "outage"},
        "outage": {"type": "outage", "next": "report"},
        "report": {"type": "raise", "title": "We take it from here", "text": ""},
    },
}


def writable(actor: User | None, guide: Guide) -> None:
    """Raise PermissionDenied unless the actor may change this guide: a tenant its own, the exchange the shared ones."""
    permit(actor, "guide.write")
    if actor is None:
        return
    acting: Any = actor.acting
    owner = None if acting.organisation.kind == "exchange" else acting.organisation_id
    if guide.organisation_id != owner:
        raise PermissionDenied("This guide is the exchange's. Copy it to change it for your own customers.")


def linkable(guide: Guide) -> list[str]:
    """Slugs of published guides that this one may jump to."""
    rows = GuideVersion.objects.filter(state="published").exclude(guide=guide)
    owners = [None, guide.organisation_id] if guide.organisation_id else [None]
    return [slug for slug, owner in rows.values_list("guide__slug", "guide__organisation_id") if owner in owners]


def create_guide(
    *,
    actor: User | None,
    at: datetime,
    organisation: Organisation | None,
    title: str,
    fault_class: str,
    audience: str = "both",
    summary: str = "",
    minutes: int = 5,
    like: Guide | None = None,
) -> Guide:
    """A new guide with a draft: empty, or a copy of another's newest version. Raises PermissionDenied."""
    permit(actor, "guide.write")
    graph = copy.deepcopy(EMPTY)
    if like is not None:
        graph = copy.deepcopy(like.versions.order_by("-number")[0].graph)
    with transaction.atomic():
        guide = Guide.objects.create(
            organisation=organisation,
            slug=_free_slug(organisation, title),
            title=title,
            fault_class=fault_class,
            audience=audience,
            summary=summary,
            minutes=minutes,
            created_at=at,
            created_by=actor,
        )
        GuideVersion.objects.create(guide=guide, number=1, graph=graph, created_at=at, created_by=actor)
        _log(guide, actor, at, "created")
    return guide


def _free_slug(organisation: Organisation | None, title: str) -> str:
    base = slugify(title)[:50] or "guide"
    taken = set(Guide.objects.filter(organisation=organisation, slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 1000) if f"{base}-{n}" not in taken)


def change_guide(*, guide: Guide, actor: User | None, at: datetime, **fields: Any) -> Guide:
    """Change title, summary, fault class, audience, minutes, or whether it is offered."""
    writable(actor, guide)
    with transaction.atomic():
        for name, value in fields.items():
            setattr(guide, name, value)
        guide.save(update_fields=list(fields))
        _log(guide, actor, at, "changed", fields=sorted(fields))
    return guide


def open_draft(*, guide: Guide, actor: User | None, at: datetime) -> GuideVersion:
    """The draft that is worked on; a copy of the published version where there is none. Twice gives the same."""
    writable(actor, guide)
    with transaction.atomic():
        Guide.objects.select_for_update(no_key=True).get(pk=guide.pk)
        draft = guide.versions.filter(state="draft").first()
        if draft is not None:
            return draft
        newest = guide.versions.order_by("-number").first()
        graph = copy.deepcopy(newest.graph) if newest else copy.deepcopy(EMPTY)
        number = newest.number + 1 if newest else 1
        return GuideVersion.objects.create(guide=guide, number=number, graph=graph, created_at=at, created_by=actor)


def save_node(*, draft: GuideVersion, actor: User | None, at: datetime, name: str, node: Node | None) -> GuideVersion:
    """Put a node into a draft, or take it out (None). Raises IllegalTransition where the draft was published."""
    writable(actor, draft.guide)
    with transaction.atomic():
        row = _draft(draft)
        nodes = nodes_of(row.graph)
        if node is None:
            nodes.pop(name, None)
        else:
            nodes[name] = node
            if node.get("type") == "start":
                row.graph["start"] = name
        row.save(update_fields=["graph"])
        _log(row.guide, actor, at, f"{'removed' if node is None else 'saved'} the node {name}")
    return row


def rename_node(*, draft: GuideVersion, actor: User | None, at: datetime, old: str, new: str) -> GuideVersion:
    """Give a node another name; whatever led to it leads there. Raises IllegalTransition for no draft."""
    writable(actor, draft.guide)
    with transaction.atomic():
        row = _draft(draft)
        renamed = {
            new if name == old else name: repointed(node, old, new) for name, node in nodes_of(row.graph).items()
        }
        start = new if row.graph.get("start") == old else row.graph.get("start")
        row.graph = {**row.graph, "start": start, "nodes": renamed}
        row.save(update_fields=["graph"])
        _log(row.guide, actor, at, f"renamed the node {old} to {new}")
    return row


def repointed(node: Node, old: str, new: str) -> Node:
    """A node with its ways to `old` leading to `new`."""
    ways = [{**row, **{key: new for key in ("to", "fact") if row.get(key) == old}} for row in node.get("branches", [])]
    changed = {**node, "branches": ways} if ways else node
    return {**changed, "next": new} if changed.get("next") == old else changed


def _draft(version: GuideVersion) -> GuideVersion:
    row = GuideVersion.objects.select_for_update(of=("self",)).select_related("guide").get(pk=version.pk)
    if row.state != "draft":
        raise IllegalTransition(f"Version {row.number} is {row.get_state_display().lower()}. Open a new draft.")
    return row


def publish(*, draft: GuideVersion, actor: User | None, at: datetime, note: str = "") -> GuideVersion:
    """Put a draft in force; the version before is retired, and runs that are under way end on it.

    Raises GraphInvalid (problems name node and fix), IllegalTransition, PermissionDenied.
    """
    writable(actor, draft.guide)
    with transaction.atomic():
        row = _draft(draft)
        problems = validate(row.graph, linkable(row.guide)) + linked_loops(row)
        if problems:
            raise GraphInvalid(problems)
        put_in_force(row, at, note)
        _log(row.guide, actor, at, f"published version {row.number}", note=note)
    return row


def put_in_force(row: GuideVersion, at: datetime, note: str) -> None:
    """Publish a version in place of the one in force; the caller holds the guide."""
    GuideVersion.objects.filter(guide=row.guide, state="published").update(state="retired", retired_at=at)
    row.state, row.published_at, row.note = "published", at, note[:300]
    row.save(update_fields=["state", "published_at", "note"])


def linked_loops(version: GuideVersion) -> list[Problem]:
    """Links that come back to this guide: somebody could be led in a circle."""
    graphs = dict(GuideVersion.objects.filter(state="published").values_list("guide__slug", "graph"))
    graphs[version.guide.slug] = version.graph
    seen: set[str] = set()
    todo = [node.get("guide", "") for node in nodes_of(version.graph).values() if node.get("type") == "linking"]
    while todo:
        slug = str(todo.pop())
        if slug == version.guide.slug:
            text = "A link leads back to this guide, over others: people would walk in a circle. Remove one link."
            return [Problem("", text)]
        if slug not in seen:
            seen.add(slug)
            nodes = nodes_of(graphs.get(slug, {})).values()
            todo += [node.get("guide", "") for node in nodes if node.get("type") == "linking"]
    return []


def discard(*, draft: GuideVersion, actor: User | None, at: datetime) -> None:
    """Throw a draft away; trials of it go with it. The only version of a guide stays."""
    writable(actor, draft.guide)
    with transaction.atomic():
        row = _draft(draft)
        if row.guide.versions.count() == 1:
            raise IllegalTransition("It is the only version. Take the guide out of use instead.")
        row.runs.filter(trial=True).delete()
        row.delete()
        _log(row.guide, actor, at, f"threw away the draft {row.number}")


def load_shipped(*, at: datetime) -> int:
    """Put the guides that come with the product in force, for all. What the exchange changed itself stays."""
    loaded = 0
    with transaction.atomic():
        for file in sorted(SHIPPED.glob("*.json")):
            loaded += _load(json.loads(file.read_text(encoding="utf-8")), at)
    return loaded


def _load(given: dict[str, Any], at: datetime) -> int:
    fields = {name: given[name] for name in ("title", "fault_class", "audience", "summary", "minutes")}
    guide, _ = Guide.objects.get_or_create(
        organisation=None, slug=given["slug"], defaults={**fields, "created_at": at, "created_by": None}
    )
    newest = guide.versions.order_by("-number").first()
    if newest and (newest.created_by_id or newest.graph == given["graph"]):
        return 0
    number = newest.number + 1 if newest else 1
    row = GuideVersion.objects.create(guide=guide, number=number, graph=given["graph"], created_at=at)
    put_in_force(row, at, "Shipped with the product")
    return 1


def _log(guide: Guide, actor: User | None, at: datetime, verb: str, **data: Any) -> None:
    subject = f"guide:{guide.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=guide.organisation_id, **data)
    tell("guide.changed", subject, at=at, organisation_id=guide.organisation_id, guide_id=guide.pk, what=verb)

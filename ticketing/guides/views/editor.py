"""Guides for those who write them: the list, a guide with its drawing, a draft node by node, versions, what changed."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit
from ofx.core.transitions import IllegalTransition
from ofx.core.ui.tables import table_page
from ticketing.guides import actions, forms
from ticketing.guides.actions.editing import linkable, linked_loops, repointed, writable
from ticketing.guides.diffs import changes
from ticketing.guides.drawing import draw, words_of
from ticketing.guides.graph import TYPES, GraphInvalid, branches_of, nodes_of, validate
from ticketing.guides.models import Guide, GuideRun, GuideVersion
from ticketing.guides.queries import Passing, passings
from ticketing.guides.tables import GuideTable, RunTable

RECENT = timedelta(days=28)
GET_OR_POST = ["GET", "HEAD", "POST"]


def staff_only(request: UserRequest) -> None:
    """Guides are written and counted by service providers and the exchange."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind not in ("service_provider", "exchange"):
        raise PermissionDenied("These pages are for those who run the service desk.")


def guide_of(request: UserRequest, number: int) -> Guide:
    """A guide that the user may see."""
    staff_only(request)
    return get_object_or_404(Guide.objects.visible_to(request.user).select_related("organisation"), pk=number)


def may_write(request: UserRequest, guide: Guide) -> bool:
    """Whether the editor is offered."""
    try:
        writable(request.user, guide)
    except PermissionDenied:
        return False
    return True


@login_required
@require_safe
def guides(request: UserRequest) -> HttpResponseBase:
    """Which guides are there, and are they taken?"""
    staff_only(request)
    numbers = GuideVersion.objects.filter(guide=OuterRef("pk"))
    mine = GuideRun.objects.visible_to(request.user).filter(offered_at__gte=now() - RECENT, trial=False)
    rows = Guide.objects.visible_to(request.user).select_related("organisation")
    rows = rows.annotate(
        in_force=Subquery(numbers.filter(state="published").values("number")[:1]),
        drafted=Subquery(numbers.filter(state="draft").values("number")[:1]),
        recent=Count("runs", filter=Q(runs__in=mine)),
    )
    context = {
        "title": "Guides",
        "question": "Which guides are there, and are they taken?",
        "may_write": may(request.user, "guide.write"),
    }
    return table_page(request, GuideTable, rows, context=context, template="ticketing/guides/list.html")


@login_required
@require_safe
def runs(request: UserRequest) -> HttpResponseBase:
    """Who took a guide, and what came of it?"""
    staff_only(request)
    rows = GuideRun.objects.visible_to(request.user).filter(trial=False)
    rows = rows.select_related("guide", "customer", "service", "ticket")
    context = {"title": "Guide runs", "question": "Who took a guide, and what came of it?"}
    return table_page(request, RunTable, rows, context=context)


@login_required
@require_http_methods(GET_OR_POST)
def new(request: UserRequest) -> HttpResponse:
    """A new guide, empty or like another."""
    staff_only(request)
    permit(request.user, "guide.write")
    form = forms.NewGuideForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        organisation = request.user.acting.organisation  # type: ignore[union-attr]
        own = None if organisation.kind == "exchange" else organisation
        guide = actions.create_guide(actor=request.user, at=now(), organisation=own, **form.cleaned_data)
        return redirect("guide-edit", number=guide.pk)
    context = {"title": "New guide", "form": form}
    return render(request, "ticketing/guides/form.html", context, status=422 if form.errors else 200)


def _drawn(version: GuideVersion | None, bad: set[str] | None = None, count: bool = True) -> dict[str, Any]:
    """A version's drawing and its text equivalent."""
    if version is None:
        return {}
    passed = passings(version) if count else {}
    nodes = nodes_of(version.graph)
    rows = [
        {
            "name": name,
            "type": TYPES.get(str(node.get("type")), ""),
            "title": node.get("title") or node.get("guide") or "",
            "ways": [(words_of(row), row.get("to")) for row in branches_of(node)],
            "next": node.get("next", ""),
            "passing": passed.get(name, Passing()),
            "bad": name in (bad or set()),
        }
        for name, node in nodes.items()
    ]
    return {"drawing": draw(version.graph, passed, bad), "nodes": rows, "counted": count}


@login_required
@require_safe
def guide(request: UserRequest, number: int) -> HttpResponse:
    """What does this guide do, and where do people leave it?"""
    row = guide_of(request, number)
    versions = list(row.versions.select_related("created_by").order_by("-number"))
    shown = next((one for one in versions if one.state == "published"), versions[0])
    context = {
        "title": row.title,
        "guide": row,
        "versions": versions,
        "version": shown,
        "may_write": may_write(request, row),
        "may_copy": may(request.user, "guide.write"),
        **_drawn(shown),
    }
    return render(request, "ticketing/guides/guide.html", context)


@login_required
@require_safe
def version(request: UserRequest, number: int, version: int) -> HttpResponse:
    """One version, and what it changed."""
    row = guide_of(request, number)
    shown = get_object_or_404(row.versions.select_related("created_by"), number=version)
    against = request.GET.get("against", "")
    earlier = row.versions.filter(number__lt=version).order_by("-number")
    if against.isdigit() and len(against) < 9:
        earlier = row.versions.filter(number=int(against))
    other = earlier.first()
    context = {
        "title": f"{row.title}, version {version}",
        "guide": row,
        "version": shown,
        "other": other,
        "changes": changes(other.graph, shown.graph) if other else [],
        **_drawn(shown),
    }
    return render(request, "ticketing/guides/version.html", context)


def _draft_of(request: UserRequest, number: int) -> GuideVersion:
    """The guide's draft, made where there is none yet; 403 for those who may not write it."""
    row = guide_of(request, number)
    writable(request.user, row)
    draft = row.versions.select_related("guide").filter(state="draft").first()
    return draft or actions.open_draft(guide=row, actor=request.user, at=now())


@login_required
@require_http_methods(GET_OR_POST)
def edit(request: UserRequest, number: int) -> HttpResponse:
    """A draft: its nodes, its drawing, and what has to be put right before it can be published."""
    draft = _draft_of(request, number)
    form = forms.GuideForm(request.POST if request.method == "POST" else None, instance=draft.guide)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in form.cleaned_data}
        actions.change_guide(guide=draft.guide, actor=request.user, at=now(), **fields)
        messages.success(request, "The guide's head is kept.")
        return redirect("guide-edit", number=number)
    problems = validate(draft.graph, linkable(draft.guide)) + linked_loops(draft)
    context = {
        "title": f"{draft.guide}, draft {draft.number}",
        "guide": draft.guide,
        "version": draft,
        "form": form,
        "problems": problems,
        "types": [(name, label) for name, label in TYPES.items() if name != "start"],
        **_drawn(draft, {one.node for one in problems}, count=False),
    }
    return render(request, "ticketing/guides/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(GET_OR_POST)
def node(request: UserRequest, number: int, name: str = "") -> HttpResponse:
    """One node of a draft: a new one of the kind that the address names, or one that is there."""
    draft = _draft_of(request, number)
    nodes = nodes_of(draft.graph)
    if name and name not in nodes:
        raise Http404("This draft has no such node.")
    before = nodes.get(name, {})
    kind = str(before.get("type") or request.GET.get("type", "question"))
    if kind not in TYPES:
        raise Http404("There is no such kind of node.")
    form, choices, branches = _node_forms(request, draft, kind, name)
    if request.method == "POST" and all(one is None or one.is_valid() for one in (form, choices, branches)):
        wanted = form.cleaned_data["name"]
        if wanted != name and wanted in nodes:
            form.add_error("name", "Another node has this name. Choose one of its own.")
        else:
            return _kept(request, draft, name, wanted, _built(form, choices, branches, before))
    context = {
        "title": f"{TYPES[kind]}: {name or 'new'}",
        "guide": draft.guide,
        "form": form,
        "choices": choices,
        "branches": branches,
        "name": name,
        "kind": kind,
    }
    bad = any(one is not None and one.is_bound and not one.is_valid() for one in (form, choices, branches))
    return render(request, "ticketing/guides/node.html", context, status=422 if bad else 200)


def _node_forms(request: UserRequest, draft: GuideVersion, kind: str, name: str) -> tuple[Any, Any, Any]:
    before = nodes_of(draft.graph).get(name, {})
    given = request.POST if request.method == "POST" else None
    guides = linkable(draft.guide)
    form = forms.NodeForm(given, kind=kind, graph=draft.graph, guides=guides, initial=forms.initial(before, name))
    choices = forms.ChoiceRows(given, prefix="c", initial=before.get("choices", [])) if kind == "question" else None
    options = {"graph": draft.graph, "name": name}
    rows = forms.branch_rows(before)
    branches = forms.BranchRows(given, prefix="b", initial=rows, form_kwargs=options) if forms.branching(kind) else None
    return form, choices, branches


def _built(form: Any, choices: Any, branches: Any, before: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in before.items() if key not in form.fields and key not in ("choices", "branches")
    }
    built = form.node(kept)
    if choices is not None and forms.choices_from(choices):
        built["choices"] = forms.choices_from(choices)
    if branches is not None and forms.branches_from(branches):
        built["branches"] = forms.branches_from(branches)
    return built


def _kept(request: UserRequest, draft: GuideVersion, old: str, name: str, built: dict[str, Any]) -> HttpResponse:
    """Save; what led to a renamed node leads to its new name."""
    try:
        if old and old != name:
            actions.rename_node(draft=draft, actor=request.user, at=now(), old=old, new=name)
            built = repointed(built, old, name)
        actions.save_node(draft=draft, actor=request.user, at=now(), name=name, node=built)
    except IllegalTransition as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{name}” is kept in the draft.")
    return redirect("guide-edit", number=draft.guide_id)


@login_required
@require_POST
def act(request: UserRequest, number: int, act: str) -> HttpResponse:
    """Publish a draft, throw it away, try it, or take out a node."""
    draft = _draft_of(request, number)
    try:
        return ACTS[act](request, draft)
    except GraphInvalid as error:
        messages.error(request, f"Not published. {error}")
    except IllegalTransition as error:
        messages.error(request, str(error))
    return redirect("guide-edit", number=number)


def _publish(request: UserRequest, draft: GuideVersion) -> HttpResponse:
    note = request.POST.get("note", "").replace("\x00", "")
    actions.publish(draft=draft, actor=request.user, at=now(), note=note)
    messages.success(request, f"Version {draft.number} is in force. Runs that are under way end on the one before.")
    return redirect(draft.guide)


def _discard(request: UserRequest, draft: GuideVersion) -> HttpResponse:
    actions.discard(draft=draft, actor=request.user, at=now())
    messages.success(request, "The draft is gone. The version in force stays.")
    return redirect(draft.guide)


def _try(request: UserRequest, draft: GuideVersion) -> HttpResponse:
    organisation = request.user.acting.organisation  # type: ignore[union-attr]
    run = actions.start(
        guide=draft.guide, version=draft, actor=request.user, at=now(), organisation=organisation, channel="portal"
    )
    return redirect(run)


def _remove(request: UserRequest, draft: GuideVersion) -> HttpResponse:
    name = request.POST.get("node", "")
    if nodes_of(draft.graph).get(name, {}).get("type") == "start":
        raise IllegalTransition("A guide keeps its start.")
    actions.save_node(draft=draft, actor=request.user, at=now(), name=name, node=None)
    messages.success(request, f"“{name}” is taken out of the draft.")
    return redirect("guide-edit", number=draft.guide_id)


ACTS = {"publish": _publish, "discard": _discard, "try": _try, "remove": _remove}

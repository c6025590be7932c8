"""One outage: its page for staff, its plain page for customers, its live part."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from ofx.core.audit.models import LogEntry
from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ofx.core.ui.tables import table_page
from ofx.core.ui.timeline import Entry, from_log, merge
from ofx.orders.views.lists import staff_only
from partners.models import Place
from ticketing.outages import actions, finding, queries, telling
from ticketing.outages.forms import ClearForm, UpdateForm
from ticketing.outages.keys import scope_of
from ticketing.outages.models import Outage, OutageChild, OutageUpdate
from ticketing.outages.tables import ChildTable
from ticketing.outages.views.loading import outage_of, writable

MOST_LOG = 60


@login_required
@require_safe
def outage(request: UserRequest, reference: str) -> HttpResponseBase:
    """Who is affected, who knows, and when does it end?"""
    row = outage_of(request, reference)
    if request.user.acting and request.user.acting.organisation.kind == "customer":
        return _for_customer(request, row)
    children = OutageChild.objects.filter(outage=row).select_related("service", "ticket", "customer", "outage")
    context = {
        **_facts(request, row),
        "title": row.reference,
        "question": "Who is affected, who knows, and when does it end?",
        "update_form": UpdateForm(),
        "clear_form": ClearForm(),
        "dots": _dots(row),
        "timeline": _timeline(request, row),
    }
    return table_page(request, ChildTable, children, "ticketing/outages/page.html", context)


@login_required
@require_safe
def live(request: UserRequest, reference: str) -> HttpResponse:
    """Counts, jobs and parties while something moves."""
    row = outage_of(request, reference)
    staff_only(request)
    status = 200 if row.state in ("open", "clearing", "candidate") else 286
    return render(request, "ticketing/outages/live.html", _facts(request, row), status=status)


@login_required
@require_POST
def preview(request: UserRequest, reference: str) -> HttpResponse:
    """What each audience would read. Nothing is sent."""
    row = writable(request, reference)
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return render(request, "ticketing/outages/preview.html", {"form": form}, status=422)
    given = form.cleaned_data
    expected = given["expected_at"] or row.expected_at
    news = OutageUpdate(outage=row, number=0, public_text=given["public_text"], expected_at=expected)
    context = {
        "letter": telling.letter(news),
        "partner_text": given["partner_text"] or given["public_text"],
        "internal_text": given["internal_text"],
        "progress": queries.progress_of(row),
        "parties": row.parties.select_related("operator", "customer"),
    }
    return render(request, "ticketing/outages/preview.html", context)


def _facts(request: UserRequest, row: Outage) -> dict[str, Any]:
    candidate = row.state == "candidate"
    services, customers = finding.affected(scope_of(row)) if candidate else (0, 0)
    return {
        "outage": row,
        "keys": row.keys.all(),
        "progress": queries.progress_of(row),
        "updates": row.updates.select_related("author")[:20],
        "parties": row.parties.select_related("operator", "customer", "endpoint").order_by("pk")[:50],
        "jobs": row.jobs.exclude(state="done").select_related("update")[:10],
        "receipts": queries.receipts_of(row)[:12],
        "would_services": services,
        "would_customers": customers,
        "may_write": may(request.user, "outage.write"),
    }


def _dots(row: Outage) -> list[dict[str, Any]]:
    """Affected postcodes with a position: from children, or from inventory for a candidate."""
    found = queries.places_of(row)
    codes = {(one["country"], one["code"]): one["n"] for one in found}
    places = Place.objects.filter(code__in=[code for _, code in codes]).exclude(lat=None)
    return [
        {"lat": place.lat, "lon": place.lon, "code": place.code, "n": codes[place.country, place.code]}
        for place in places
        if (place.country, place.code) in codes
    ]


def _timeline(request: UserRequest, row: Outage) -> list[Entry]:
    log = LogEntry.objects.visible_to(request.user).about(f"outage:{row.pk}")[:MOST_LOG]
    updates = (
        Entry(at=one.at, kind="note", title=f"Update {one.number}", body=one.public_text, who=str(one.author or "OFX"))
        for one in row.updates.select_related("author")[:20]
    )
    return merge(map(from_log, log), updates)


def _for_customer(request: UserRequest, row: Outage) -> HttpResponse:
    """In plain words: what we know, what we do not, and when we know more."""
    assert request.user.acting is not None
    actions.see(outage=row, actor=request.user, at=now())
    mine = OutageChild.objects.filter(outage=row, customer=request.user.acting.organisation_id)
    mine = mine.exclude(state="detached").select_related("service__offering", "ticket")
    context = {
        "outage": row,
        "title": row.title,
        "question": "What is wrong, and when does it work again?",
        "updates": row.updates.all()[:20],
        "children": mine.order_by("state", "pk")[:100],
        "down": mine.filter(state="still_down").count(),
    }
    return render(request, "ticketing/outages/customer.html", context)

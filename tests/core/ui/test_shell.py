"""Rail and timeline."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.test import RequestFactory

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Event, LogEntry
from ofx.core.ui import navigation
from ofx.core.ui.timeline import Entry, from_event, from_log, merge
from tests.conftest import AT


@pytest.fixture
def rail(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    return navigation


def as_role(kind, role):
    return SimpleNamespace(organisation=SimpleNamespace(kind=kind), role=role)


def test_the_rail_shows_what_fits_the_role_and_exists_in_its_order(rail):
    rail.register("Kit", "adjustments", "ui-kit", position=20, kinds=("service_provider",))
    rail.register("Me", "user", "account_me", position=10)
    rail.register("Tokens", "key", "account_tokens", roles=("admin",))
    rail.register("Later", "bolt", "no-such-page")
    request = RequestFactory().get("/accounts/me/")
    shown = rail.links(request, as_role("service_provider", "read_only"))
    assert [link.label for link in shown] == ["Me", "Kit"]
    assert [link.here for link in shown] == [True, False]
    assert [link.label for link in rail.links(request, as_role("operator", "admin"))] == ["Me", "Tokens"]


def test_a_page_below_an_entry_marks_the_nearest_entry_alone(rail):
    rail.register("Kit", "adjustments", "ui-kit")
    rail.register("Part", "bolt", "ui-kit-part")
    shown = rail.links(RequestFactory().get("/ui/part/x/"), as_role("operator", "admin"))
    assert [link.label for link in shown if link.here] == ["Part"]


def test_a_timeline_joins_log_and_events_newest_first(world):
    record(
        actor=world.alice,
        subject="order:1",
        verb="moved to held",
        at=AT,
        **{"from": "new", "to": "held", "why": "no key"},
    )
    publish("order.held", "order:1", at=AT + timedelta(hours=1), why="no key")
    note = Entry(at=AT + timedelta(hours=2), kind="note", title="Rang the customer", who="Alice")
    lines = merge(map(from_log, LogEntry.objects.all()), map(from_event, Event.objects.all()), [note])
    assert [line.title for line in lines] == ["Rang the customer", "Order held", "moved to held"]
    assert lines[2].body == "new → held · no key"
    assert lines[2].who == "Alice Example"


def test_a_long_timeline_shows_thirty_and_offers_the_rest():
    lines = [Entry(at=AT - timedelta(hours=n), kind=("note", "date")[n % 2], title=f"line {n}") for n in range(45)]
    template = "{% timeline lines %}"
    html = Engine.get_default().from_string(template).render(Context({"lines": lines}))
    assert html.count("data-late hidden") == 15
    assert "Show 15 older entries" in html
    assert 'data-kind="note"' in html
    assert 'class="count">23<' in html


def test_what_people_write_is_escaped_in_the_timeline():
    line = Entry(at=AT, kind="note", title="<img src=x>", body="<script>\nsecond line", who="<b>")
    html = Engine.get_default().from_string("{% timeline lines %}").render(Context({"lines": [line]}))
    assert "<img" not in html
    assert "<script" not in html
    assert "<br>" in html


def test_an_empty_timeline_says_what_will_come():
    html = render_to_string("components/timeline.html", {"entries": [], "kinds": []})
    assert "Nothing has happened yet" in html

"""Writing guides in the browser: a node by its form, what hinders publishing, versions, trials; a ticket's guide."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from ofx.orders.models import ServiceRecord
from tests.conftest import AT
from ticketing.guides import actions
from ticketing.guides.models import Guide, GuideRun, GuideVersion
from ticketing.tickets.actions import open_ticket


@pytest.fixture
def own(shop: SimpleNamespace) -> Guide:
    """A guide of Alice's with an empty draft."""
    given = {"actor": shop.alice, "organisation": shop.brightwave, "at": AT}
    return actions.create_guide(title="Our drops", fault_class="intermittent", **given)


def rows(prefix: str, *filled: dict[str, str], kept: str = "0") -> dict[str, str]:
    """A set of rows as a browser sends them."""
    head = {f"{prefix}-TOTAL_FORMS": str(len(filled)), f"{prefix}-INITIAL_FORMS": kept}
    return head | {f"{prefix}-{n}-{key}": value for n, row in enumerate(filled) for key, value in row.items()}


def put_question(client: Client, guide: Guide, **changes: str) -> Any:
    """A question with two answers; kept once, its own answer can be branched on."""
    body = {"name": "Lights", "title": "Which light is on?", "answer": "choice", "next": "report", **changes}
    choices = rows("c", {"value": "red", "label": "Red", "picture": "ont-los-red"}, {"value": "none", "label": "None"})
    branches = rows("b", {"priority": "1", "fact": "lights", "op": "is", "value": "red", "to": "report"})
    made = client.post(f"/guides/{guide.pk}/edit/nodes/?type=question", {**body, **choices, **rows("b")})
    if made.status_code != 302:
        return made
    return client.post(
        f"/guides/{guide.pk}/edit/nodes/lights/", {**body, **choices, "c-INITIAL_FORMS": "2", **branches}
    )


def draft_of(guide: Guide) -> GuideVersion:
    return guide.versions.get(state="draft")


def lead_there(guide: Guide, actor: Any) -> None:
    """The outage check goes on with the new question."""
    node = {"type": "outage", "next": "lights"}
    actions.save_node(draft=draft_of(guide), actor=actor, at=AT, name="outage", node=node)


def test_a_question_is_written_by_its_form_published_and_taken(shop: SimpleNamespace, own: Guide) -> None:
    client = shop.client("alice")
    assert put_question(client, own).status_code == 302
    node = draft_of(own).graph["nodes"]["lights"]
    assert [one["value"] for one in node["choices"]] == ["red", "none"]
    assert node["branches"] == [{"priority": 1, "fact": "lights", "is": "is", "value": "red", "to": "report"}]
    page = client.get(f"/guides/{own.pk}/edit/").content.decode()
    assert "Nothing leads" in page or "nothing leads" in page
    client.post(f"/guides/{own.pk}/edit/publish/")
    assert draft_of(own).state == "draft"
    lead_there(own, shop.alice)
    client.post(f"/guides/{own.pk}/edit/publish/", {"note": "first"})
    assert own.versions.get().state == "published"
    given = {"actor": shop.cara, "at": AT, "organisation": shop.brightwave, "customer": shop.harbour}
    run = actions.start(guide=own, **given)
    assert "Which light is on?" in shop.client("cara").get(f"/help/runs/{run.token}/").content.decode()


def test_a_form_that_is_wrong_says_so_at_the_field_and_keeps_nothing(shop: SimpleNamespace, own: Guide) -> None:
    client = shop.client("alice")
    refused = put_question(client, own, name="outage")
    assert refused.status_code == 422
    assert "Another node has this name" in refused.content.decode()
    half = {"name": "x", "title": "y", "answer": "yes_no", **rows("c"), **rows("b", {"fact": "outage", "to": ""})}
    refused = client.post(f"/guides/{own.pk}/edit/nodes/?type=question", half)
    assert "or empty the row" in refused.content.decode()
    assert set(draft_of(own).graph["nodes"]) == {"start", "outage", "report"}


def test_a_renamed_node_is_still_led_to(shop: SimpleNamespace, own: Guide) -> None:
    body = {"name": "tell us", "title": "We take it from here"}
    shop.client("alice").post(f"/guides/{own.pk}/edit/nodes/report/", body)
    nodes = draft_of(own).graph["nodes"]
    assert (nodes["outage"]["next"], "report" in nodes) == ("tell-us", False)


def test_who_runs_an_old_version_ends_on_it_and_the_page_shows_what_changed(shop: SimpleNamespace, own: Guide) -> None:
    client = shop.client("alice")
    actions.publish(draft=draft_of(own), actor=shop.alice, at=AT)
    run = actions.start(guide=own, actor=shop.cara, at=AT, organisation=shop.brightwave, customer=shop.harbour)
    actions.open_draft(guide=own, actor=shop.alice, at=AT)
    put_question(client, own)
    lead_there(own, shop.alice)
    client.post(f"/guides/{own.pk}/edit/publish/")
    assert list(own.versions.order_by("number").values_list("state", flat=True)) == ["retired", "published"]
    run.refresh_from_db()
    assert run.version.number == 1
    page = client.get(f"/guides/{own.pk}/versions/2/").content.decode()
    assert "Changed against version 1" in page
    assert "Which light is on?" in page


def test_a_trial_of_a_draft_is_marked_and_raises_nothing(shop: SimpleNamespace, own: Guide) -> None:
    client = shop.client("alice")
    address = client.post(f"/guides/{own.pk}/edit/try/")["Location"]
    assert "Trial of a draft" in client.get(address).content.decode()
    run = GuideRun.objects.get()
    position = run.steps.get(answered_at=None).position
    client.post(address, {"position": position, "name": "Alice", "phone": ""})
    run.refresh_from_db()
    assert (run.state, run.outcome, run.ticket, run.judge_at) == ("escalated", "", None, None)
    client.post(f"/guides/{own.pk}/edit/publish/")
    assert client.post(f"/guides/{own.pk}/edit/discard/").status_code == 302


def test_the_desk_starts_a_guide_from_a_ticket_and_goes_on_with_it(shop: SimpleNamespace, line: ServiceRecord) -> None:
    given = {"actor": shop.alice, "at": AT, "organisation": shop.brightwave, "customer": shop.harbour, "service": line}
    ticket = open_ticket(title="It drops", fault_class="intermittent", channel="phone", **given)
    guide = Guide.objects.get(slug="intermittent")
    body = {"ticket": ticket.reference, "guide": str(guide.pk)}
    client = shop.client("alice")
    first, second = (client.post("/guides/runs/start/", body)["Location"] for _ in range(2))
    assert first == second
    run = GuideRun.objects.get()
    assert (run.ticket, run.service, run.channel) == (ticket, line, "phone")
    assert ticket.reference in client.get(first).content.decode()
    assert shop.client("charlie").post("/guides/runs/start/", body).status_code == 404

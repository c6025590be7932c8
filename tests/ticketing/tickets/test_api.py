"""The JSON API of tickets: the same actions, refusals that name the field, customers in plain words."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ticketing.tickets.conftest import AT
from ticketing.tickets import actions
from ticketing.tickets.models import Ticket

URL = "/api/v1/tickets/"


def body(desk: SimpleNamespace, **more: Any) -> dict[str, Any]:
    return {"title": "No light", "service": desk.service.reference, "answers": {"ONT_POWER": "yes"}, **more}


def test_one_key_opens_one_ticket_and_its_address_shows_it(desk: SimpleNamespace) -> None:
    api = desk.api("alice")
    made = [api.post(URL, body(desk), HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)]
    assert [reply.status_code for reply in made] == [201, 201]
    assert Ticket.objects.count() == 1
    shown = api.get(made[0].headers["Location"]).json()
    assert (shown["state"], shown["holder"], shown["operator"]) == ("acknowledged", "us", "northfibre")


def test_a_customer_opens_her_own_reads_plain_words_and_answers(desk: SimpleNamespace) -> None:
    cara, alice = desk.api("cara"), desk.api("alice")
    shown = cara.post(URL, body(desk)).json()
    assert set(shown) & {"operator", "tier", "holder", "next_action", "answers"} == set()
    place = f"{URL}{shown['reference']}/"
    alice.post(f"{place}notes/", {"text": "Hidden"})
    alice.post(f"{place}notes/", {"text": "Which light?", "audience": "customer", "is_question": True})
    assert cara.get(place).json()["waiting_for_you"]
    assert [note["text"] for note in cara.get(f"{place}notes/").json()] == ["Which light?"]
    cara.post(f"{place}notes/", {"text": "The red one"})
    assert not cara.get(place).json()["waiting_for_you"]


def test_it_is_moved_to_its_end_and_illegal_moves_are_refused(desk: SimpleNamespace) -> None:
    api = desk.api("alice")
    place = f"{URL}{api.post(URL, body(desk)).json()['reference']}/status/"
    assert api.post(place, {"to": "closed"}).status_code == 409
    assert api.post(place, {"to": "resolved"}).json()["fields"] == {"fix": ["Write something here."]}
    moves = [{"to": "in_progress"}, {"to": "resolved", "text": "Rebooted"}, {"to": "confirmed"}]
    assert [api.post(place, move).json()["state"] for move in moves] == ["in_progress", "resolved", "closed"]


@pytest.mark.parametrize(("field", "value"), [("service", "SVC-9"), ("title", ""), ("customer", 99), ("impact", "x")])
def test_bad_input_names_the_field(desk: SimpleNamespace, field: str, value: Any) -> None:
    reply = desk.api("alice").post(URL, body(desk, **{field: value}))
    assert (reply.status_code, list(reply.json()["fields"])) == (400, [field])


def test_the_list_costs_the_same_however_long_it_is(desk: SimpleNamespace, fault: Callable[..., Ticket]) -> None:
    api = desk.api("alice")
    counts = []
    for more in (3, 15):
        for _ in range(more):
            fault()
        api.get(URL)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert api.get(URL).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_whoever_has_it_hears_of_it_and_the_global_box_finds_it(
    desk: SimpleNamespace, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    ticket = fault(external_id="INC-7")
    actions.take(ticket=ticket, actor=desk.alice, at=AT)
    actions.add_note(ticket=ticket, actor=None, at=AT, text="Hurry", author="customer", audience="all")
    settle()
    browser = desk.client("alice")
    assert f"{ticket.reference}: the customer wrote a note" in browser.get("/alerts/").content.decode()
    assert browser.get("/find/", {"q": "INC-7"}).headers["Location"] == ticket.get_absolute_url()
    for page in (f"/services/{desk.service.reference}/whole/", f"/customers/{desk.harbour.slug}/"):
        assert ticket.reference in browser.get(page).content.decode()

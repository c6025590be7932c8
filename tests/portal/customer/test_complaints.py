"""A complaint has its own clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from ofx.core.models import Event
from ofx.core.transitions import IllegalTransition
from ofx.portal.customer import actions
from tests.portal.customer.conftest import AT
from ticketing.tickets.models import Complaint, Ticket


def test_the_day_of_the_answer_counts_working_days(shop: SimpleNamespace) -> None:
    christmas = datetime(2026, 12, 22, 9, 0, tzinfo=UTC)
    assert actions.answer_by(customer=shop.harbour, at=AT).date().isoformat() == "2026-06-15"
    assert actions.answer_by(customer=shop.harbour, at=christmas).date().isoformat() == "2027-01-08"


def test_a_complaint_goes_from_the_customer_to_staff_and_to_a_manager(
    shop: SimpleNamespace, reported: Callable[..., Ticket]
) -> None:
    cara, alice, ticket = shop.client("cara"), shop.client("alice"), reported()
    given = {"text": "Nobody came", "wish": "An excuse", "ticket": ticket.reference}
    assert cara.post("/complaints/new/", given).status_code == 302
    cara.post("/complaints/new/", given)
    row = Complaint.objects.get()
    where = f"/complaints/{row.reference}/"
    assert "You have our answer by" in cara.get(where).content.decode()
    assert "Nobody came" in alice.get("/complaints/").content.decode()
    alice.post(f"{where}answer/", {"answer": "We are sorry"})
    assert "We are sorry" in cara.get(where).content.decode()
    first = row.answer_by
    cara.post(f"{where}further/", {"why": "That is no excuse"})
    row.refresh_from_db()
    assert (row.state, row.answer_by >= first) == ("escalated", True)
    alice.post(f"{where}answer/", {"answer": "The visit is credited"})
    cara.post(f"{where}close/")
    row.refresh_from_db()
    assert row.state == "closed"
    names = list(Event.objects.filter(subject=f"complaint:{row.pk}").order_by("pk").values_list("name", flat=True))
    assert [name.partition(".")[2] for name in names] == ["received", "answered", "escalated", "answered", "closed"]


def test_who_has_no_part_in_it_has_no_say(shop: SimpleNamespace) -> None:
    row = actions.make_complaint(actor=shop.cara, at=AT, text="Nobody came")
    where = f"/complaints/{row.reference}/"
    assert shop.client("charlie").get(where).status_code == 404
    assert shop.client("olga").get(where).status_code == 404
    assert shop.client("bob").post(f"{where}answer/", {"answer": "x"}).status_code == 403
    assert shop.client("alice").post(f"{where}further/", {"why": "x"}).status_code == 403
    assert shop.client("cara").post(f"{where}answer/", {"answer": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.answer_complaint(complaint=row, actor=shop.charlie, at=AT, answer="x")
    with pytest.raises(IllegalTransition):
        actions.take_further(complaint=row, actor=shop.cara, at=AT, why="too early")


def test_bad_input_names_the_field(shop: SimpleNamespace) -> None:
    cara = shop.client("cara")
    empty = cara.post("/complaints/new/", {"text": "", "ticket": "TT-999999"})
    assert (empty.status_code, Complaint.objects.count()) == (422, 0)
    row = actions.make_complaint(actor=shop.cara, at=AT, text="Nobody came")
    assert shop.client("alice").post(f"/complaints/{row.reference}/answer/", {"answer": ""}).status_code == 422
    shop.client("alice").post(f"/complaints/{row.reference}/close/")
    assert Complaint.objects.get().state == "received"

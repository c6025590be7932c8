"""What stands around a ticket: known errors and guides, and what a system's routine becomes in its story."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.ui.timeline import Entry, folded
from tests.ticketing.desk.test_pages import text_of
from tests.ticketing.tickets.conftest import AT, have_tested
from ticketing.guides.actions import load_shipped
from ticketing.guides.models import GuideRun
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.subscribers import it_is_known
from ticketing.tickets import actions
from ticketing.tickets.models import Ticket

Fault = Callable[..., Ticket]


@pytest.fixture
def alice(desk: SimpleNamespace) -> Any:
    """Alice's browser."""
    return desk.client("alice")


@pytest.fixture
def mended(desk: SimpleNamespace, fault: Fault) -> Ticket:
    """A fault that the TSC has mended: it closes only with a known error."""
    ticket = fault()
    have_tested(ticket)
    actions.hand_to_tsc(ticket=ticket, actor=desk.alice, at=AT, tried="Rebooted twice")
    actions.resolve(ticket=ticket, actor=desk.alice, at=AT, fix="New firmware 2.4 on the fibre box", tier="tsc")
    ticket.refresh_from_db()
    return ticket


def test_the_desk_takes_the_customer_through_the_guide_of_the_fault(alice: Any, fault: Fault) -> None:
    load_shipped(at=AT)
    ticket = fault(fault_class="intermittent")
    page = text_of(alice, f"/tickets/{ticket.reference}/")
    assert "Take the customer through it" in page
    number = page.split('name="guide" value="')[1].split('"')[0]
    taken = alice.post("/guides/runs/start/", {"ticket": ticket.reference, "guide": number})
    run = GuideRun.objects.get(ticket=ticket)
    assert (taken.url, run.fault_class) == (f"/guides/runs/{run.token}/", "intermittent")
    page = text_of(alice, f"/tickets/{ticket.reference}/")
    assert f"/guides/runs/{run.token}/" in page
    assert "Go on with it" in page


def test_a_mended_fault_is_a_published_record_after_two_clicks_and_closes_then(alice: Any, mended: Ticket) -> None:
    part = text_of(alice, f"/knowledge/for-ticket/{mended.reference}/")
    assert "Make a known error of it" in part
    drafted = alice.post(f"/knowledge/from-ticket/{mended.reference}/")
    form = alice.get(drafted.url).context["form"]
    given = {name: field.value() for name, field in ((one.html_name, one) for one in form)}
    sent = {name: value for name, value in given.items() if value not in (None, False)}
    refused = alice.post(drafted.url, {**sent, "then": "publish"})
    assert set(refused.context["form"].errors) == {"customer_title", "customer_text"}
    sent |= {"customer_title": "No light on the box", "customer_text": "We mended the fibre."}
    assert alice.post(drafted.url, {**sent, "then": "publish"}).status_code == 302
    article = KnownError.objects.get(drafted_from=mended)
    assert (article.state, article.visibility) == ("approved", "public")
    mended.refresh_from_db()
    assert mended.knowledge_reference == article.reference
    assert actions.close_due(at=AT + timedelta(days=10)) == 1


@pytest.mark.parametrize(("word", "known"), [("worked", True), ("failed", False)])
def test_a_record_that_worked_is_the_knowledge_of_the_fix_and_one_that_failed_is_not(
    alice: Any, desk: SimpleNamespace, mended: Ticket, word: str, known: bool
) -> None:
    article = KnownError.objects.create(
        organisation=desk.brightwave, reference="KE-000777", title="Firmware", created_at=AT, updated_at=AT
    )
    alice.post(f"/knowledge/{article.reference}/for/{mended.reference}/{word}/")
    mended.refresh_from_db()
    assert mended.knowledge_reference == (article.reference if known else "")
    assert mended.known_error_uses.get().outcome == word
    it_is_known(SimpleNamespace(subject=f"ticket:{mended.pk}", at=AT))  # again: changes nothing
    assert Ticket.objects.get(pk=mended.pk).knowledge_reference == mended.knowledge_reference


def test_a_row_of_routine_messages_is_one_line_that_opens() -> None:
    def entry(minute: int, fold: str = "") -> Entry:
        return Entry(at=AT - timedelta(minutes=minute), kind="message", title=f"at {minute}", url="/m/", fold=fold)

    found = folded([entry(0, "read"), entry(1, "read"), entry(2), entry(3, "read"), entry(4, "other")])
    assert [(one.title, len(one.inside)) for one in found] == [
        ("2 × read", 2), ("at 2", 0), ("at 3", 0), ("at 4", 0),
    ]  # fmt: skip
    assert found[0].at == AT

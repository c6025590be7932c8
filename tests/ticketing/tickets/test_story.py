"""A fault at a simulated partner, from the first test to the confirmed fix, over real HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.clock import now
from partners.models import Endpoint
from sandbox.care.open import services
from sandbox.process import Running
from tests.partners.connectors.conftest import endpoint_at, work
from tests.partners.connectors.test_sandbox import until
from ticketing.tickets import actions
from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket
from ticketing.tickets.running import run_due
from ticketing.tickets.testing import start_test

ASKED = {"SERVICE_HAS_WORKED": "no", "CPE_CHECKED": "yes", "SYNC_LIGHT": "red", "24HR_ACCESS": "yes"}


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The simulated partners; a working day lasts 0.05 s."""
    with Running(Path(tmp_path_factory.mktemp("sandbox")), day_seconds=0.05) as running:
        yield running


@pytest.fixture
def north(desk: SimpleNamespace, sandbox: Running, settings: Any) -> Endpoint:
    """Northfibre's simulated systems of faults and tests."""
    settings.HUB_RETRY_SECONDS = 1
    roots = services(sandbox.url, "northfibre")
    desk.endpoint.delete()
    more = {"kind": "tmf621", "base_url": roots["tmf621"], "services": {"tmf653": roots["tmf653"]}}
    return endpoint_at(sandbox, "northfibre", **more)


def test_a_red_test_is_raised_asked_answered_mended_tested_again_and_closed(
    desk: SimpleNamespace, north: Endpoint, sandbox: Running, fault: Callable[..., Ticket], settle: Callable[[], int]
) -> None:
    sandbox.control("line", {"partner": "northfibre", "service": "SVC-1", "code": "ONT_NO_LIGHT"})
    ticket = fault(actor=desk.cara, channel="portal", at=now(), answers=ASKED, simulated=True)

    def go_on() -> None:
        run_due(now)
        work(north)
        settle()

    test = start_test(service=desk.service, actor=desk.cara, at=now(), ticket=ticket, why="guide")
    until(lambda: ServiceTest.objects.get(pk=test.pk).colour == "red", go_on)
    row = actions.raise_to_partner(ticket=ticket, actor=desk.cara, at=now(), characteristics={"scenario": "question"})
    until(lambda: PartnerTicket.objects.get(pk=row.pk).question != "", go_on)
    assert Ticket.objects.get(pk=ticket.pk).holder == "end_customer"
    actions.answer_question(ticket=ticket, actor=desk.cara, at=now(), text="Any morning")
    until(lambda: ticket.notes.filter(dedupe_key__startswith="retest:").exists(), go_on)
    found = Ticket.objects.get(pk=ticket.pk)
    assert (found.state, found.resolved_tier, ticket.tests.get(why="retest").colour) == ("resolved", "partner", "green")
    actions.confirm(ticket=found, actor=desk.cara, at=now())
    until(lambda: sandbox.cases("northfibre")[-1]["state"].lower() == "closed", go_on)
    row.refresh_from_db()
    assert (row.state, Ticket.objects.get(pk=ticket.pk).state) == ("closed", "closed")
    assert row.partner_ref != ""
    said = list(ticket.notes.exclude(author="partner").values_list("author", "text"))
    assert said == [("customer", "Any morning"), ("system", "We tested the line after the fix: it is good.")]

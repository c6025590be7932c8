"""An agreement is seen by the very next search and by the next order: prices, products, regions, and the button."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ofx.search.queries import qualify
from partners.agreements import actions
from partners.agreements.actions import Wish
from partners.models import Footprint, FootprintRow
from tests.conftest import AT, place
from tests.partners.agreements.conftest import MONTH, TODAY, accepted, asked, in_force, offered

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(market: Any) -> Any:
    """Northfibre is live at one postcode of SW and one of M."""
    version = Footprint.objects.create(operator=market.north, number=1, state="active", published_at=AT, created_at=AT)
    for code in ("SW1A1AA", "M11AE"):
        place(code)
        FootprintRow.objects.create(
            footprint=version, country="GB", level="postcode", key=code, technology="FTTP", status="live"
        )
    return market


def offers(market: Any, code: str = "SW1A1AA", days: int = 0, who: str = "brightwave") -> dict[str, tuple[str, str]]:
    """Product code → (monthly, why it cannot be ordered)."""
    answer = qualify(organisation=getattr(market, who), at=AT + timedelta(days=days), country="GB", postcode=code)
    return {one["code"]: (one["price"]["monthly"], one["why_not"]) for one in answer.offers}


def test_each_step_is_seen_by_the_next_search(served: Any) -> None:
    assert offers(served)["nf-500"] == ("30.00", "No agreement: ask for an agreement.")
    row = asked(served)
    assert "has not answered yet" in offers(served)["nf-500"][1]
    row = offered(served, row)
    assert "waits for your answer" in offers(served)["nf-500"][1]
    row = accepted(served, row)
    assert offers(served)["nf-500"] == ("25.00", "")
    assert "Not part of your agreement" in offers(served)["nf-900"][1]
    assert offers(served, who="cobalt")["nf-500"][0] == "30.00"
    actions.suspend(agreement=row, why="", actor=served.olga, at=AT)
    assert "suspended" in offers(served)["nf-500"][1]


def test_other_regions_and_later_days_cost_what_they_cost(served: Any) -> None:
    row = in_force(served, regions=["GB:SW"], at_list=True)
    assert offers(served)["nf-900"] == ("30.00", "")
    assert "Outside the regions" in offers(served, "M11AE")["nf-500"][1]
    accepted(served, offered(served, row, monthly="20.00", starts=TODAY + MONTH, regions=["GB:M1"]))
    assert offers(served, days=29)["nf-500"] == ("25.00", "")
    assert "Outside the regions" in offers(served, days=30)["nf-500"][1]
    assert offers(served, "M11AE", days=30)["nf-500"] == ("20.00", "")


def test_the_page_offers_to_ask_where_that_is_what_is_missing(served: Any) -> None:
    page = served.client("alice").get("/search/?q=sw1a1aa").content.decode()
    assert "/agreements/new/northfibre/" in page
    for who in ("bob", "olga", "ada"):
        assert "/agreements/new/" not in served.client(who).get("/search/?q=sw1a1aa").content.decode()


def test_an_ask_from_nowhere_waits_and_costs_nothing(served: Any) -> None:
    row = asked(served, regions=["GB:SW"], starts=date(2026, 6, 1), products=[served.p900])
    actions.offer(
        agreement=row,
        proposal=actions.Proposal(
            lines={served.p900.pk: (Decimal(0), Decimal("12.00"))}, currency="GBP", starts=date(2026, 6, 1)
        ),
        round=row.round,
        actor=served.otto,
        at=AT,
    )
    row.refresh_from_db()
    row = accepted(served, row)
    assert row.state == "active"
    assert "not in force" in offers(served)["nf-900"][1]
    assert offers(served, days=91)["nf-900"] == ("12.00", "")
    again = actions.ask_again(agreement=row, wish=Wish(), round=row.round, actor=served.alice, at=AT)
    assert again.state == "active"

"""Cara's company in the scheme, with a live service and the working calendar."""

from types import SimpleNamespace

import pytest

from ofx.core.calendars.actions import publish_calendar
from sla.compensation.actions import set_cover
from tests.ticketing.tickets.conftest import AT, desk

__all__ = ["AT", "desk"]


@pytest.fixture
def home(desk: SimpleNamespace) -> SimpleNamespace:
    """All customers of Brightwave are in the scheme."""
    publish_calendar(code="england-wales", at=AT, first_year=2024, last_year=2027)
    set_cover(actor=desk.alice, at=AT, organisation=desk.brightwave, customer=None, covered=True)
    return desk

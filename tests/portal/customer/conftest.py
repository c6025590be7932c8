"""Cara with a live connection, and faults that she reports."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.calendars.actions import publish_calendar
from tests.ticketing.tickets.conftest import AT, desk, have_tested
from ticketing.tickets import actions
from ticketing.tickets.models import Ticket

__all__ = ["AT", "desk", "have_tested"]


@pytest.fixture
def shop(desk: SimpleNamespace) -> SimpleNamespace:
    """The desk's world and the calendar of working days."""
    publish_calendar(code="england-wales", at=AT, first_year=2026, last_year=2027)
    return desk


@pytest.fixture
def reported(shop: SimpleNamespace) -> Callable[..., Ticket]:
    """`reported(**fields)`: a fault that Cara reported."""

    def make(**fields: Any) -> Ticket:
        given: dict[str, Any] = {
            "actor": shop.cara,
            "at": AT,
            "organisation": shop.brightwave,
            "title": "Internet keeps dropping",
            "service": shop.service,
            "fault_class": "intermittent",
        }
        return actions.open_ticket(**{**given, **fields})

    return make

"""The desk of Alice's provider, with a fault at work on it."""

from tests.ticketing.tickets.conftest import desk, fault

__all__ = ["desk", "fault"]

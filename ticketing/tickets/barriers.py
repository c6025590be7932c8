"""Reasons from above not to raise a fault with its partner: an outage that it belongs to already has one there."""

from collections.abc import Callable
from datetime import datetime

from ticketing.tickets.models import Ticket

Barrier = Callable[[Ticket, datetime], str]
_BARRIERS: list[Barrier] = []


def bars_raising(function: Barrier) -> Barrier:
    """Register `f(ticket, at) -> advice`; an empty text bars nothing."""
    _BARRIERS.append(function)
    return function


def barred(ticket: Ticket, at: datetime) -> str:
    """The first advice that speaks against raising this ticket; empty where none does."""
    return next((advice for one in _BARRIERS if (advice := one(ticket, at))), "")

"""The fold of a partner ticket: whatever order its news arrives in, and however often, it comes to the same."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.ticketing.tickets.conftest import AT
from ticketing.tickets.fold import Told, fold


def fact(kind: str, minutes: float, sequence: int | None = None, source: str = "partner", **data: Any) -> Told:
    at: datetime = AT + timedelta(minutes=minutes)
    key = f"{kind}:{minutes}:{data.get('state', '')}"
    return Told(key=key, source=source, update_type=kind, issued_at=at, sequence=sequence, data=data)


def test_every_order_of_arrival_comes_to_the_same() -> None:
    facts = [
        fact("SUBMITTED", 0, source="us"),
        fact("STATE", 5, 1, state="acknowledged", partner_ref="NF-9"),
        fact("QUESTION", 10, 2, text="Power on?"),
        fact("ANSWERED", 12, source="us"),
        fact("STATE", 15, 3, state="held", reason="CAPACITY"),
        fact("RESOLVED", 30, 4, fix="Card replaced"),
    ]
    outcomes = {repr(fold((*order, order[0]))) for order in itertools.permutations(facts)}
    assert len(outcomes) == 1
    found = fold(facts)
    assert (found.state, found.partner_ref, found.fix, found.question) == ("resolved", "NF-9", "Card replaced", "")
    assert [(span.owner, span.closed_at) for span in found.spans] == [
        ("us", AT + timedelta(minutes=12)),
        ("partner", AT + timedelta(minutes=30)),
    ]


@pytest.mark.parametrize(
    ("facts", "state", "holder"),
    [
        ([fact("SEND_FAILED", 1, source="system")], "failed_to_send", "us"),
        ([fact("SEND_FAILED", 1, source="system"), fact("STATE", 2, state="acknowledged")], "acknowledged", "partner"),
        ([fact("SEND_FAILED", 1, source="system"), fact("SUBMITTED", 2, source="us")], "submitted", "partner"),
        ([fact("ERROR", 1, text="bad")], "failed_to_send", "us"),
        ([fact("STATE", 1, state="in_progress"), fact("STATE", 2, state="acknowledged")], "in_progress", "partner"),
        ([fact("STATE", 1, state="pending", clock_owner="us"), fact("QUESTION", 1, text="?")], "pending", "us"),
        ([fact("QUESTION", 1, clock_owner="end_customer")], "pending", "end_customer"),
        ([fact("STATE", 1, state="held", clock_owner="force_majeure")], "held", "force_majeure"),
        ([fact("QUESTION", 1), fact("STATE", 2, state="in_progress")], "in_progress", "partner"),
        ([fact("RESOLVED", 1), fact("REOPENED", 2, source="us")], "in_progress", "partner"),
        ([fact("RESOLVED", 1), fact("STATE", 2, state="in_progress")], "in_progress", "partner"),
        ([fact("RESOLVED", 1)], "resolved", "end_customer"),
        ([fact("STATE", 1, state="rejected"), fact("STATE", 2, state="in_progress")], "rejected", ""),
        ([fact("CLOSED", 1)], "closed", ""),
        ([fact("NOTE", 1, text="hello")], "submitted", "partner"),
        ([fact("NONSENSE", 1)], "submitted", "partner"),
    ],
)
def test_what_facts_come_to(facts: list[Told], state: str, holder: str) -> None:
    found = fold(facts)
    assert (found.state, found.holder) == (state, holder)

"""Every write about guides and their runs (ADR 0006)."""

from ticketing.guides.actions.judging import judge_due, leave_idle, settle_tests
from ticketing.guides.actions.running import (
    AnswerInvalid,
    NoGuide,
    answer,
    back,
    give_up,
    keep_slots,
    say_fixed,
    settle,
    start,
)

__all__ = [
    "AnswerInvalid",
    "NoGuide",
    "answer",
    "back",
    "give_up",
    "judge_due",
    "keep_slots",
    "leave_idle",
    "say_fixed",
    "settle",
    "settle_tests",
    "start",
]

"""Every write about guides and their runs (ADR 0006)."""

from ticketing.guides.actions.editing import (
    change_guide,
    create_guide,
    discard,
    load_shipped,
    open_draft,
    publish,
    rename_node,
    save_node,
)
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
    "change_guide",
    "create_guide",
    "discard",
    "give_up",
    "judge_due",
    "keep_slots",
    "leave_idle",
    "load_shipped",
    "open_draft",
    "publish",
    "rename_node",
    "save_node",
    "say_fixed",
    "settle",
    "settle_tests",
    "start",
]

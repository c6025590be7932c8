"""Every write of orders. Keyword-only; each guards, writes, logs and publishes in one transaction."""

from ofx.orders.actions.answering import (
    BY_HAND,
    accept,
    accept_charge,
    answer_information,
    complete_by_hand,
    decline_charge,
    judge_flag,
    record_news,
    request_amend,
    request_cancel,
    retry_send,
)
from ofx.orders.actions.news import apply_news, cancel_delivered, delivery_failed, mark_silent
from ofx.orders.actions.owning import hand_over, possible_owners
from ofx.orders.actions.papers import BadFile, add_attachment, add_note, ask_question
from ofx.orders.actions.placing import (
    Site,
    create_customer,
    create_order,
    refresh_prices,
    release_item,
    revise_draft,
    send_waiting,
    submit_order,
    validate_order,
)
from ofx.orders.actions.rules import delete_rule, save_rule
from ofx.orders.decomposition import Line
from ofx.orders.refold import refold
from ofx.orders.validation import OrderInvalid, Problem

__all__ = [
    "BY_HAND",
    "BadFile",
    "Line",
    "OrderInvalid",
    "Problem",
    "Site",
    "accept",
    "accept_charge",
    "add_attachment",
    "add_note",
    "answer_information",
    "apply_news",
    "ask_question",
    "cancel_delivered",
    "complete_by_hand",
    "create_customer",
    "create_order",
    "decline_charge",
    "delete_rule",
    "delivery_failed",
    "hand_over",
    "judge_flag",
    "mark_silent",
    "possible_owners",
    "record_news",
    "refold",
    "refresh_prices",
    "release_item",
    "request_amend",
    "request_cancel",
    "retry_send",
    "revise_draft",
    "save_rule",
    "send_waiting",
    "submit_order",
    "validate_order",
]

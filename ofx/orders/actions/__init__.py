"""Every write of orders. Keyword-only; each guards, writes, logs and publishes in one transaction."""

from ofx.orders.actions.amending import amend_delivered, amendable_fields, request_amend
from ofx.orders.actions.answering import (
    BY_HAND,
    accept,
    answer_information,
    complete_by_hand,
    judge_flag,
    record_news,
    request_cancel,
    retry_send,
)
from ofx.orders.actions.appointing import (
    OutcomeUnknown,
    SlotRefused,
    books_online,
    cancel_appointment,
    confirm_appointment,
    find_slots,
    rebook_appointment,
    record_outcome,
    reserve_slot,
)
from ofx.orders.actions.changing import adopt_unsolicited, cease_service, modify_service, open_change
from ofx.orders.actions.consenting import accept_charge, answer_charge, decline_charge, lapse_charges
from ofx.orders.actions.desk import discard_draft, hand_to_desk, redate_draft
from ofx.orders.actions.lapsing import expire_reservations, look_up_unknown, warn_of_lapsing
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
    "OutcomeUnknown",
    "Problem",
    "Site",
    "SlotRefused",
    "accept",
    "accept_charge",
    "add_attachment",
    "add_note",
    "adopt_unsolicited",
    "amend_delivered",
    "amendable_fields",
    "answer_charge",
    "answer_information",
    "apply_news",
    "ask_question",
    "books_online",
    "cancel_appointment",
    "cancel_delivered",
    "cease_service",
    "complete_by_hand",
    "confirm_appointment",
    "create_customer",
    "create_order",
    "decline_charge",
    "delete_rule",
    "delivery_failed",
    "discard_draft",
    "expire_reservations",
    "find_slots",
    "hand_over",
    "hand_to_desk",
    "judge_flag",
    "lapse_charges",
    "look_up_unknown",
    "mark_silent",
    "modify_service",
    "open_change",
    "possible_owners",
    "rebook_appointment",
    "record_news",
    "record_outcome",
    "redate_draft",
    "refold",
    "refresh_prices",
    "release_item",
    "request_amend",
    "request_cancel",
    "reserve_slot",
    "retry_send",
    "revise_draft",
    "save_rule",
    "send_waiting",
    "submit_order",
    "validate_order",
    "warn_of_lapsing",
]

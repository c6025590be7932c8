"""Every write of tickets. Keyword-only; each guards, writes, logs and publishes in one transaction."""

from ofx.orders.actions.papers import BadFile
from ticketing.tickets.actions.ending import cancel, close, close_due, confirm, knowledge_done, reject, reopen, resolve
from ticketing.tickets.actions.joining import link, merge, split
from ticketing.tickets.actions.mirroring import apply_customer_news, mirror, mirror_state
from ticketing.tickets.actions.news import apply_news, delivered, delivery_failed, mark_silent
from ticketing.tickets.actions.notes import add_note, answer_question, attach
from ticketing.tickets.actions.opening import open_ticket
from ticketing.tickets.actions.operator_answers import operator_answer
from ticketing.tickets.actions.raising import answer_partner, cancel_at_partner, raise_to_partner
from ticketing.tickets.actions.reported import reported_before, take_reported
from ticketing.tickets.actions.tsc import give_back, hand_to_tsc
from ticketing.tickets.actions.waiting import judge_wait, stop_waiting, wait
from ticketing.tickets.actions.working import assign, change, take, tick_step
from ticketing.tickets.guarding import NotReady, TicketInvalid

__all__ = [
    "BadFile",
    "NotReady",
    "TicketInvalid",
    "add_note",
    "answer_partner",
    "answer_question",
    "apply_customer_news",
    "apply_news",
    "assign",
    "attach",
    "cancel",
    "cancel_at_partner",
    "change",
    "close",
    "close_due",
    "confirm",
    "delivered",
    "delivery_failed",
    "give_back",
    "hand_to_tsc",
    "judge_wait",
    "knowledge_done",
    "link",
    "mark_silent",
    "merge",
    "mirror",
    "mirror_state",
    "open_ticket",
    "operator_answer",
    "raise_to_partner",
    "reject",
    "reopen",
    "reported_before",
    "resolve",
    "split",
    "stop_waiting",
    "take",
    "take_reported",
    "tick_step",
    "wait",
]

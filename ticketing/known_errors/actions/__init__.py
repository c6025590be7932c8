"""Every write of known errors."""

from ticketing.known_errors.actions.candidates import (
    dismiss_candidate,
    draft_from_candidate,
    gather,
    remove_from_candidate,
)
from ticketing.known_errors.actions.evidence import judge, link_ticket, record_use, unlink_ticket, write_down
from ticketing.known_errors.actions.governing import (
    NotPublishable,
    approve,
    ask_for_approval,
    flag,
    retire,
    reviewed,
    revive,
    send_back,
)
from ticketing.known_errors.actions.writing import (
    Stale,
    draft_from_ticket,
    is_owner,
    restore_version,
    save_known_error,
)

__all__ = [
    "NotPublishable",
    "Stale",
    "approve",
    "ask_for_approval",
    "dismiss_candidate",
    "draft_from_candidate",
    "draft_from_ticket",
    "flag",
    "gather",
    "is_owner",
    "judge",
    "link_ticket",
    "record_use",
    "remove_from_candidate",
    "restore_version",
    "retire",
    "reviewed",
    "revive",
    "save_known_error",
    "send_back",
    "unlink_ticket",
    "write_down",
]

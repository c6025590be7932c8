"""Every write about outages."""

from ticketing.outages.actions.children import attach, decide_child, detach
from ticketing.outages.actions.declaring import approve, declare, from_partner, propose, reject, report
from ticketing.outages.actions.updating import clear, close, reopen, see, update
from ticketing.outages.actions.works import load_topology, settle_notice, take_notice

__all__ = [
    "approve",
    "attach",
    "clear",
    "close",
    "decide_child",
    "declare",
    "detach",
    "from_partner",
    "load_topology",
    "propose",
    "reject",
    "reopen",
    "report",
    "see",
    "settle_notice",
    "take_notice",
    "update",
]

"""Every write about outages."""

from ticketing.outages.actions.children import attach, decide_child, detach, follow_merge
from ticketing.outages.actions.declaring import approve, declare, from_partner, propose, reject, report
from ticketing.outages.actions.settling import settle_notice
from ticketing.outages.actions.told import from_report, keep_report, over_meanwhile
from ticketing.outages.actions.updating import clear, close, reopen, see, update
from ticketing.outages.actions.works import load_topology, take_notice

__all__ = [
    "approve",
    "attach",
    "clear",
    "close",
    "decide_child",
    "declare",
    "detach",
    "follow_merge",
    "from_partner",
    "from_report",
    "keep_report",
    "load_topology",
    "over_meanwhile",
    "propose",
    "reject",
    "reopen",
    "report",
    "see",
    "settle_notice",
    "take_notice",
    "update",
]

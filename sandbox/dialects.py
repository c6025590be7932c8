"""The partners' own words (docs/sandbox.md, "The dialects"): how a neutral order looks on each one's wire."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.lifecycle import Order

KCI = {
    "created": "CREATED",
    "received": "RECEIVED",
    "acknowledged": "ACKNOWLEDGED",
    "update": "UPDATE",
    "committed": "COMMITTED",
    "delay": "DELAY",
    "information_required": "INFORMATION_REQUIRED",
    "resumed": "RESUMED",
    "reappointed": "REAPPOINTED",
    "amended": "AMENDED",
    "amend_refused": "AMEND_REFUSED",
    "cancelled": "CANCELLED",
    "cancel_refused": "CANCEL_REFUSED",
    "terminated": "TERMINATED",
    "completed": "COMPLETED",
}

_WAITS_HELD_PENDING = {"waitPartner": "held", "waitCustomer": "pending", "waitUs": "pending"}
_WAITS_CHORUS = {"waitPartner": "inProgress", "waitCustomer": "held", "waitUs": "held"}
_WAITS_MEF = {"waitPartner": "held", "waitCustomer": "pending", "waitUs": "held"}


@dataclass(frozen=True)
class Dialect:
    """One partner's words and shapes."""

    waits: dict[str, str]
    milestones: dict[str, str]
    reasons: dict[str, str]
    order_id: Callable[[int], str]
    committed: str = ""
    delays: str = ""
    milestone_shape: Callable[[dict[str, Any], str], dict[str, Any]] = lambda entry, word: entry
    update_type: bool = False
    shuffled: bool = False

    def state(self, neutral: str) -> str:
        """The TMF622 state word that this partner uses for the situation."""
        return self.waits.get(neutral, neutral)

    def reason(self, neutral: str) -> str:
        """The partner's reason code; empty for no reason."""
        return self.reasons[neutral] if neutral else ""


def _north_milestone(entry: dict[str, Any], word: str) -> dict[str, Any]:
    return {"code": word, "name": entry["text"], "date": entry["issuedOn"]}


def _south_milestone(entry: dict[str, Any], word: str) -> dict[str, Any]:
    return {"name": word, "milestoneDate": entry["issuedOn"]}


def _east_milestone(entry: dict[str, Any], word: str) -> dict[str, Any]:
    return {"code": word, "date": entry["issuedOn"]}


NORTHFIBRE = Dialect(
    waits=_WAITS_HELD_PENDING,
    milestones={
        "ACKNOWLEDGED": "KCI1",
        "ECC_RAISED": "ECC_RAISED",
        "ECC_ACCEPTED": "ECC_ACCEPTED",
        "COMMITTED": "KCI2",
        "VISIT_STARTED": "VISIT",
        "FIT_TEST_DONE": "TESTED",
        "COMPLETED": "KCI3",
    },
    reasons={
        "DUCT_BLOCKAGE_CIVILS": "ADDITIONAL_WORK",
        "POLE_ISSUE": "NETWORK_ISSUE",
        "CAPACITY": "CAPACITY_ISSUE",
        "NETWORK_INCOMPLETE": "NETWORK_ISSUE",
        "WAYLEAVE": "WAYLEAVE_ISSUE",
        "PERMIT_STREETWORKS": "PLANNING_ISSUE",
        "PARTNER_WORKLOAD": "SUPPLIER_FAULT",
        "CUSTOMER_NOT_READY": "ROUTER_NOT_AVAILABLE",
        "NO_ACCESS": "ACCESS_ISSUE",
        "CUSTOMER_UNCONTACTABLE": "INFORMATION_REQUIRED",
        "PARTNER_MISSED_APPOINTMENT": "UNABLE_TO_ATTEND",
        "ECC_APPROVAL": "COST_ISSUE",
        "ORDER_DATA_ERROR": "INVALID_REQUEST",
        "UNKNOWN": "QUANTUM_FLUX",
    },
    order_id=str,
    committed="committedDate",
    delays="delay",
    milestone_shape=_north_milestone,
    update_type=True,
)

SOUTHLINK = Dialect(
    waits=_WAITS_CHORUS,
    milestones={
        "ACKNOWLEDGED": "Order accepted",
        "ECC_RAISED": "Construction charge quoted",
        "ECC_ACCEPTED": "Construction charge agreed",
        "COMMITTED": "Firm order commitment",
        "VISIT_STARTED": "Engineer on site",
        "FIT_TEST_DONE": "Fitted and tested",
        "COMPLETED": "Order closed",
    },
    reasons={
        "DUCT_BLOCKAGE_CIVILS": "1W",
        "POLE_ISSUE": "1T",
        "CAPACITY": "1A",
        "NETWORK_INCOMPLETE": "1D",
        "WAYLEAVE": "1U",
        "PERMIT_STREETWORKS": "1U",
        "PARTNER_WORKLOAD": "1B",
        "CUSTOMER_NOT_READY": "1E",
        "NO_ACCESS": "1G",
        "CUSTOMER_UNCONTACTABLE": "1R",
        "PARTNER_MISSED_APPOINTMENT": "1F",
        "ECC_APPROVAL": "1J",
        "ORDER_DATA_ERROR": "1P",
        "UNKNOWN": "9Z",
    },
    order_id=lambda number: f"SL-2026-{number:06d}",
    committed="firmOrderCommitmentDate",
    delays="jeopardy",
    milestone_shape=_south_milestone,
    shuffled=True,
)

EASTWAVE = Dialect(
    waits=_WAITS_MEF,
    milestones={
        "ACKNOWLEDGED": "ACK",
        "ECC_RAISED": "ECC",
        "ECC_ACCEPTED": "ECC-OK",
        "COMMITTED": "CCD",
        "VISIT_STARTED": "ONSITE",
        "FIT_TEST_DONE": "LIGHT",
        "COMPLETED": "LIVE",
    },
    reasons={
        "DUCT_BLOCKAGE_CIVILS": "CON07",
        "POLE_ISSUE": "CPR",
        "CAPACITY": "CON04",
        "NETWORK_INCOMPLETE": "CON01",
        "WAYLEAVE": "WAY",
        "CUSTOMER_NOT_READY": "NAPUV",
        "NO_ACCESS": "RNA",
        "PARTNER_MISSED_APPOINTMENT": "FTA",
        "ECC_APPROVAL": "ECC",
        "ORDER_DATA_ERROR": "UEL",
        "UNKNOWN": "ZZ99",
    },
    order_id=str,
    committed="customerCommittedDate",
    delays="jeopardy",
    milestone_shape=_east_milestone,
)

MAILTEL = Dialect(
    waits=_WAITS_HELD_PENDING,
    milestones={},
    reasons={
        "DUCT_BLOCKAGE_CIVILS": "DUCT_BLOCKED",
        "POLE_ISSUE": "POLE",
        "CAPACITY": "CAPACITY",
        "NETWORK_INCOMPLETE": "NOT_RFS",
        "WAYLEAVE": "WAYLEAVE",
        "PERMIT_STREETWORKS": "TRAFFIC_MGMT",
        "PARTNER_WORKLOAD": "NO_SLOTS",
        "CUSTOMER_NOT_READY": "ROUTER_NOT_AVAILABLE",
        "NO_ACCESS": "NO_ACCESS",
        "CUSTOMER_UNCONTACTABLE": "CUSTOMER_UNCONTACTABLE",
        "PARTNER_MISSED_APPOINTMENT": "SUPPLIER_NO_SHOW",
        "ECC_APPROVAL": "COST_ISSUE",
        "ORDER_DATA_ERROR": "INVALID_REQUEST",
        "UNKNOWN": "SUNSPOTS",
    },
    order_id=lambda number: f"MT-{number:06d}",
)

DIALECTS: dict[str, Dialect] = {
    "northfibre": NORTHFIBRE,
    "southlink": SOUTHLINK,
    "eastwave": EASTWAVE,
    "mailtel": MAILTEL,
}


def _milestones(order: Order, dialect: Dialect) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for entry in order.changes:
        if entry["milestone"]:
            shape = dialect.milestone_shape(entry, dialect.milestones.get(entry["milestone"], ""))
            row = {"id": str(len(shown) + 1), **shape, "status": "completed", "message": entry["text"]}
            shown.append({**row, "sequence": entry["sequence"]})
    return shown


def _reason_line(entry: dict[str, Any], dialect: Dialect) -> str:
    code = dialect.reason(entry["reason"])
    return f"{code}: {entry['text']}" if code else entry["text"]


def _state_changes(order: Order, dialect: Dialect) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for entry in order.changes:
        word = dialect.state(entry["state"])
        if not shown or shown[-1]["state"] != word:
            shown.append(
                {
                    "state": word,
                    "changeDate": entry["issuedOn"],
                    "changeReason": _reason_line(entry, dialect),
                    "sequence": entry["sequence"],
                }
            )
    return shown


def _delays(order: Order, dialect: Dialect) -> list[dict[str, Any]]:
    shown = []
    for delay in order.delays:
        row = {"id": delay["id"], "reasonCode": dialect.reason(delay["reason"]), "text": delay["text"]}
        if delay["expected"]:
            row["expectedDate"] = delay["expected"]
        for key in ("since", "sequence", "until", "untilSequence"):
            if key in delay:
                row[key] = delay[key]
        shown.append(row)
    return shown


def _notes(order: Order, dialect: Dialect, author: str) -> list[dict[str, Any]]:
    notes = [dict(note) for note in order.request.get("note") or []]
    for entry in order.changes:
        if entry["text"]:
            text = _reason_line(entry, dialect)
            when = {"date": entry["issuedOn"], "sequence": entry["sequence"]}
            notes.append({"id": f"p{entry['sequence']}", "author": author, "text": text, **when})
    return notes


def _items(order: Order, word: str) -> list[dict[str, Any]]:
    return [{**item, "state": word} for item in order.request.get("productOrderItem") or []]


def _optional(order: Order, dialect: Dialect) -> dict[str, Any]:
    values: dict[str, Any] = {
        "expectedCompletionDate": order.expected,
        dialect.committed: order.committed,
        "completionDate": order.completed_on,
        "appointment": order.appointment,
        "charge": order.charges,
        "amendment": order.amendments,
        dialect.delays: _delays(order, dialect),
    }
    return {name: value for name, value in values.items() if name and value}


def _disorder(shown: dict[str, Any], dialect: Dialect, rng: random.Random) -> None:
    for name in ("note", "milestone", "stateChange", dialect.delays):
        if name in shown:
            rng.shuffle(shown[name])


def render(order: Order, dialect: Dialect, author: str, href: str) -> dict[str, Any]:
    """The order as the partner shows it: TMF622 v4 with this partner's extras."""
    word = dialect.state(order.state)
    shown = {
        **order.request,
        "id": order.id,
        "href": href,
        "orderDate": order.order_date,
        "state": word,
        "productOrderItem": _items(order, word),
        "note": _notes(order, dialect, author),
        "milestone": _milestones(order, dialect),
        "stateChange": _state_changes(order, dialect),
        "sequence": order.sequence,
        "issuedOn": order.last_update,
        "lastUpdate": order.last_update,
        "simulated": True,
        "@type": "ProductOrder",
        **_optional(order, dialect),
    }
    if dialect.update_type and order.changes:
        shown["updateType"] = KCI[order.changes[-1]["update"]]
    if dialect.shuffled:
        _disorder(shown, dialect, random.Random(f"{order.id}:{order.sequence}"))
    return shown


def history(order: Order, dialect: Dialect) -> list[dict[str, Any]]:
    """What the journal tells of an order: the partner's state words, neutral milestones and reasons."""
    return [
        {
            "sequence": entry["sequence"],
            "state": dialect.state(entry["state"]),
            "milestone": entry["milestone"],
            "update": entry["update"],
            "reason": entry["reason"],
            "issuedOn": entry["issuedOn"],
        }
        for entry in order.changes
    ]

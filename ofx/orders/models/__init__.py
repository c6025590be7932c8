"""Orders: what is kept, cut by what a reader looks for (ADR 0006)."""

from ofx.orders.models.appointment import Appointment
from ofx.orders.models.board import BoardEntry
from ofx.orders.models.changes import AmendRequest, Charge
from ofx.orders.models.order import Order, OrderItem
from ofx.orders.models.papers import Attachment, Note
from ofx.orders.models.partner_order import CancelRequest, DateChange, Fact, Flag, MilestoneReached, PartnerOrder
from ofx.orders.models.rules import DecompositionRule, StageExpectation
from ofx.orders.models.service import ServiceRecord

__all__ = [
    "AmendRequest",
    "Appointment",
    "Attachment",
    "BoardEntry",
    "CancelRequest",
    "Charge",
    "DateChange",
    "DecompositionRule",
    "Fact",
    "Flag",
    "MilestoneReached",
    "Note",
    "Order",
    "OrderItem",
    "PartnerOrder",
    "ServiceRecord",
    "StageExpectation",
]

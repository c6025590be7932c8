"""The models of all partner slices."""

from partners.agreements.models import Terms, TermsLine
from partners.conversations.models import Attempt, Conversation, Endpoint, Leg, Message
from partners.coverage.models import (
    Address,
    Footprint,
    FootprintRow,
    Import,
    Offering,
    Place,
    Price,
    RejectedRow,
)
from partners.operators.models import Agreement, Contact, Operator
from partners.reach.models import ReachArea, ReachCount, ReachGain, ReachLine, ReachMap, ReachRun

__all__ = [
    "Address",
    "Agreement",
    "Attempt",
    "Contact",
    "Conversation",
    "Endpoint",
    "Footprint",
    "FootprintRow",
    "Import",
    "Leg",
    "Message",
    "Offering",
    "Operator",
    "Place",
    "Price",
    "ReachArea",
    "ReachCount",
    "ReachGain",
    "ReachLine",
    "ReachMap",
    "ReachRun",
    "RejectedRow",
    "Terms",
    "TermsLine",
]

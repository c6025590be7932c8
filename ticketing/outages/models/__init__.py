"""Rows of outages."""

from ticketing.outages.models.detection import OutageBaseline, OutageSignal, OutageWatching, ServiceTopology
from ticketing.outages.models.outage import Outage, OutageChild, OutageKey, OutageParty
from ticketing.outages.models.telling import (
    MaintenanceNotice,
    OutageJob,
    OutageReceipt,
    OutageUpdate,
)

__all__ = [
    "MaintenanceNotice",
    "Outage",
    "OutageBaseline",
    "OutageChild",
    "OutageJob",
    "OutageKey",
    "OutageParty",
    "OutageReceipt",
    "OutageSignal",
    "OutageUpdate",
    "OutageWatching",
    "ServiceTopology",
]

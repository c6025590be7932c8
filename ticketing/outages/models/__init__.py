"""Rows of outages."""

from ticketing.outages.models.detection import OutageBaseline, OutageSignal, OutageWatching, ServiceTopology
from ticketing.outages.models.outage import Outage, OutageChild, OutageKey, OutageParty
from ticketing.outages.models.telling import (
    MaintenanceNotice,
    OutageJob,
    OutageMute,
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
    "OutageMute",
    "OutageParty",
    "OutageReceipt",
    "OutageSignal",
    "OutageUpdate",
    "OutageWatching",
    "ServiceTopology",
]

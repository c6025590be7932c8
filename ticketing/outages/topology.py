"""Where topology comes from by itself: measures of a test that name an OLT, an exchange or a handover."""

from datetime import datetime

from ticketing.outages.models import ServiceTopology
from ticketing.outages.vocabulary import STORED_KINDS
from ticketing.tickets.models import ServiceTest

NAMES = {
    "olt": "olt",
    "olt_id": "olt",
    "olt name": "olt",
    "exchange": "exchange",
    "pop": "exchange",
    "handover": "handover",
    "enni": "handover",
}


def learn_from(test: ServiceTest, *, at: datetime) -> int:
    """Keep what the measures of a test say about where its service hangs. Returns how many keys."""
    found = {}
    for measure in test.measures if isinstance(test.measures, list) else []:
        kind = NAMES.get(str(measure.get("name", "")).strip().lower()) if isinstance(measure, dict) else None
        value = str(measure.get("value") or "").strip()[:80] if kind else ""
        if kind in STORED_KINDS and value:
            found[kind] = value
    rows = [
        ServiceTopology(
            organisation_id=test.organisation_id,
            service_id=test.service_id,
            kind=kind,
            value=value,
            source="test",
            at=at,
        )
        for kind, value in found.items()
    ]
    ServiceTopology.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["service", "kind"], update_fields=["value", "source", "at"]
    )
    return len(rows)

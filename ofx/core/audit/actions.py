"""Write the audit log."""

from datetime import datetime
from typing import Any

from ofx.core.audit.models import LogEntry


def record(
    *, actor: Any, subject: str, verb: str, at: datetime, organisation_id: int | None = None, **data: Any
) -> LogEntry:
    """Write one entry in the caller's transaction. `actor` None is the system; `data` holds plain JSON values."""
    return LogEntry.objects.create(
        at=at,
        actor=actor,
        actor_name=(actor.name or actor.email) if actor else "OFX",
        organisation_id=organisation_id,
        subject=subject,
        verb=verb,
        data=data,
    )

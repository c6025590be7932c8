"""What outages hold on a person: the mail addresses they were told at."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ofx.core.personal.registry import Person, erases, exports
from ticketing.outages.models import MaintenanceNotice, OutageReceipt


def _told(person: Person) -> Any:
    rows = OutageReceipt.objects.filter(channel="mail", recipient=person.email.lower())
    if person.organisation_id is not None:
        rows = rows.filter(update__outage__organisation_id=person.organisation_id) | rows.filter(
            customer_id=person.organisation_id
        )
    return rows


@exports("outages")
def told_of_outages(person: Person) -> Iterator[dict[str, Any]]:
    """Which updates they were mailed."""
    for row in _told(person).select_related("update__outage").order_by("pk").iterator(chunk_size=500):
        yield {
            "outage": row.update.outage.reference,
            "update": row.update.number,
            "text": row.update.public_text,
            "told": row.sent_at or row.at,
        }


@erases("outages", position=25)
def forget_receipts(person: Person, at: datetime) -> list[str]:
    """The address goes, the count of those who were told stays."""
    numbers = list(_told(person).values_list("pk", flat=True))
    for pk in numbers:
        OutageReceipt.objects.filter(pk=pk).update(recipient=f"erased:{pk}")
    notices = MaintenanceNotice.objects.filter(sender__iexact=person.email)
    if person.organisation_id is not None:
        notices = notices.filter(organisation_id=person.organisation_id)
    gone = notices.update(sender="", text="", raw=b"")
    said = [f"{len(numbers)} receipts of outage mails were made anonymous."] if numbers else []
    return said + ([f"{gone} maintenance notices that they sent were emptied."] if gone else [])

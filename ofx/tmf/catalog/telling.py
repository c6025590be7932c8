"""Which events a buyer's system is told of as changes of the catalogue: what it may order has changed."""

from collections.abc import Callable
from typing import Any

from ofx.core.events.models import Event
from ofx.core.models import Organisation
from ofx.tmf.catalog.api import stocked
from ofx.tmf.catalog.faces import OFFERING
from ofx.tmf.hub.telling import News, subscriptions, tell
from partners.models import Agreement, Offering

NAMES = ("agreement.active", "agreement.suspended", "agreement.ended", "agreement.change_accepted")
MOST = 500  # offers of one operator that are told of


def fan_out(event: Event) -> None:
    """Each offer of the operator, since its price and whether it can be ordered follow the agreement."""
    row = Agreement.objects.filter(pk=event.subject.partition(":")[2]).first()
    to = subscriptions(row.organisation_id, OFFERING.api, event.recorded_at) if row else []
    if row is None or not to:
        return
    for offering in Offering.objects.filter(operator_id=row.operator_id, active=True).order_by("pk")[:MOST]:
        news = News(
            api=OFFERING.api,
            resource=f"offering:{offering.pk}",
            event_type="ProductOfferingAttributeValueChangeEvent",
            member=OFFERING.name,
            document=_document(offering.pk, row.organisation),
            title="What you may order has changed",
            description=f"The agreement is {row.get_state_display().lower()}.",
            correlation=event.subject,
        )
        # One notification an offer: the number tells them apart.
        tell(news, event_id=event.pk, part=str(offering.pk), at=event.at, to=to)


def _document(offering_id: int, organisation: Organisation) -> Callable[[str], dict[str, Any] | None]:
    def document(version: str) -> dict[str, Any] | None:
        row = stocked(Offering.objects.filter(pk=offering_id), organisation).first()
        return OFFERING.document(row) if row else None

    return document

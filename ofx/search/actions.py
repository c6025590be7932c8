"""Every write of search."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.search.models import Promise, RankingWeights
from ofx.search.ranking import Weights

KEY = ["organisation", "operator", "technology", "area"]
VALUES = ["sample", "p50_days", "p80_days", "on_time", "fallout", "computed_at"]


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """How long an operator took: calendar days from submission to completion. See the model Promise.

    `organisation_id` None: pooled over tenants. `technology` "": any. `area` "": everywhere; else a GB postcode
    area (SW) or an outcode. `on_time` and `fallout` are shares between 0 and 1.
    """

    organisation_id: int | None
    operator_id: int
    sample: int
    p50_days: float
    p80_days: float
    technology: str = ""
    area: str = ""
    on_time: float | None = None
    fallout: float | None = None


def write_promises(*, rows: Iterable[PromiseRow], at: datetime) -> int:
    """Replace all promises by these, computed at `at`; returns how many there are now.

    Rows with the same key must come once. Statistics of the system: not logged, nobody is told.
    """
    fresh = [Promise(**asdict(row), computed_at=at) for row in rows]
    with transaction.atomic():
        Promise.objects.bulk_create(
            fresh, batch_size=1000, update_conflicts=True, unique_fields=KEY, update_fields=VALUES
        )
        Promise.objects.exclude(computed_at=at).delete()
    return len(fresh)


def save_weights(*, organisation: Organisation, weights: Weights, actor: User | None, at: datetime) -> RankingWeights:
    """Keep how a tenant weighs offers. Raises PermissionDenied without the right to place orders."""
    permit(actor, "order.write")
    values = asdict(weights)
    with transaction.atomic():
        row, _ = RankingWeights.objects.update_or_create(organisation=organisation, defaults=values)
        subject = f"organisation:{organisation.pk}"
        record(
            actor=actor, subject=subject, verb="weighed offers anew", at=at, organisation_id=organisation.pk, **values
        )
        publish("ranking_weights.changed", subject, at=at, organisation_id=organisation.pk, **values)
    return row

"""What a partner or a customer's system says of an outage of its own (event problem.reported of the hub), in our
terms."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from partners.models import Agreement, Operator
from ticketing.outages.keys import Key, compact
from ticketing.outages.vocabulary import KeyKind
from ticketing.tickets.vocabulary import Severity

MOST = 400
# Words of partners' kinds of place → ours, the longer ones first.
KINDS = (
    ("postcodesector", "sector"), ("sector", "sector"), ("postcode", "postcode"), ("exchange", "exchange"),
    ("pop", "exchange"), ("olt", "olt"), ("handover", "handover"), ("enni", "handover"),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A problem as its owner tells it."""

    external_id: str
    title: str
    text: str
    state: str
    severity: str
    planned: bool
    simulated: bool
    started_at: datetime | None
    expected_at: datetime | None
    ended_at: datetime | None
    service_refs: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether it has ended already."""
        return self.state in ("resolved", "closed", "cancelled", "rejected")


def read_problem(said: dict[str, Any]) -> Told:
    """The event's payload; whatever is missing is empty."""
    places = [(_kind(row), str(row.get("value") or "")[:80]) for row in (said.get("places") or [])[:MOST]]
    severity = str(said.get("severity") or "").lower()
    return Told(
        external_id=str(said.get("external_id") or "")[:100],
        title=str(said.get("title") or "")[:160],
        text="\n".join([str(said.get("text") or ""), *map(str, said.get("notes") or [])]).strip()[:4000],
        state=str(said.get("state") or ""),
        severity=severity if severity in Severity.values else "significant",
        planned=bool(said.get("planned")),
        simulated=bool(said.get("simulated")),
        started_at=moment(said.get("started_at")),
        expected_at=moment(said.get("expected_at")),
        ended_at=moment(said.get("ended_at")),
        service_refs=[str(one)[:80] for one in (said.get("service_refs") or [])[:MOST]],
        keys=[key for key in places if key[0] and key[1]],
    )


def _kind(row: dict[str, Any]) -> str:
    word = "".join(str(row.get("kind") or "").lower().split()).replace("_", "")
    if word in KeyKind.values:
        return word
    return next((kind for part, kind in KINDS if part in word), "")


def keys_of(told: Told, operator: Operator | None) -> list[Key]:
    """Its scope: services that it names and places, else the whole partner."""
    found: list[Key] = [("service", one) for one in told.service_refs]
    found += [(kind, compact(value) if kind in ("sector", "postcode") else value) for kind, value in told.keys]
    return found or ([("partner", operator.code)] if operator is not None else [])


def tenants(organisation_id: int | None, operator: Operator | None) -> list[Organisation]:
    """Whose affair it is: the endpoint's tenant, or for a shared one all with an agreement in force."""
    if organisation_id is not None:
        return list(Organisation.objects.filter(pk=organisation_id))
    rows = Agreement.objects.filter(operator=operator, state="active").values("organisation")
    return list(Organisation.objects.filter(pk__in=rows, kind="service_provider").order_by("pk"))


def moment(value: Any) -> datetime | None:
    """A time with its zone, of a text; None where it is none."""
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None

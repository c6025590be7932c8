"""What a service hangs on, as keys: partner, postcode sector, and where it is known OLT, exchange and handover."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ofx.orders.models import ServiceRecord
from partners.models import Operator
from ticketing.outages.models import Outage, ServiceTopology
from ticketing.outages.vocabulary import STORED_KINDS, KeyKind

Key = tuple[str, str]
MOST_KEYS = 500


class ScopeInvalid(ValueError):
    """What was given is no scope. `problems`: field → what is wrong and how to put it right."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True)
class Scope:
    """The keys of an outage, sorted for SQL."""

    outage: int
    organisation: int
    operator: int | None
    whole: bool = False
    sectors: list[str] = field(default_factory=list)
    postcodes: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def as_sql(self) -> dict[str, Any]:
        """Named parameters of statements.AFFECTED."""
        return dict(vars(self))


def sector(country: str, postcode: str) -> str:
    """The GB sector (SW1A1 of SW1A 1AA); elsewhere the code itself."""
    code = compact(postcode)
    return code[:-2] if country == "GB" and len(code) > 4 else code


def compact(text: str) -> str:
    """Upper case, no spaces."""
    return "".join(str(text).upper().split())


def place_keys(country: str, postcode: str) -> list[Key]:
    """Keys of a place."""
    code = compact(postcode)
    return [("sector", sector(country, code)), ("postcode", code)] if code else []


def service_keys(service: ServiceRecord) -> list[Key]:
    """All keys of a service, those by which it is named included."""
    stored = ServiceTopology.objects.filter(service=service).values_list("kind", "value")
    names = [("service", text) for text in (service.reference, service.partner_ref) if text]
    partner = ("partner", service.operator.code)
    return [*stored, *place_keys(service.country, service.postcode), partner, *names]


def scope_of(outage: Outage) -> Scope:
    """The scope as SQL takes it. Planned works of named circuits have only `service` keys."""
    by_kind: dict[str, list[str]] = {}
    for kind, value in outage.keys.values_list("kind", "value"):
        by_kind.setdefault(kind, []).append(value)
    stored = [(kind, value) for kind in STORED_KINDS for value in by_kind.get(kind, [])]
    return Scope(
        outage=outage.pk,
        organisation=outage.organisation_id,
        operator=outage.operator_id,
        whole="partner" in by_kind,
        sectors=by_kind.get("sector", []),
        postcodes=by_kind.get("postcode", []),
        services=by_kind.get("service", []),
        kinds=[kind for kind, _ in stored],
        values=[value for _, value in stored],
    )


def checked(keys: Iterable[Key], *, operator: Operator | None) -> list[Key]:
    """Keys as they are stored, each once. Raises ScopeInvalid where nothing would be affected, or everything."""
    found = list(dict.fromkeys((kind, _value(kind, value)) for kind, value in keys))
    unknown = [kind for kind, _ in found if kind not in KeyKind.values]
    if unknown:
        raise ScopeInvalid({"keys": f"“{unknown[0]}” is no kind of key. Possible: {', '.join(KeyKind.values)}."})
    if not found or any(not value for _, value in found):
        raise ScopeInvalid({"keys": "Say what is affected: a postcode sector, an exchange, or the whole partner."})
    if len(found) > MOST_KEYS:
        raise ScopeInvalid({"keys": f"At most {MOST_KEYS} keys; name a wider one instead."})
    if operator is None and any(kind in ("partner", *STORED_KINDS) for kind, _ in found):
        raise ScopeInvalid({"operator": "Choose the operator whose equipment this is."})
    return found


def _value(kind: str, value: str) -> str:
    text = re.sub(r"[\x00-\x1f]+", " ", str(value)).strip()[:80]
    return compact(text) if kind in ("sector", "postcode") else text

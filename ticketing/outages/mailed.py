"""Notices of planned works that came to a partner's mail endpoint: the hub tells of them, the raw mail says all."""

from datetime import datetime
from typing import Any

from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from partners.models import Message, Operator
from ticketing.outages.actions import take_notice
from ticketing.outages.from_news import tenants
from ticketing.outages.notices import read


def take(payload: dict[str, Any], *, organisation_id: int | None, at: datetime) -> int:
    """One mail of the event maintenance.received. Returns of how many tenants it is a notice now.

    At an endpoint that tenants share, the works are the affair of those whose circuits they name; of all of them
    where it names nobody's or cannot be read.
    """
    message = Message.objects.filter(pk=payload.get("message_id") or 0).first()
    if message is None or not message.raw:
        return 0
    raw = bytes(message.raw)
    operator = Operator.objects.filter(pk=payload.get("operator_id") or 0).first()
    owners = tenants(organisation_id, operator)
    owners = _concerned(owners, operator, raw) if len(owners) > 1 else owners
    simulated = bool(payload.get("simulated"))
    for owner in owners:
        take_notice(organisation=owner, raw=raw, actor=None, at=at, operator=operator, simulated=simulated)
    return len(owners)


def _concerned(owners: list[Organisation], operator: Operator | None, raw: bytes) -> list[Organisation]:
    circuits = [one["id"] for entry in read(raw).entries for one in entry["circuits"]]
    rows = ServiceRecord.objects.filter(operator=operator, state="active", organisation__in=owners)
    named = rows.filter(partner_ref__in=circuits) | rows.filter(reference__in=circuits)
    hit = set(named.values_list("organisation_id", flat=True))
    return [owner for owner in owners if owner.pk in hit] or owners

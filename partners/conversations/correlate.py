"""Which case of ours a partner's record is about. A partner's id means nothing elsewhere, so only at its endpoint."""

from partners.conversations.models import Endpoint, Leg
from partners.mapping.base import ParsedRecord
from partners.mapping.entities import PROBLEM, word


def correlate(
    endpoint: Endpoint, record: ParsedRecord, about: dict[int, str], only: int | None = None
) -> tuple[list[Leg], str]:
    """The legs of a record at this endpoint: our stamped key → the partner's id → our key by another way (HUB 1.9).

    One leg, but for a partner's own outage, which may be a case of several tenants. None and why, where nothing
    matches. `about` collects legs whose ids contradict each other. `only`: the organisation that uploaded the record,
    whose cases alone it may reach.
    """
    legs = Leg.objects.select_related("conversation").filter(endpoint=endpoint)
    legs = legs.filter(conversation__organisation_id=only) if only else legs
    legs = legs.filter(entity_type__in=record.entities) if record.entities else legs
    by_key = legs.filter(our_key=record.our_key).first() if record.our_key else None
    by_thread = legs.filter(our_key=record.reference).first() if record.reference and not by_key else None
    named = by_key or by_thread
    bearing = list(legs.filter(external_id=record.external_id).order_by("pk")) if record.external_id else []
    if len(bearing) > 1 and named is None and {leg.entity_type for leg in bearing} == {PROBLEM}:
        return bearing, ""
    if len(bearing) > 1:  # by mail an order and a fault may bear the same number of theirs
        bearing = [leg for leg in bearing if named is not None and leg.pk == named.pk]
        if not bearing:
            return [], f"{endpoint.name} uses {record.external_id} for several cases of ours, and names no key"
    by_id = bearing[0] if bearing else None
    leg, problem = _agreed(endpoint, record, about, by_key or by_id or by_thread, by_id)
    return [leg] if leg is not None else [], problem


def _agreed(
    endpoint: Endpoint, record: ParsedRecord, about: dict[int, str], leg: Leg | None, by_id: Leg | None
) -> tuple[Leg | None, str]:
    names = f"our key {record.our_key or '–'}, their id {record.external_id or '–'}"
    if leg is None:
        return None, f"no {_what(record)} of ours at {endpoint.name} has {names}"
    what = word(leg.entity_type)
    if by_id is not None and by_id.pk != leg.pk:
        about[leg.pk] = about[by_id.pk] = f"{endpoint.name} sent news with {names}: two different {what}s of ours"
        return None, about[leg.pk]
    if record.external_id and leg.external_id and record.external_id != leg.external_id:
        about[leg.pk] = f"{endpoint.name} has a second {what} {record.external_id} under our key {leg.our_key}"
        return None, f"{about[leg.pk]}; ours is {leg.external_id}"
    return leg, ""


def _what(record: ParsedRecord) -> str:
    return word(record.kind) if record.kind in ("ticket", "problem") else "order"

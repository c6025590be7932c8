"""From bitmaps of operators to what one tenant can order, and what one more agreement would add. No place is counted
twice, whoever serves it.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Q
from pyroaring import BitMap

from ofx.core.models import Organisation
from partners.agreements.models import Terms
from partners.operators.models import Agreement, Operator
from partners.reach.areas import area_name, area_of
from partners.reach.models import ReachArea, ReachCount, ReachGain, ReachLine, ReachMap

Pair = tuple[BitMap, BitMap]  # postcodes, premises
Mask = Callable[[str, list[str]], Pair]


@dataclass(frozen=True)
class Held:
    """How a tenant stands with an operator. `regions` empty: everywhere; `technologies` None: all."""

    side: str  # on, off, none
    regions: tuple[str, ...] = ()
    technologies: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Whether everything that the operator serves can be ordered."""
        return self.side == "on" or (self.side == "off" and not self.regions and self.technologies is None)


@dataclass(frozen=True)
class Standing:
    """A tenant's operators and how it stands with each, under a stamp that changes with any of it."""

    held: dict[int, Held]
    stamp: str


@dataclass
class Sums:
    """Bitmaps of one area and technology."""

    on: Pair = field(default_factory=lambda: (BitMap(), BitMap()))
    off: Pair = field(default_factory=lambda: (BitMap(), BitMap()))
    offers: dict[int, Pair] = field(default_factory=dict)  # operator → everything it serves, where not all is held


def standing_of(organisation: Organisation, day: date) -> Standing:
    """Who may be ordered from on a day, and within which limits. Four queries."""
    visible = Q(on_net_of=None) | Q(on_net_of=organisation)
    operators = list(Operator.objects.filter(visible).order_by("pk"))
    agreements = Agreement.objects.in_force(day).filter(organisation=organisation)
    by_operator = {row.operator_id: row for row in agreements}
    terms = _terms_on(list(by_operator.values()), day)
    held = {row.pk: _held(row, by_operator.get(row.pk), terms, organisation) for row in operators}
    counted = ReachCount.objects.filter(footprint__state="active", footprint__operator__in=held).order_by("pk")
    parts: list[Any] = [list(counted.values_list("footprint_id", "stamp"))]
    parts += [[pk, one.side, one.regions, sorted(one.technologies or ["*"])] for pk, one in held.items()]
    return Standing(held, hashlib.sha256(json.dumps(parts).encode()).hexdigest())


def _terms_on(agreements: list[Agreement], day: date) -> dict[int, Terms]:
    rows = Terms.objects.filter(agreement__in=agreements, state="accepted", starts__lte=day)
    rows = rows.order_by("starts", "number").prefetch_related("lines__offering")
    return {row.agreement_id: row for row in rows}


def _held(operator: Operator, agreement: Agreement | None, terms: dict[int, Terms], tenant: Organisation) -> Held:
    if operator.suspended_reason:
        return Held("none")
    if operator.on_net_of_id == tenant.pk:
        return Held("on")
    if agreement is None:
        return Held("none")
    under = terms.get(agreement.pk)
    if under is None:
        return Held("off")
    sold = None if under.at_list else frozenset(line.offering.technology for line in under.lines.all())
    return Held("off", tuple(under.regions), None if sold is None or "" in sold else sold)


def lines_and_gains(
    organisation: Organisation, standing: Standing, mask: Mask
) -> tuple[list[ReachLine], list[ReachGain]]:
    """Every area and technology of the countries that any visible operator serves."""
    known = {(row.country, row.area): row for row in ReachArea.objects.all()}
    lines: dict[tuple[str, str, str], ReachLine] = {}
    gains: list[ReachGain] = []
    technologies: dict[str, set[str]] = defaultdict(lambda: {""})
    for (country, area), rows in _by_area(standing):
        for technology, sums in _sum(rows, standing, country, area, mask).items():
            technologies[country].add(technology)
            key = (technology, country, area)
            lines[key] = _line(organisation, key, sums)
            gains += _gains(organisation, key, sums)
    for (country, area), place in known.items():  # nothing served: a line of noughts, so that the gap is seen
        for technology in technologies.get(country, ()):
            key = (technology, country, area)
            line = lines.setdefault(key, _blank(organisation, key))
            line.postcodes_known, line.premises_known = place.postcodes, place.premises
            line.lat, line.lon = place.lat, place.lon
    return list(lines.values()), gains


def _by_area(standing: Standing) -> Iterator[tuple[tuple[str, str], list[ReachMap]]]:
    rows = ReachMap.objects.filter(operator__in=standing.held, footprint__state="active")
    ordered = rows.order_by("country", "area", "operator_id", "technology").iterator(chunk_size=200)
    for key, group in groupby(ordered, key=lambda row: (row.country, row.area)):
        yield key, list(group)


def _sum(rows: list[ReachMap], standing: Standing, country: str, area: str, mask: Mask) -> dict[str, Sums]:
    """The sums of one area by technology; "" is any of them."""
    found: dict[str, Sums] = defaultdict(Sums)
    for operator_id, group in groupby(rows, key=lambda row: row.operator_id):
        held = standing.held[operator_id]
        for row in group:
            served = BitMap.deserialize(bytes(row.postcodes)), BitMap.deserialize(bytes(row.premises))
            if held.technologies is not None:
                _add_some(found, row.technology, held, operator_id, served, country, area, mask)
            else:
                _add(found[row.technology], held, operator_id, served, country, area, mask)
    return found


def _add_some(
    found: dict[str, Sums], technology: str, held: Held, operator_id: int, served: Pair, country: str, area: str,
    mask: Mask,
) -> None:  # fmt: skip
    """An agreement about some technologies: those count, also as "any"; the rest could be asked for."""
    if held.technologies and technology in held.technologies:
        for name in (technology, ""):
            _add(found[name], held, operator_id, served, country, area, mask)
    found[technology].offers[operator_id] = served


def _add(sums: Sums, held: Held, operator_id: int, served: Pair, country: str, area: str, mask: Mask) -> None:
    if held.side == "none" or not held.whole:
        sums.offers.setdefault(operator_id, served)
    if held.side == "none":
        return
    mine = _within(served, held.regions, country, area, mask)
    side = sums.on if held.side == "on" else sums.off
    for total, part in zip(side, mine, strict=True):
        total |= part


def _within(served: Pair, regions: tuple[str, ...], country: str, area: str, mask: Mask) -> Pair:
    """What lies within the regions of an agreement."""
    if not regions or country in regions or f"{country}:{area}" in regions:
        return served
    outcodes = [region.partition(":")[2] for region in regions if region.startswith(f"{country}:")]
    here = [code for code in outcodes if country != "GB" or area_of(country, code) == area]
    if not here:
        return BitMap(), BitMap()
    places, homes = mask(country, here)
    return served[0] & places, served[1] & homes


def _blank(organisation: Organisation, key: tuple[str, str, str]) -> ReachLine:
    technology, country, area = key
    name = area_name(country, area)
    return ReachLine(organisation=organisation, technology=technology, country=country, area=area, name=name)


def _line(organisation: Organisation, key: tuple[str, str, str], sums: Sums) -> ReachLine:
    line = _blank(organisation, key)
    line.on_postcodes, line.on_premises = map(len, sums.on)
    line.off_postcodes, line.off_premises = map(len, sums.off)
    line.postcodes, line.premises = (on.union_cardinality(off) for on, off in zip(sums.on, sums.off, strict=True))
    return line


def _gains(organisation: Organisation, key: tuple[str, str, str], sums: Sums) -> Iterator[ReachGain]:
    technology, country, area = key
    both = [on | off for on, off in zip(sums.on, sums.off, strict=True)]
    for operator_id, (places, homes) in sums.offers.items():
        more, premises = places.difference_cardinality(both[0]), homes.difference_cardinality(both[1])
        if more or premises:
            yield ReachGain(organisation=organisation, operator_id=operator_id, technology=technology,
                            country=country, area=area, postcodes=more, premises=premises)  # fmt: skip

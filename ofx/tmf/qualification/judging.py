"""What search says of one asked item, in no version's words: the offer, whether it can be had, why not, what else."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ofx.core.models import Organisation
from ofx.search.queries import Qualification, qualify, spot_by_id
from ofx.search.ranking import CALENDAR_PER_WORKING_DAY
from ofx.tmf.offers import candidates
from ofx.tmf.places import Where, find
from ofx.tmf.rest.errors import invalid
from partners.models import Offering

HOLDS = timedelta(days=7)  # how long we stand by what search said
MOST_ITEMS, MOST_PLACES, MOST_ALTERNATES = 50, 10, 10
QUALIFIED, ALTERNATE, UNQUALIFIED = "qualified", "alternate", "unqualified"
CODES = {
    "no_coverage": "NO_COVERAGE",
    "planned_only": "PLANNED",
    "no_agreement": "NO_AGREEMENT",
    "suspended": "SUSPENDED",
    "no_product": "NO_PRODUCT",
    "some_premises": "ADDRESS_INCOMPLETE",
    "refused_live": "NOT_FEASIBLE",
}
UNKNOWN = ("UNKNOWN_OFFERING", "We know no such product offering.")
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One asked item. `offering`: id and name as given, empty for whatever there is; `only`: words to narrow it by."""

    id: str
    place: Json
    offering: Json = field(default_factory=dict)
    kind: str = ""
    technology: str = ""
    action: str = "add"


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    wanted: Wanted
    where: Where
    offer: Json | None = None
    reasons: tuple[tuple[str, str], ...] = ()
    others: tuple[Json, ...] = ()

    @property
    def result(self) -> str:
        """In the words of both standards."""
        if not self.reasons:
            return QUALIFIED
        return ALTERNATE if self.others else UNQUALIFIED


class Judge:
    """Answers the items of one question; a place that several items name is looked up once."""

    def __init__(self, user: Any, at: datetime, alternatives: bool) -> None:
        self.user, self.at, self.alternatives = user, at, alternatives
        self.organisation: Organisation = user.acting.organisation
        self.known: dict[str, tuple[Where, Qualification | None]] = {}

    def at_place(self, place: Json) -> tuple[Where, Qualification | None]:
        """The place and what search says of it. Raises ValidationError for too many places."""
        key = repr(sorted(place.items()))
        if key not in self.known:
            if len(self.known) >= MOST_PLACES:
                raise invalid("place", f"At most {MOST_PLACES} different places in one question.")
            self.known[key] = self._look(find(place, self.organisation.country))
        return self.known[key]

    def _look(self, where: Where) -> tuple[Where, Qualification | None]:
        if where.place is None:
            return where, None
        spot = spot_by_id(where.place.pk, where.address.pk if where.address else None)
        return where, qualify(organisation=self.organisation, at=self.at, country=where.country, spot=spot)

    def judge(self, wanted: Wanted) -> Verdict:
        """One item."""
        where, answer = self.at_place(wanted.place)
        if answer is None:
            return Verdict(wanted, where, None, (("ADDRESS_UNKNOWN", where.problem or "We do not know this place."),))
        offers = fitting(answer.offers, wanted)
        if not wanted.offering:
            return self._any(wanted, where, answer, offers)
        meant = candidates(self.user, wanted.offering.get("id", ""), wanted.offering.get("name", ""))
        ids = {one.pk for one in meant}
        offer = next((one for one in answer.offers if one["id"] in ids), None)
        if offer and offer["orderable"]:
            return Verdict(wanted, where, offer)
        reason = _reason(offer, meant, answer) if meant else UNKNOWN
        others = [one for one in offers if one["orderable"]][:MOST_ALTERNATES] if self.alternatives else []
        return Verdict(wanted, where, offer or _sold(meant), (reason,), tuple(others))

    def _any(self, wanted: Wanted, where: Where, answer: Qualification, offers: list[Json]) -> Verdict:
        """The best that can be had, and the others beside it."""
        good = [one for one in offers if one["orderable"]]
        if good:
            return Verdict(wanted, where, good[0], (), tuple(good[1 : MOST_ALTERNATES + 1]))
        return Verdict(wanted, where, None, (_reason(offers[0] if offers else None, [], answer),))


def fitting(offers: list[Json], wanted: Wanted) -> list[Json]:
    """Offers of the kind and technology that were asked for."""
    kind, technology = wanted.kind.casefold(), wanted.technology.casefold()
    return [
        one for one in offers if kind in ("", one["kind"]) and technology in ("", str(one["technology"]).casefold())
    ]


def _reason(offer: Json | None, meant: list[Offering], answer: Qualification) -> tuple[str, str]:
    operators = {offer["operator"]["id"]} if offer else {one.operator_id for one in meant}
    rows = [one for one in answer.unavailable if one["operator"]["id"] in operators]
    if rows:
        return CODES.get(rows[0]["code"], "NOT_AVAILABLE"), rows[0]["reason"]
    if offer:
        return "NOT_AVAILABLE", offer["why_not"]
    if operators:
        return "NO_PRODUCT", "This product is not sold at this place."
    return "NO_COVERAGE", "Nobody serves this place with what is asked for."


def _sold(meant: list[Offering]) -> Json | None:
    """A product that was named, though it is not offered at the place."""
    if len(meant) != 1:
        return None
    one = meant[0]
    operator = {"id": one.operator_id, "code": one.operator.code, "name": one.operator.name}
    return {"id": one.pk, "code": one.code, "product": one.name, "kind": one.kind, "operator": operator, "bare": True}


def active_from(offer: Json, at: datetime) -> datetime | None:
    """When it could work: by the median of history, else by the list's working days; None where nobody says."""
    if offer.get("bare"):
        return None
    if offer.get("available_from"):
        day = offer["available_from"]
        return at.replace(year=day.year, month=day.month, day=day.day)
    lead = offer["lead_time"]
    days = (lead["history"] or {}).get("p50_days")
    if days is None and lead["list_working_days"] is not None:
        days = lead["list_working_days"] * CALENDAR_PER_WORKING_DAY
    return at + timedelta(days=round(days)) if days is not None else None


def overall(verdicts: list[Verdict]) -> str:
    """Unqualified by one item that is, else alternate by one that is."""
    results = {one.result for one in verdicts}
    return next((word for word in (UNQUALIFIED, ALTERNATE) if word in results), QUALIFIED if results else UNQUALIFIED)

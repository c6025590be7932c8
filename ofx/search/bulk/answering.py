"""The answers to a chunk of places: the same functions as a search, run once for every different thing to be said.

What footprints say under a key is read for a whole chunk in one statement and kept as a text. Places of which the same
is said, in a region that the same promises and terms hold for, have the same answer: it is worked out once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from ofx.core.models import Organisation
from ofx.search.bulk.statements import LIVELY, PROMISES, SAID, SOME, STAMP
from ofx.search.directory import Directory, directory
from ofx.search.offers import Hit, build_offers, most_specific
from ofx.search.places import Spot
from ofx.search.queries import qualify, spot_by_id
from ofx.search.ranking import ACCESSORIES, rank

RANKS = (1, 2, 3, 4, 4, 5)  # of the keys of a place, as in statements.NAMED and SOME_PREMISES
AREA_LEVELS = ("sector", "outcode")  # few keys, asked for by many places: kept for the whole run
MOST_KEPT = 50_000
Promise = tuple[Any, ...]


class At(NamedTuple):
    """A row's place as RESOLVE found it; `place` None where we hold none."""

    line: int
    place: int | None
    country: str
    code: str
    outcode: str
    sector: str
    district: str
    address: int | None
    premises: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The columns of BulkPlace from `served` on, ready for COPY, and what is counted of them."""

    served: bool
    orderable: bool
    tail: str


class Answerer:
    """Answers for one tenant on one day. Memory is bounded: what was learnt is dropped when it grows too large."""

    def __init__(self, organisation: Organisation, at: datetime) -> None:
        self.organisation, self.at = organisation, at
        self.stamp: tuple[Any, ...] = ()
        self.said: dict[tuple[str, str, str], str] = {}
        self.outcomes: dict[Any, Outcome] = {}
        self.promises: dict[int, list[Promise]] = {}
        self.promised: set[str] = set()

    def answer(self, places: list[At]) -> list[Outcome]:
        """One outcome a place, in their order."""
        self._refresh()
        by_country: dict[str, list[At]] = {}
        for place in places:
            by_country.setdefault(place.country, []).append(place)
        said = {}
        for country, group in by_country.items():
            said.update(self._look_up(country, group))
        lively = self._lively(places)
        return [self._lively_outcome(p) if p.code in lively else self._outcome(p, said) for p in places]

    # -- what is known ---------------------------------------------------------------------------------------------
    def _refresh(self) -> None:
        """Forget everything where anything that answers are made of has changed."""
        stamp = _rows(STAMP, {})[0]
        if stamp != self.stamp or len(self.outcomes) > MOST_KEPT or len(self.said) > MOST_KEPT:
            self.stamp = stamp
            self.said.clear()
            self.outcomes.clear()
            self._load_promises()
        self.book: Directory = directory(stamp[0], self.organisation, self.at.date())
        self.regional = any(seller.regions for seller in self.book.sellers.values())

    def _load_promises(self) -> None:
        self.promises, self.promised = {}, set()
        for row in _rows(PROMISES, {"organisation": self.organisation.pk}):
            self.promises.setdefault(row[0], []).append(row)
            self.promised.add(row[2])

    def _look_up(self, country: str, places: list[At]) -> dict[tuple[str, str, str], str]:
        """(country, level, key) → what is said there, for every key of these places."""
        wanted = {(level, key) for place in places for level, key in _keys(place)}
        found = {(country, *key): "" for key in wanted}
        fresh = [key for key in wanted if (country, *key) not in self.said]
        values = {"country": country, "levels": [key[0] for key in fresh], "keys": [key[1] for key in fresh]}
        for level, key, text in _rows(SAID, values) if fresh else ():
            found[country, level, key] = text
        for level, key in fresh:
            if level in AREA_LEVELS:
                self.said[country, level, key] = found[country, level, key]
        for level, key in wanted - set(fresh):
            found[country, level, key] = self.said[country, level, key]
        codes = sorted({place.code for place in places if place.premises is None})
        for code, text in _rows(SOME, {"country": country, "codes": codes}) if codes else ():
            found[country, "some", code] = text
        return found

    def _lively(self, places: Iterable[At]) -> set[str]:
        """Codes of which something is known live: they are answered one by one, as a search would."""
        codes = sorted({place.code for place in places})
        return {row[0] for row in _rows(LIVELY, {"organisation": self.organisation.pk, "codes": codes})}

    # -- what follows ----------------------------------------------------------------------------------------------
    def _outcome(self, place: At, said: dict[tuple[str, str, str], str]) -> Outcome:
        texts = tuple(said.get((place.country, level, key), "") for level, key in _keys_in_order(place))
        area = "".join(filter(str.isalpha, place.outcode[:2])) if place.country == "GB" else ""
        areas = tuple(one for one in (area, place.outcode) if one in self.promised)
        terms = (place.outcode, place.district) if self.regional else ()
        key = (place.country, texts, areas, terms)
        outcome = self.outcomes.get(key)
        if outcome is None:
            outcome = self.outcomes[key] = self._work_out(place, texts, areas)
        return outcome

    def _work_out(self, place: At, texts: tuple[str, ...], areas: tuple[str, ...]) -> Outcome:
        hits = [
            self._hit(level, line, areas) for level, text in zip(RANKS, texts, strict=True) for line in _lines(text)
        ]
        spot = Spot(0, place.country, place.code, place.outcode, place.sector, None, None, place.district, None)
        return outcome_of(rank(build_offers(most_specific(hits), self.book, spot), self.book.weights))

    def _hit(self, level: int, line: str, areas: tuple[str, ...]) -> Hit:
        operator, technology, status, since, down, up, lead, offering = line.split("\x1f")
        promise = self._promise(int(operator), technology, areas)
        return Hit._make(
            ("", int(operator), level, technology, status, date.fromisoformat(since) if since else None, None, False, 1,
             int(lead) if lead else None, float(down) if down else None, float(up) if up else None,
             int(offering) if offering else None, *promise, False)
        )  # fmt: skip

    def _promise(self, operator: int, technology: str, areas: tuple[str, ...]) -> Promise:
        """The best promise: own before pooled, this technology before any, the nearest area first (statements.py)."""
        fits = [row for row in self.promises.get(operator, ()) if row[1] in (technology, "") and row[2] in ("", *areas)]
        if not fits:
            return (None,) * 7
        _, _, area, own, *rest = min(fits, key=lambda row: (not row[3], row[1] == "", -len(row[2])))
        return (own, area, *rest)

    def _lively_outcome(self, place: At) -> Outcome:
        assert place.place is not None
        spot = spot_by_id(place.place, place.address)
        return outcome_of(qualify(organisation=self.organisation, at=self.at, spot=spot).offers)


def _keys(place: At) -> list[tuple[str, str]]:
    return [(level, key) for level, key in _keys_in_order(place) if level != "some" and key]


def _keys_in_order(place: At) -> tuple[tuple[str, str], ...]:
    """The keys of a place in the order of RANKS; outside GB a file may name the code itself as an area."""
    return (
        ("premises", place.premises or ""),
        ("postcode", place.code),
        ("sector", place.sector),
        ("outcode", place.outcode),
        ("outcode", "" if place.country == "GB" else place.code),
        ("some", "" if place.premises else place.code),
    )


def _lines(text: str) -> list[str]:
    return text.split("\x1e") if text else []


def outcome_of(offers: list[dict[str, Any]]) -> Outcome:
    """What a list of places keeps of the offers at one."""
    lines = [offer for offer in offers if offer["kind"] not in ACCESSORIES]
    live = [offer for offer in lines if offer["status"] == "live"]
    open_ = [offer for offer in lines if offer["orderable"]]
    best = next(iter(open_ or lines), None)
    rivals = [one for one in open_ if one["price"] and best and one["kind"] == best["kind"]]
    cheapest = min(rivals, key=lambda one: float(one["price"]["monthly"]), default=None)
    why = "" if open_ else (best["why_not"] if best else "No operator serves this place")
    columns = (
        "t" if live else "f", "t" if open_ else "f", _array(sorted({one["operator"]["id"] for one in live})),
        _array(sorted({one["technology"] for one in live if one["technology"]})), len(lines), *_best(best),
        cheapest["id"] if cheapest else None, cheapest["price"]["monthly"] if cheapest else None, escaped(why[:120]),
    )  # fmt: skip
    return Outcome(bool(live), bool(open_), "\t".join("\\N" if one is None else str(one) for one in columns))


def _best(offer: dict[str, Any] | None) -> tuple[Any, ...]:
    if offer is None:
        return None, None, "", None, None, None, None, None, None, ""
    price = offer["price"] or {"monthly": None, "one_off": None, "currency": ""}
    return (
        offer["id"], offer["operator"]["id"], escaped(offer["technology"]), offer["down_mbps"], offer["up_mbps"],
        offer["lead_time"]["list_working_days"], offer["score"], price["monthly"], price["one_off"], price["currency"],
    )  # fmt: skip


def _array(values: Iterable[Any]) -> str:
    """A PostgreSQL array for COPY."""
    return escaped("{" + ",".join('"' + str(one).replace("\\", "").replace('"', "") + '"' for one in values) + "}")


def escaped(text: str) -> str:
    """A text for COPY."""
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()

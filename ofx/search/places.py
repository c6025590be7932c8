"""What a person typed → which place is meant."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import CharField, Lookup, Q
from django.db.models.functions import Length

from ofx.core.prepared import fetch
from ofx.search.statements import CODES_BETWEEN, PLACE
from partners.coverage.normalise import BadPlace, PlaceCode, display, normalise
from partners.models import Address, Place

LAST_CODE = "ZZZZZZZZZZZZ"
MOST_CANDIDATES = 10
COUNTRY_NAMES = {
    "GB": "United Kingdom",
    "US": "United States",
    "IE": "Ireland",
    "NL": "Netherlands",
    "DE": "Germany",
    "FR": "France",
}
AS_NUMBERED = (Length("text"), "text")  # 2 Sample Street before 10 Sample Street
FIVE_DIGIT_COUNTRIES = {"US", "DE", "FR"}


@CharField.register_lookup
class ILike(Lookup):
    """`text__ilike="%High%"`: Django's icontains folds case by UPPER(), which the trigram index does not serve."""

    lookup_name = "ilike"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """`column ILIKE pattern`."""
        left, values = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", (*values, *more)


class UnknownPlace(LookupError):
    """The place is well formed but not among the places we hold; `suggestions` are codes close to it."""

    def __init__(self, reason: str, field_name: str = "postcode", suggestions: list[dict[str, Any]] | None = None):
        super().__init__(reason)
        self.field = field_name
        self.suggestions = suggestions or []


class AmbiguousAddress(ValueError):
    """Several addresses fit the text; `candidates` lists at most ten of them."""

    def __init__(self, reason: str, candidates: list[dict[str, Any]]):
        super().__init__(reason)
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class Spot:
    """One place, or one address in it. `keys` are the keys of the place's known addresses (at most 2,000)."""

    id: int
    country: str
    code: str
    outcode: str
    sector: str
    lat: float | None
    lon: float | None
    district: str
    live: bool | None
    keys: list[str] = field(default_factory=list)
    address: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """What the API and the page call `place`."""
        at = self.address or {}
        return {
            "id": self.id,
            "country": self.country,
            "postcode": self.code,
            "display": display(self.country, self.code),
            "district": self.district,
            "lat": at.get("lat") or self.lat,
            "lon": at.get("lon") or self.lon,
            "live": self.live,
            "addresses": len(self.keys),
            "address": self.address,
        }


@dataclass(frozen=True, slots=True)
class Typed:
    """How a text from the search box was read: `kind` is postcode, area, uprn or address."""

    kind: str
    country: str
    text: str


def read(text: str, country: str, guess: bool = True) -> Typed:
    """Guess what a text is. `country` is tried first; with `guess` also those whose forms give them away."""
    text = " ".join(text.split())
    if guess and re.fullmatch(r"\d{5}(-\d{4})?", text):
        return Typed("postcode", country if country in FIVE_DIGIT_COUNTRIES and len(text) == 5 else "US", text)
    if re.fullmatch(r"\d{6,12}", text) and not (country == "US" and len(text) == 9):
        return Typed("uprn", country, text)
    for other in dict.fromkeys((country, "GB", "IE", "NL") if guess else (country,)):
        if other in COUNTRY_NAMES and (kind := _code_kind(other, text)):
            return Typed(kind, other, text)
    return Typed("address", country, text)


def _code_kind(country: str, text: str) -> str:
    try:
        code = normalise(country, text)
    except BadPlace:
        return ""
    return "postcode" if code.kind == "postcode" else "area"


def spot_of_code(country: str, code: str, field_name: str = "postcode") -> Spot:
    """The place of a normalised code. Raises UnknownPlace."""
    rows = fetch(PLACE, (country, code))
    if not rows:
        raise unknown(country, code, field_name)
    return Spot(*rows[0])


def unknown(country: str, code: str, field_name: str = "postcode") -> UnknownPlace:
    """The refusal of a code that is well formed but not held, with codes close to it."""
    name = COUNTRY_NAMES.get(country, country)
    return UnknownPlace(f"We do not know {display(country, code)} ({name}).", field_name, close(country, code))


def close(country: str, code: str) -> list[dict[str, Any]]:
    """Up to five existing codes that share the longest beginning with this one (did you mean …)."""
    for length in range(len(code) - 1, 1, -1):
        found = codes_from(country, code[:length], 5)
        if found:
            return found
    return []


def codes_from(country: str, prefix: str, most: int) -> list[dict[str, Any]]:
    """Places whose code begins with the prefix, in order."""
    rows = fetch(CODES_BETWEEN, (country, prefix, prefix + LAST_CODE, most))
    return [
        {"id": row[0], "postcode": row[1], "display": display(country, row[1]), "district": row[2], "country": country}
        for row in rows
    ]


def spot_of_postcode(country: str, text: str) -> Spot:
    """The place of a postcode as people write it. Raises BadPlace or UnknownPlace."""
    found = code_of(country, text)
    return spot_of_code(found.country, found.code)


def code_of(country: str, text: str) -> PlaceCode:
    """The whole postcode that a text means. Raises BadPlace."""
    return normalise(country, text, kind="postcode" if country == "GB" else "")


def spot_of_uprn(country: str, text: str) -> Spot:
    """The address with this national id. Raises BadPlace where it cannot be one, UnknownPlace where we hold none."""
    plain = re.sub(r"[\s-]", "", text)
    if country == "GB" and not re.fullmatch(r"\d{1,12}", plain):
        raise BadPlace("A UPRN is a number of up to 12 digits. Example: 100023336956.")
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", plain):
        raise BadPlace("The address id may hold up to 40 letters and digits.")
    spellings = {plain, plain.lstrip("0") or "0", plain.zfill(12)}
    row = Address.objects.filter(country=country, uprn__in=spellings).order_by("pk").first()
    if row is None:
        raise UnknownPlace(f"No address with the UPRN {plain} is known.", "uprn")
    return spot_of_address(row, "uprn")


def spot_of_address(row: Address, field_name: str = "address") -> Spot:
    """The place of an address, narrowed to it."""
    spot = spot_of_code(row.country, row.postcode, field_name)
    known = {"id": row.pk, "text": row.text, "uprn": row.uprn, "key": row.key, "lat": row.lat, "lon": row.lon}
    return replace(spot, address=known)


CODE_AT_END = {
    "GB": re.compile(r"^(.*?)[\s,]*\b([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})$", re.I),
    "US": re.compile(r"^(.*?)[\s,]*\b([0-9]{5})(?:-[0-9]{4})?$"),
}


def split_address(country: str, text: str) -> tuple[str, PlaceCode | None]:
    """An address text without the postcode at its end, and that postcode."""
    match = CODE_AT_END[country].match(text) if country in CODE_AT_END else None
    if not match:
        return text, None
    try:
        return match[1].strip(" ,"), normalise(country, match[2])
    except BadPlace:
        return text, None


def find_addresses(country: str, text: str, most: int = MOST_CANDIDATES, postcode: str = "") -> list[Address]:
    """Known addresses that begin with the text, else hold all its words, else are spelt much like it.

    `postcode`: only those of this code; else a code at the end of the text is taken for one.
    """
    text = " ".join(text.split())[:250]
    rows = Address.objects.filter(country=country)
    if postcode:
        rows = rows.filter(postcode=postcode)
    if len(text) < 3:
        return []
    begun = list(rows.filter(text__ilike=f"{_escaped(text)}%").order_by(*AS_NUMBERED)[:most])
    if begun:
        return begun
    body, code = split_address(country, text)
    if code and not postcode:
        rows = rows.filter(postcode=code.code)
    words = [word for word in re.split(r"[\s,]+", body) if word]
    fit = Q()
    for word in words[:8]:
        fit &= Q(text__ilike=f"%{_escaped(word)}%")
    found = list(rows.filter(fit).order_by(*AS_NUMBERED)[:most])
    return found or list(rows.filter(text__trigram_word_similar=body).order_by(*AS_NUMBERED)[:most] if body else [])


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def spot_of_text(country: str, text: str, postcode: str = "") -> Spot:
    """The one address that a text means, of a postcode where one is given; the postcode where we know no address there.

    Raises BadPlace for less than three characters, UnknownPlace, AmbiguousAddress.
    """
    text = text.strip()
    if len(text) < 3:
        raise BadPlace("At least three characters of the address are needed. Example: 10 Downing Street.")
    known = code_of(country, postcode).code if postcode else ""
    found = find_addresses(country, text, MOST_CANDIDATES + 1, known)
    same = [row for row in found if row.text.casefold() == " ".join(text.split()).casefold()]
    if len(same or found) == 1:
        return spot_of_address((same or found)[0])
    if found:
        candidates = [entry(row) for row in found[:MOST_CANDIDATES]]
        raise AmbiguousAddress("Several addresses fit: choose one of the candidates.", candidates)
    named = split_address(country, text)[1]
    code = known or (named.code if named else "")
    if code and not Address.objects.filter(country=country, postcode=code).exists():
        return spot_of_code(country, code, "address")
    raise UnknownPlace("No known address fits this text. Try its postcode.", "address")


def entry(row: Address) -> dict[str, Any]:
    """An address as a suggestion or candidate."""
    return {
        "id": row.pk,
        "text": row.text,
        "uprn": row.uprn,
        "postcode": row.postcode,
        "display": display(row.country, row.postcode),
        "country": row.country,
    }


def place_of(spot: Spot) -> Place:
    """The model row of a spot."""
    return Place.objects.get(pk=spot.id)

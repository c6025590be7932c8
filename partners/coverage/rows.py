"""One row of a file → one row of a footprint, or the reason why not.

Most of a file's rows share their technology, status, speeds and dates: what was made of such a tail is remembered, so
that a row costs little more than reading its postcode.
"""

import hashlib
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from partners.coverage.columns import BY_KEY, CONSTANT, Mapping
from partners.coverage.normalise import BadPlace, PlaceCode, normalise
from partners.coverage.reading import Unreadable

TECHNOLOGIES = {
    "FTTP": ("fttp", "ftth", "fibre to the premises", "full fibre", "fiber", "fibre", "gpon", "xgspon", "gea fttp"),
    "FTTC": ("fttc", "sogea", "vdsl", "gea fttc", "fibre to the cabinet"),
    "EAD": ("ead", "ethernet", "ethernet access", "ethernet access direct", "eth"),
    "DFA": ("dfa", "dark fibre", "dark fiber", "dark fibre access", "dfx"),
}
STATUSES = {
    "live": ("", "live", "available", "rfs", "ready", "ready for service", "active", "yes", "y", "in service", "lit"),
    "planned": ("planned", "plan", "future", "proposed", "p", "w p"),
    "build": ("build", "in build", "building", "under construction", "in progress", "under build"),
}
_TECHNOLOGY = {word: code for code, words in TECHNOLOGIES.items() for word in words}
_STATUS = {word: code for code, words in STATUSES.items() for word in words}
_UPRN = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-]{0,39}")
_FAST_GB = re.compile(r"[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-Z]?[0-9][ABD-HJLNP-UW-Z]{2}")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%Y/%m/%d")
_US_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%b %d %Y", "%Y/%m/%d")
CURRENCIES = {"GB": "GBP", "US": "USD"}
MOST_TAILS = 20_000
TAIL = (
    "provider", "technology", "status", "available_from", "down_mbps", "up_mbps", "lead_days", "product", "monthly",
    "one_off", "currency",
)  # fmt: skip


class Rejected(ValueError):
    """The row is not taken; `str(error)` is the reason."""


class Offer(NamedTuple):
    """A product that a row offers, as the file words it."""

    name: str
    technology: str
    down_mbps: float | None
    up_mbps: float | None
    lead_days: int | None
    monthly: Decimal
    one_off: Decimal
    currency: str


class Premises(NamedTuple):
    """An address of the file, in the order of the COPY into Address."""

    country: str
    uprn: str
    key: str
    postcode: str
    text: str
    lat: float | None
    lon: float | None


class RowReader:
    """Compiled once for a file. `footprint_of(provider)` and `offering_of(provider, offer)` answer with ids."""

    def __init__(
        self,
        *,
        header: list[str],
        mapping: Mapping,
        country: str,
        footprint_of: Callable[[str], int],
        offering_of: Callable[[str, Offer], int],
    ) -> None:
        self.country = country
        self.footprint_of, self.offering_of = footprint_of, offering_of
        at = {ours: header.index(name) for ours, name in mapping.items() if not name.startswith(CONSTANT)}
        self.at = at
        self.constants = {ours: name[1:].strip() for ours, name in mapping.items() if name.startswith(CONSTANT)}
        self.tail_keys = [key for key in TAIL if key in at]
        self.tail_at = [at[key] for key in self.tail_keys]
        self.least = max(at.values(), default=-1) + 1
        self.place_only = at.get("postcode") if not at.keys() & {"uprn", "address", "sector", "outcode"} else None
        self.tails: dict[tuple[str, ...], tuple[int, str]] = {}
        self.premises: dict[str, Premises] = {}

    def line(self, cells: list[str]) -> str:
        """The row as a line of COPY, without its newline. Raises Rejected. A new address is put into `premises`."""
        if len(cells) < self.least:
            raise Rejected(self._why_short(cells))
        raw = tuple([cells[i] for i in self.tail_at])
        tail = self.tails.get(raw)
        if tail is None:
            tail = self._remember(raw)
        if self.place_only is not None and self.country == "GB":
            code = cells[self.place_only].replace(" ", "").upper()
            if _FAST_GB.fullmatch(code):
                return f"{tail[0]}\tGB\tpostcode\t{code}\t{tail[1]}"
        level, key = self._place(cells)
        return f"{tail[0]}\t{self.country}\t{level}\t{key}\t{tail[1]}"

    def _why_short(self, cells: list[str]) -> str:
        if isinstance(cells, Unreadable):
            return Unreadable.why
        return f"The row has {len(cells)} columns, {self.least} are needed."

    # -- where ---------------------------------------------------------------------------------------------------
    def _place(self, cells: list[str]) -> tuple[str, str]:
        get = {name: cells[i].strip() for name, i in self.at.items() if name not in TAIL}
        for name, text in get.items():
            refuse_formula(text, name)
        postcode = get.get("postcode", "")
        if get.get("uprn") or get.get("address"):
            return "premises", self._premises(get, postcode)
        try:
            for kind in ("sector", "outcode"):
                if get.get(kind) and not postcode:
                    return kind, normalise(self.country, get[kind], kind).code
            place = normalise(self.country, postcode)
        except BadPlace as error:
            raise Rejected(str(error)) from None
        return place.kind, place.code

    def _premises(self, get: dict[str, str], postcode: str) -> str:
        uprn, text = get.get("uprn", ""), " ".join(get.get("address", "").split())
        if uprn and not _UPRN.fullmatch(uprn):
            raise Rejected(f"“{uprn[:40]}” is not a premises id: letters, digits and hyphens only.")
        if not text:
            return uprn
        place = self._postcode(postcode)
        key = uprn or address_key(place.country, place.code, text)
        if key not in self.premises:
            lat, lon = degrees(get.get("lat", ""), 90, "latitude"), degrees(get.get("lon", ""), 180, "longitude")
            shown = text.replace("\x00", "")[:250]
            self.premises[key] = Premises(place.country, uprn, key, place.code, shown, lat, lon)
        return key

    def _postcode(self, text: str) -> PlaceCode:
        try:
            place = normalise(self.country, text, "postcode")
        except BadPlace as error:
            raise Rejected(str(error)) from None
        if place.kind != "postcode":
            raise Rejected(f"“{text[:20]}” is not a whole postcode; an address needs one.")
        return place

    # -- what ----------------------------------------------------------------------------------------------------
    def _remember(self, raw: tuple[str, ...]) -> tuple[int, str]:
        if len(self.tails) >= MOST_TAILS:
            self.tails.clear()
        tail = self._tail({**self.constants, **dict(zip(self.tail_keys, raw, strict=True))})
        self.tails[raw] = tail
        return tail

    def _tail(self, given: dict[str, str]) -> tuple[int, str]:
        """Id of the footprint, and the columns from technology to offering as COPY text."""
        given = {name: " ".join(text.split()) for name, text in given.items()}
        for name, text in given.items():
            refuse_formula(text, name)
        product, provider = given.get("product", ""), given.get("provider", "")
        technology = technology_of(given.get("technology", ""), needed=not self._is_offer(given))
        status = status_of(given.get("status", ""))
        available = date_of(given.get("available_from", ""), self.country)
        down, up = speed(given.get("down_mbps", ""), "download"), speed(given.get("up_mbps", ""), "upload")
        lead = whole(given.get("lead_days", ""))
        offering = None
        footprint = self.footprint_of(provider)
        if self._is_offer(given):
            monthly, once = money(given.get("monthly", "")), money(given.get("one_off", ""))
            currency = currency_of(given.get("currency", ""), self.country)
            name = (product or provider or technology)[:120]
            offer = Offer(name, technology, down, up, lead, monthly, once, currency)
            offering = self.offering_of(provider, offer)
        cells = (technology, status, available, down, up, lead, offering)
        return footprint, "\t".join("\\N" if cell is None else str(cell) for cell in cells)

    def _is_offer(self, given: dict[str, str]) -> bool:
        return "product" in self.at or "product" in self.constants


def refuse_formula(text: str, name: str) -> None:
    """A formula is not evaluated. Raises Rejected."""
    if text.startswith(("=", "@")) or (text.startswith("+") and not text[1:2].isdigit()):
        raise Rejected(f"{BY_KEY[name].label} holds a formula ({text[:30]}); write the value itself.")


@lru_cache(maxsize=65_536)
def address_key(country: str, code: str, text: str) -> str:
    """The key of an address without a national id: a digest of country, postcode and the text's letters and digits."""
    plain = re.sub(r"[^0-9a-z]+", " ", text.casefold()).strip()
    return hashlib.sha256(f"{country}|{code}|{plain}".encode()).hexdigest()[:40]


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def technology_of(text: str, *, needed: bool) -> str:
    """A known technology's code, or the text as it is, upper case. Raises Rejected where needed and empty."""
    if not text:
        if needed:
            raise Rejected("The technology is empty. Example: FTTP.")
        return ""
    known = _TECHNOLOGY.get(_words(text))
    if known:
        return known
    plain = re.sub(r"[^A-Z0-9 ./+\-]", "", text.upper())
    if not plain or len(plain) > 20:
        raise Rejected(f"“{text[:30]}” is too long for a technology (20 characters). Example: FTTP.")
    return plain


def status_of(text: str) -> str:
    """live, planned or build. Raises Rejected."""
    found = _STATUS.get(_words(text))
    if found is None:
        raise Rejected(f"“{text[:30]}” is not a status. Use live, planned or build.")
    return found


def date_of(text: str, country: str) -> date | None:
    """A date as ISO or as the country writes it. Raises Rejected."""
    if not text:
        return None
    for pattern in _US_DATES if country == "US" else _DATES:
        try:
            day = datetime.strptime(text.replace(",", "")[:20].removesuffix(" 00:00:00"), pattern).date()
        except ValueError:
            continue
        if 1990 <= day.year <= 2100:
            return day
    raise Rejected(f"“{text[:30]}” is not a date. Example: 2027-03-31.")


def _float(text: str) -> float | None:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def speed(text: str, which: str) -> float | None:
    """Mbit/s from `900`, `900 Mbps` or `1.8 Gbit/s`. Raises Rejected for anything else, or below zero."""
    if not text:
        return None
    match = re.fullmatch(r"([\-+0-9.,eE]+)\s*(?:([mgk])(?:bit/?s|bps|b/s|b)?)?", text.strip(), re.IGNORECASE)
    value = _float(match[1]) if match else None
    if match is None or value is None:
        raise Rejected(f"The {which} speed “{text[:20]}” is not a number of Mbit/s.")
    value *= {"g": 1000.0, "k": 0.001}.get((match[2] or "m").lower(), 1.0)
    if not 0 <= value <= 1_000_000:
        raise Rejected(f"The {which} speed {text[:20]} is out of range: 0 to 1,000,000 Mbit/s.")
    return value


def whole(text: str) -> int | None:
    """Working days. Raises Rejected outside 0 to 1,000."""
    if not text:
        return None
    value = _float(text)
    if value is None or value != int(value) or not 0 <= value <= 1000:
        raise Rejected(f"The lead time “{text[:20]}” is not a whole number of working days (0 to 1,000).")
    return int(value)


def money(text: str) -> Decimal:
    """An amount; empty is zero. Raises Rejected for anything that is no amount, or below zero."""
    plain = re.sub(r"[£$€,\s]", "", text)
    try:
        value = Decimal(plain or "0")
    except InvalidOperation:
        raise Rejected(f"The price “{text[:20]}” is not an amount. Example: 24.50.") from None
    if not value.is_finite() or not 0 <= value < 100_000_000:
        raise Rejected(f"The price “{text[:20]}” is out of range.")
    return value.quantize(Decimal("0.01"))


def currency_of(text: str, country: str) -> str:
    """Three letters; the country's own where empty. Raises Rejected."""
    code = text.upper() or CURRENCIES.get(country, "EUR")
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Rejected(f"“{text[:10]}” is not a currency. Example: GBP.")
    return code


def degrees(text: str, most: float, which: str) -> float | None:
    """A coordinate, empty is unknown. Raises Rejected out of range."""
    if not text:
        return None
    value = _float(text)
    if value is None or abs(value) > most:
        raise Rejected(f"The {which} “{text[:20]}” is not a number of degrees.")
    return value

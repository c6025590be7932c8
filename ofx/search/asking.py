"""What the search box was asked, as the page needs it: a spot, or what to do next."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from ofx.core.models import Organisation
from ofx.search.places import (
    COUNTRY_NAMES,
    AmbiguousAddress,
    Spot,
    UnknownPlace,
    codes_from,
    read,
    spot_of_postcode,
    spot_of_text,
    spot_of_uprn,
)
from ofx.search.queries import spot_by_id
from partners.coverage.normalise import BadPlace, country_code, normalise

MOST_IN_AREA = 60


@dataclass(slots=True)
class Asked:
    """`spot` where one place or address is meant; else `problem` in words, and places or addresses to choose from."""

    text: str = ""
    country: str = ""
    spot: Spot | None = None
    problem: str = ""
    hint: str = ""
    places: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)


def ask(data: QueryDict, organisation: Organisation) -> Asked:
    """Read `q`, `country`, `place` and `address` of a request. Never raises: what is wrong is in `problem`."""
    text = " ".join(data.get("q", "").replace("\x00", "").split())[:250]
    chosen = _country(data.get("country", ""))
    asked = Asked(text=text, country=chosen)
    if number(data.get("place")) or number(data.get("address")):
        return _by_id(asked, number(data.get("place")), number(data.get("address")))
    if text:
        _by_text(asked, chosen or organisation.country, guess=not chosen)
    return asked


def number(text: str | None) -> int:
    """A row's id from a URL; 0 where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _country(text: str) -> str:
    try:
        return country_code(text) if text else ""
    except BadPlace:
        return ""


def _by_id(asked: Asked, place_id: int, address_id: int) -> Asked:
    try:
        asked.spot = spot_by_id(place_id, address_id or None)
    except UnknownPlace as error:
        asked.problem = str(error)
    return asked


def _by_text(asked: Asked, country: str, guess: bool) -> None:
    typed = read(asked.text, country, guess=guess)
    asked.country = typed.country
    try:
        if typed.kind == "area":
            _area(asked, typed.country)
        elif typed.kind == "uprn":
            asked.spot = spot_of_uprn(typed.country, typed.text)
        elif typed.kind == "postcode":
            asked.spot = spot_of_postcode(typed.country, typed.text)
        else:
            asked.spot = spot_of_text(typed.country, typed.text)
    except AmbiguousAddress as error:
        asked.problem, asked.addresses = "Which address is it?", error.candidates
    except UnknownPlace as error:
        asked.problem, asked.places = str(error), error.suggestions
        asked.hint = _hint(typed.country, asked.text) if typed.kind == "address" else ""
    except BadPlace as error:
        asked.problem = str(error)


def _area(asked: Asked, country: str) -> None:
    code = normalise(country, asked.text)
    asked.places = codes_from(country, code.code, MOST_IN_AREA)
    name = COUNTRY_NAMES.get(country, country)
    asked.problem = f"{code.code} is the first part of a postcode: choose a whole one."
    if not asked.places:
        asked.problem = f"No postcode of {name} begins with {code.code}."


def _hint(country: str, text: str) -> str:
    """What is wrong with a text that may have been meant as a postcode: short, with a digit."""
    if len(text) > 10 or not any(character.isdigit() for character in text):
        return ""
    try:
        normalise(country, text)
    except BadPlace as error:
        return str(error)
    return ""

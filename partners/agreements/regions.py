"""Where an agreement holds: whole countries, areas (GB postcode areas, US states) or outcodes (GB outcodes, US ZIP3).

A region is a short code: `GB`, `GB:SW`, `GB:SW1A`, `US`, `US:VA`, `US:222`. No region at all means everywhere.
"""

import re
from collections.abc import Iterable

from partners.coverage.normalise import BadPlace, country_code, normalise
from partners.reach.areas import GB_AREAS, US_STATES, area_name, area_of

MOST = 500
_ZIP3 = re.compile(r"[0-9]{3}")
_OTHER = re.compile(r"[0-9A-Z]{1,8}")


class BadRegion(ValueError):
    """A text is no region; `str(error)` says what is wrong and what would do."""


def read_regions(text: str, country: str) -> list[str]:
    """Regions as people write them, separated by commas or lines: `SW, M1, US:VA`. Without a country: `country`.

    Raises BadRegion for the first that makes no sense.
    """
    words = [word for word in re.split(r"[,;\n]+", text) if word.strip()]
    if len(words) > MOST:
        raise BadRegion(f"{len(words)} regions are too many: {MOST} at most. Name areas or the whole country instead.")
    return list(dict.fromkeys(_region(" ".join(word.split()), country) for word in words))


def _region(word: str, country: str) -> str:
    head, colon, tail = word.partition(":")
    if colon:
        try:
            country = country_code(head)
        except BadPlace as error:
            raise BadRegion(str(error)) from None
    elif word.upper() in {country, "UK", "GB", "US", "USA"} and word.upper() not in GB_AREAS:
        return country_code(word)
    code = (tail if colon else word).replace(" ", "").upper()
    return f"{country}:{_part(country, code, word)}" if code else country


def _part(country: str, code: str, word: str) -> str:
    if country == "GB":
        return _british(code, word)
    if country == "US":
        if code in US_STATES or _ZIP3.fullmatch(code):
            return code
        raise BadRegion(
            f"“{word[:20]}” is neither a US state nor the first three digits of ZIP codes. Example: VA, 222."
        )
    if _OTHER.fullmatch(code):
        return code
    raise BadRegion(f"“{word[:20]}” is not the beginning of a postcode of {country}.")


def _british(code: str, word: str) -> str:
    if code in GB_AREAS:
        return code
    try:
        place = normalise("GB", code, "outcode")
    except BadPlace:
        place = None
    if place is None or place.kind != "outcode":
        raise BadRegion(f"“{word[:20]}” is neither a postcode area (SW) nor an outcode (SW1A). Write GB for all of it.")
    return place.code


def within(regions: Iterable[str], country: str, outcode: str, district: str = "") -> bool:
    """Whether a place lies in one of the regions. `district` tells the state of a US place."""
    held = set(regions)
    if not held:
        return True
    names = {country, f"{country}:{outcode}", f"{country}:{area_of(country, outcode, district)}"}
    return bool(held & names)


def region_name(region: str) -> str:
    """A region for people: `SW (London SW)`, `SW1A`, `all of GB`."""
    country, colon, code = region.partition(":")
    if not colon:
        return f"all of {country}"
    name = area_name(country, code)
    return f"{code} ({name})" if name else code


def in_words(regions: Iterable[str]) -> str:
    """All regions in a line."""
    return ", ".join(map(region_name, regions)) or "everywhere it serves"


def as_text(regions: Iterable[str], country: str) -> str:
    """Regions as a form's field shows them; the form's own country is left out."""
    return ", ".join(region.removeprefix(f"{country}:") for region in regions)

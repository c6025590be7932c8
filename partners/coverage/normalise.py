"""One form for every postcode: a normaliser per country, and a free one for the rest.

`normalise(country, text)` takes what people and files write (any case, any spacing) and gives the form that
Place, Address and FootprintRow are keyed by. GB's shape is the postcode pattern of BS 7666.
"""

import re
import unicodedata
from dataclasses import dataclass

POSTCODE, SECTOR, OUTCODE = "postcode", "sector", "outcode"


class BadPlace(ValueError):
    """The text is no postcode of that country; `str(error)` is a sentence for people, with an example."""


@dataclass(frozen=True, slots=True)
class PlaceCode:
    """A normalised place code. `kind` is postcode, sector or outcode, the words of FootprintRow.level."""

    country: str
    code: str
    outcode: str
    sector: str
    kind: str = POSTCODE


_SEPARATORS = re.compile(r"[\s.\-_]+")
_OUT = r"(?:[A-PR-UWYZ][A-HK-Y]?[0-9]{1,2}|[A-PR-UWYZ][A-HK-Y]?[0-9][A-Z]|NPT)"
_GB_FULL = re.compile(rf"({_OUT})([0-9])[ABD-HJLNP-UW-Z]{{2}}")
_GB_SECTOR = re.compile(rf"({_OUT})([0-9])")
_GB_OUTCODE = re.compile(_OUT)
_US = re.compile(r"([0-9]{5})(?:[0-9]{4})?")
_IE = re.compile(r"([AC-FHKNPRTV-Y][0-9]{2}|D6W)([0-9AC-FHKNPRTV-Y]{4})?")
_NL = re.compile(r"([1-9][0-9]{3})((?!SA|SD|SS)[A-Z]{2})?")
_DE = re.compile(r"(0[1-9]|[1-9][0-9])[0-9]{3}")
_FR = re.compile(r"(0[1-9]|[1-8][0-9]|9[0-5]|97[1-8]|98[0-9])[0-9]{2,3}")
_ALIASES = {"UK": "GB", "USA": "US", "EI": "IE"}
EXAMPLES = {"GB": "SW1A 1AA", "US": "22201", "IE": "D02 AF30", "NL": "1012 AB", "DE": "10115", "FR": "75001"}


def country_code(text: str) -> str:
    """ISO 3166 alpha-2, upper case (UK means GB). Raises BadPlace for anything else."""
    code = text.strip().upper()
    code = _ALIASES.get(code, code)
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise BadPlace(f"“{text[:20]}” is not a country code. Two letters are needed, for example GB or US.")
    return code


def normalise(country: str, text: str, kind: str = "") -> PlaceCode:
    """The place code that a text means in a country. Raises BadPlace with a sentence on what is wrong.

    `kind` (postcode, sector, outcode) settles GB texts that could be two things: `M11` is the outcode M11
    unless a sector is asked for; `M1 1`, with its space, is always the sector.
    """
    country = country_code(country)
    shown = unicodedata.normalize("NFKC", text or "").strip()
    compact = _SEPARATORS.sub("", shown).upper()
    if not compact:
        raise BadPlace(f"The postcode is empty. {_example(country)}".strip())
    if not (compact.isascii() and compact.isalnum()) or len(compact) > 12:
        raise BadPlace(f"“{_short(shown)}” is not a postcode: letters and digits only. {_example(country)}".strip())
    if country == "GB":
        return _gb(compact, shown, kind)
    return _COUNTRIES.get(country, _free)(country, compact, shown)


def display(country: str, code: str, kind: str = POSTCODE) -> str:
    """A normalised code as people write it: `SW1A 1AA`, `1012 AB`, `D02 AF30`."""
    if country == "GB" and kind == SECTOR:
        return f"{code[:-1]} {code[-1:]}"
    if kind != POSTCODE:
        return code
    if country == "GB" and len(code) >= 5 and (_GB_FULL.fullmatch(code) or code == "GIR0AA"):
        return f"{code[:-3]} {code[-3:]}"
    if country == "NL" and len(code) == 6:
        return f"{code[:4]} {code[4:]}"
    if country == "IE" and len(code) == 7:
        return f"{code[:3]} {code[3:]}"
    return code


def _example(country: str) -> str:
    example = EXAMPLES.get(country)
    return f"Example: {example}." if example else ""


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"


def _gb(compact: str, shown: str, kind: str) -> PlaceCode:
    if full := _GB_FULL.fullmatch(compact):
        return PlaceCode("GB", compact, full[1], full[1] + full[2])
    if compact == "GIR0AA":
        return PlaceCode("GB", compact, "GIR", "GIR0")
    sector = _GB_SECTOR.fullmatch(compact)
    spaced = bool(sector) and re.fullmatch(r"\S+\s+[0-9]", shown) is not None
    outcode = _GB_OUTCODE.fullmatch(compact) and kind != SECTOR and not spaced
    if outcode and kind != POSTCODE:
        return PlaceCode("GB", compact, compact, compact, OUTCODE)
    if sector and kind in {"", SECTOR}:
        return PlaceCode("GB", compact, sector[1], compact, SECTOR)
    raise BadPlace(_gb_complaint(compact, shown))


def _gb_complaint(compact: str, shown: str) -> str:
    """Say what is wrong with a text that is no GB postcode."""
    if compact.startswith("BFPO"):
        return "A BFPO number is a forces address, not a postcode. Use its postcode, such as BF1 2AW."
    if guess := _gb_guess(compact):
        return f"“{_short(shown)}” is not a UK postcode. Did you mean {display('GB', guess)}?"
    if compact.isdigit():
        return f"“{_short(shown)}” holds digits only: UK postcodes begin with a letter. Example: SW1A 1AA."
    if _GB_OUTCODE.fullmatch(compact) or _GB_SECTOR.fullmatch(compact):
        return f"“{_short(shown)}” is only the first part of a UK postcode. Example of a whole one: SW1A 1AA."
    if len(compact) > 7:
        return f"“{_short(shown)}” is too long for a UK postcode (at most 7 characters). Example: SW1A 1AA."
    return f"“{_short(shown)}” is not a UK postcode. Example: SW1A 1AA."


def _gb_guess(compact: str) -> str:
    """The postcode meant where O and 0, I and 1 or l were confused; empty where that does not help."""
    if not 5 <= len(compact) <= 7:
        return ""
    digit = str.maketrans("OIL", "011")
    letter = str.maketrans("01", "OI")
    head, unit = compact[:-3], compact[-3].translate(digit) + compact[-2:].translate(letter)
    heads = {head, head[:1] + head[1:].translate(digit)}
    heads |= {head[:2].translate(letter) + head[2:].translate(digit)}
    found = sorted(code for out in heads if _GB_FULL.fullmatch(code := out + unit) and code != compact)
    return found[0] if found else ""


def _us(country: str, compact: str, shown: str) -> PlaceCode:
    """ZIP, ZIP+4 (its first five digits are the place) or the first three digits of a ZIP."""
    if match := _US.fullmatch(compact):
        return PlaceCode(country, match[1], match[1][:3], match[1])
    if len(compact) == 3 and compact.isdigit():
        return PlaceCode(country, compact, compact, compact, OUTCODE)
    if len(compact) == 4 and compact.isdigit():
        raise BadPlace(f"“{shown}” has four digits, a ZIP code five: was a leading zero lost (0{compact})?")
    raise BadPlace(f"“{_short(shown)}” is not a ZIP code: five digits, or nine for ZIP+4. Example: 22201.")


def _ie(country: str, compact: str, shown: str) -> PlaceCode:
    match = _IE.fullmatch(compact)
    if not match:
        raise BadPlace(f"“{_short(shown)}” is not an Eircode: seven letters and digits. Example: D02 AF30.")
    return PlaceCode(country, compact, match[1], compact, POSTCODE if match[2] else OUTCODE)


def _nl(country: str, compact: str, shown: str) -> PlaceCode:
    match = _NL.fullmatch(compact)
    if not match:
        raise BadPlace(f"“{_short(shown)}” is no Dutch postcode: four digits, two letters. Example: 1012 AB.")
    return PlaceCode(country, compact, match[1], compact, POSTCODE if match[2] else OUTCODE)


def _de(country: str, compact: str, shown: str) -> PlaceCode:
    match = _DE.fullmatch(compact)
    if not match:
        raise BadPlace(f"“{_short(shown)}” is not a German postcode: five digits from 01001. Example: 10115.")
    return PlaceCode(country, compact, match[1], compact)


def _fr(country: str, compact: str, shown: str) -> PlaceCode:
    match = _FR.fullmatch(compact)
    if not match or len(compact) != 5:
        raise BadPlace(f"“{_short(shown)}” is not a French postcode: five digits. Example: 75001.")
    return PlaceCode(country, compact, match[1], compact)


def _free(country: str, compact: str, shown: str) -> PlaceCode:
    """Any other country: letters and digits as they are; the first three characters stand for the area."""
    return PlaceCode(country, compact, compact[:3], compact)


_COUNTRIES = {"US": _us, "IE": _ie, "NL": _nl, "DE": _de, "FR": _fr}

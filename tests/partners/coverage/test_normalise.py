"""One form for every postcode."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.coverage.normalise import EXAMPLES, BadPlace, PlaceCode, display, normalise

OUTCODES = st.one_of(
    st.from_regex(r"[A-PR-UWYZ][0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[A-PR-UWYZ][A-HK-Y][0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[A-PR-UWYZ][0-9][A-HJKPSTUW]", fullmatch=True),
    st.from_regex(r"[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY]", fullmatch=True),
)
FULL = st.builds(str.__add__, OUTCODES, st.from_regex(r"[0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True))
VALID = {
    "GB": FULL,
    "US": st.from_regex(r"[0-9]{5}([0-9]{4})?", fullmatch=True),
    "IE": st.from_regex(r"([AC-FHKNPRTV-Y][0-9]{2}|D6W)[0-9AC-FHKNPRTV-Y]{4}", fullmatch=True),
    "NL": st.from_regex(r"[1-9][0-9]{3}(A[A-Z]|T[A-Z])", fullmatch=True),
    "DE": st.from_regex(r"[1-9][0-9]{4}", fullmatch=True),
    "FR": st.from_regex(r"[1-8][0-9]{4}", fullmatch=True),
    "ES": st.from_regex(r"[0-9]{5}", fullmatch=True),
}


@st.composite
def written(draw: Any) -> tuple[str, str, str]:
    """(country, a valid code, the same as somebody may write it: any case, any spacing)."""
    country = draw(st.sampled_from(sorted(VALID)))
    code = draw(VALID[country])
    gaps = draw(st.lists(st.sampled_from(["", " ", "  ", "-", "\t"]), min_size=len(code), max_size=len(code)))
    cased = "".join(char.lower() if draw(st.booleans()) else char for char in code)
    return country, code, f" {''.join(a + b for a, b in zip(cased, gaps, strict=True))} "


@given(written())
def test_any_case_and_spacing_gives_the_same_code(case: tuple[str, str, str]) -> None:
    country, code, text = case
    assert normalise(country, text) == normalise(country, code)


@given(written())
def test_normalising_twice_changes_nothing(case: tuple[str, str, str]) -> None:
    country, _, text = case
    once = normalise(country, text)
    assert normalise(country, once.code) == once
    assert normalise(country, display(country, once.code)) == once


@given(st.sampled_from([*sorted(VALID), "JP"]), st.text(max_size=30))
def test_no_text_does_worse_than_bad_place(country: str, text: str) -> None:
    try:
        place = normalise(country, text)
    except BadPlace as error:
        said = str(error)
    else:
        said = "."
        assert len(place.code) <= 12
        assert set(place.code) <= set(string.ascii_uppercase + string.digits)
    assert said.endswith((".", "?"))


@given(FULL)
def test_a_gb_postcode_lies_in_its_sector_and_outcode(code: str) -> None:
    place = normalise("GB", code)
    assert (place.outcode, place.sector) == (code[:-3], code[:-2])
    assert display("GB", place.code) == f"{code[:-3]} {code[-3:]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sw1a1aa", PlaceCode("GB", "SW1A1AA", "SW1A", "SW1A1", "postcode")),
        ("SW1A", PlaceCode("GB", "SW1A", "SW1A", "SW1A", "outcode")),
        ("sw1a 1", PlaceCode("GB", "SW1A1", "SW1A", "SW1A1", "sector")),
        ("M1 1", PlaceCode("GB", "M11", "M1", "M11", "sector")),
        ("M11", PlaceCode("GB", "M11", "M11", "M11", "outcode")),
        ("gir 0aa", PlaceCode("GB", "GIR0AA", "GIR", "GIR0", "postcode")),
        ("BF1 2AW", PlaceCode("GB", "BF12AW", "BF1", "BF12", "postcode")),
        ("ＳＷ１Ａ　１ＡＡ", PlaceCode("GB", "SW1A1AA", "SW1A", "SW1A1", "postcode")),
    ],
)
def test_gb_forms(text: str, expected: PlaceCode) -> None:
    assert normalise("GB", text) == expected


def test_a_sector_is_a_sector_where_one_is_asked_for() -> None:
    assert normalise("GB", "M11", "sector").kind == "sector"
    with pytest.raises(BadPlace, match="only the first part"):
        normalise("GB", "M11", "postcode")


def test_zip_plus_four_lies_at_its_zip() -> None:
    assert normalise("us", "22201-1234") == normalise("US", "22201")


def test_uk_means_gb() -> None:
    assert normalise("uk", "M1 1AE").country == "GB"


@pytest.mark.parametrize(
    ("country", "text", "says"),
    [
        ("GB", "", "empty"),
        ("GB", "SWIA 1AA", "Did you mean SW1A 1AA?"),
        ("GB", "BFPO 801", "BFPO"),
        ("GB", "12345", "begin with a letter"),
        ("GB", "SW1A 1AAX", "too long"),
        ("GB", "SW1A 1A!", "letters and digits"),
        ("US", "2134", "leading zero"),
        ("US", "2220A", "five digits"),
        ("NL", "0999 AB", "Dutch"),
        ("DE", "00123", "German"),
        ("FR", "99000", "French"),
        ("Narnia", "1", "two letters"),
    ],
)
def test_what_is_wrong_is_said(country: str, text: str, says: str) -> None:
    with pytest.raises(BadPlace, match="(?i)" + says.replace("?", r"\?")):
        normalise(country, text)


@pytest.mark.parametrize("country", sorted(EXAMPLES))
def test_every_example_that_we_show_is_valid(country: str) -> None:
    assert normalise(country, EXAMPLES[country]).kind == "postcode"

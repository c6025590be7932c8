"""The e-mail/CSV partner's lines, both ways."""

from datetime import date
from typing import Any

import pytest

from partners.connectors.base import Unreadable
from partners.connectors.email.parse import records
from partners.connectors.email.thread import key_of, message_id, thread_id
from partners.connectors.email.written import csv_text
from partners.mapping.base import Unmappable
from partners.mapping.dialects import MAPPINGS
from partners.mapping.mail import COLUMNS
from tests.partners.mapping.test_tmf import outbound

HEAD = "our_key,partner_ref,sequence,issued_at,update_type,reason_code,committed_date,target_date,text"
UPLOAD = {"kind": "upload"}


def lines(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows]).encode()


def news(row: str) -> Any:
    [record] = records(lines(row), UPLOAD)
    [made] = MAPPINGS["mailtel"].inbound(record).news
    return made


def test_a_line_becomes_news_with_reason_and_dates() -> None:
    made = news("OFX-1,MT-000001,4,2026-03-02T09:00:00Z,DELAY,DUCT_BLOCKED,2026-03-16,2026-03-23,Duct blocked")
    assert (made.update_type, made.reason, made.raw_reason) == ("DELAY", "DUCT_BLOCKAGE_CIVILS", "DUCT_BLOCKED")
    assert made.target_date == date(2026, 3, 23)
    assert (made.our_key, made.external_id, made.sequence) == ("OFX-1", "MT-000001", 4)


def test_a_charge_is_read_out_of_the_text() -> None:
    text = "Construction charge of GBP 1250.00 awaits your consent"
    made = news(f"OFX-1,MT-000001,4,2026-03-02T09:00:00Z,INFORMATION_REQUIRED,COST_ISSUE,,,{text}")
    assert made.update_type == "CHARGE_RAISED"
    assert (made.charge["amount"], made.charge["currency"]) == ("1250.00", "GBP")


def test_an_unknown_word_is_kept_and_reported() -> None:
    made = news("OFX-1,MT-000001,4,2026-03-02T09:00:00Z,SOMETHING,SUNSPOTS,,,Who knows")
    assert (made.update_type, made.reason) == ("UPDATE", "OTHER")
    assert made.unmapped == ("update_type SOMETHING", "reason SUNSPOTS")


@pytest.mark.parametrize(
    ("word", "reason", "outcome"),
    [
        ("TERMINATED", "INVALID_REQUEST", "rejected"),
        ("TERMINATED", "COST_ISSUE", "cancelled"),
        ("COMPLETED", "", "completed"),
    ],
)
def test_an_end_says_how_it_ended(word: str, reason: str, outcome: str) -> None:
    assert news(f"OFX-1,MT-1,9,2026-03-02T09:00:00Z,{word},{reason},,,x").outcome == outcome


@pytest.mark.parametrize(
    "row",
    [
        "OFX-1,MT-1,nine,2026-03-02T09:00:00Z,UPDATE,,,,x",
        "OFX-1,MT-1,9,yesterday,UPDATE,,,,x",
        "OFX-1,MT-1,9,2026-03-02T09:00:00Z,COMMITTED,,soon,,x",
        "OFX-1,MT-1,9,,UPDATE,,,,x",
        "OFX-1,MT-1,9,2026-03-02T09:00:00Z,,,,,x",
    ],
)
def test_a_wrong_cell_is_refused_by_name(row: str) -> None:
    [record] = records(lines(row), UPLOAD)
    with pytest.raises(Unmappable, match=r"sequence|issued_at|committed_date|update_type"):
        MAPPINGS["mailtel"].inbound(record)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "lacks the column"),
        (b"a,b\n1,2", "lacks the column update_type, issued_at; it has a, b"),
        (b"update_type,issued_at\nx,y", "our_key or partner_ref"),
        (HEAD.encode() + b'\n"' + b"x" * 200_000, "cannot be read"),
    ],
)
def test_a_file_that_is_not_theirs_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        records(raw, UPLOAD)


def test_latin_1_and_byte_order_marks_are_read() -> None:
    assert records(b"\xef\xbb\xbf" + lines("K,R,1,2026-03-02T09:00:00Z,UPDATE,,,,x"), UPLOAD)[0].our_key == "K"
    row = "K,R,1,2026-03-02T09:00:00Z,UPDATE,,,,café"
    assert records((HEAD + "\n" + row).encode("latin-1"), UPLOAD)[0].data["text"] == "café"


def test_formulas_are_made_harmless_on_the_way_out() -> None:
    order = outbound(address='=HYPERLINK("http://x")', access_notes="+44 call\n=1+1", contact_name="@sum")
    wire = MAPPINGS["mailtel"].outbound("create", order)
    text = csv_text(COLUMNS, wire["rows"])
    assert "'=HYPERLINK" in text
    assert "'+44 call =1+1" in text
    assert "'@sum" in text
    assert len(text.strip().splitlines()) == 2


def test_the_thread_names_our_key() -> None:
    assert key_of(f"{message_id('OFX-000123-1.77')} <other@example.com>") == "OFX-000123-1"
    assert key_of(thread_id("OFX/12.3")) == "OFX/12.3"
    assert key_of("<other@example.com>") == ""


def test_follow_ups_use_the_partners_reference_and_consent_stands_in_the_notes() -> None:
    mapping = MAPPINGS["mailtel"]
    [row] = mapping.outbound("answer", outbound(external_id="MT-1", changes={"response": "declined"}))["rows"]
    assert (row["action"], row["partner_ref"], row["notes"]) == ("amend", "MT-1", "charge decline")
    [row] = mapping.outbound("cancel", outbound(reason="Moved away"))["rows"]
    assert (row["action"], row["notes"]) == ("cancel", "Moved away")
    with pytest.raises(Unmappable):
        mapping.outbound("create", outbound(items=outbound().items * 2))

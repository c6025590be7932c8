"""Answers by file: looked at first, row by row, nothing lost, and the same file twice is one."""

import io
import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ofx.core.clock import now
from ofx.orders.models import Fact, Order
from partners.models import Contact
from tests.conftest import operator, person, signed_in
from tests.ofx.orders.conftest import part
from tests.portal.partner.conftest import told
from tests.portal.partner.test_links import DESK, url

SOON = (now() + timedelta(days=20)).date().isoformat()
LATER = (now() + timedelta(days=30)).date().isoformat()


@pytest.fixture
def olga(shop: SimpleNamespace) -> Any:
    return shop.client("olga")


def look(client: Any, content: bytes | str, name: str = "answers.csv") -> Any:
    """Send a file to be looked at."""
    data = content.encode() if isinstance(content, str) else content
    return client.post("/partner/answers/", {"file": SimpleUploadedFile(name, data)})


def send(client: Any, page: Any) -> str:
    """Press the button of the look; the page after it."""
    found = re.search(r'name="packed" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()[-3000:]
    done = client.post("/partner/answers/send/", {"packed": found[1]})
    assert done.status_code == 200
    return str(done.content.decode())


def test_the_list_goes_down_is_filled_in_and_comes_back(order_for: Any, olga: Any) -> None:
    first, second = order_for(), order_for()
    body = b"".join(olga.get("/partner/to-answer.csv").streaming_content).decode("utf-8-sig")
    head, *lines = body.splitlines()
    assert head.startswith("our_key,provider,action,product")
    names = head.split(",")
    filled = [line.split(",") for line in lines]
    assert [cells[0] for cells in filled] == [part(first).our_key, part(second).our_key]
    address = names.index("address")
    for cells in filled:  # the address holds a comma, quoted
        cells[address : address + 2] = [",".join(cells[address : address + 2])]
    filled[0][names.index("answer")], filled[0][names.index("date")] = "commit", SOON
    page = look(olga, "\n".join([head, *(",".join(cells) for cells in filled)]))
    assert "1 to send" in page.content.decode()
    assert told(first) == []
    assert "1 given" in send(olga, page)
    assert told(first) == ["ACKNOWLEDGED", "COMMITTED"]
    assert told(second) == []


def test_a_bad_row_is_named_and_loses_nothing_of_the_others(order_for: Any, olga: Any) -> None:
    orders = [order_for() for _ in range(4)]
    keys = [part(order).our_key for order in orders]
    rows = [
        f"{keys[0]},accept,,,,R-1",
        f"{keys[1]},commit,31/12/2026,,,",
        f"{keys[2]},resume,,,,",
        "OFX-9-nothing,done,,,,",
        f"{keys[3]},delay,{LATER},NOT_A_REASON,,",
        f"{keys[3]},,,,,",
    ]
    page = look(olga, "our_key,answer,date,reason,text,reference\n" + "\n".join(rows))
    html = page.content.decode()
    problems = ("YYYY-MM-DD", "Nothing is on hold.", "no order with the key", "reason NOT_A_REASON")
    for words in ("1 to send", "4 with a problem", *problems):
        assert words in html, words
    assert "1 given" in send(olga, page)
    assert [told(order) for order in orders] == [["ACKNOWLEDGED"], [], [], []]


def test_the_same_file_twice_does_nothing_more_even_after_other_news(order_for: Any, olga: Any, say: Any) -> None:
    order = order_for()
    file = f"our_key,answer,date,reason,text\n{part(order).our_key},hold,,CAPACITY,No ports"
    page = look(olga, file)
    assert "1 given" in send(olga, page)
    say(order, "resume", 2)
    assert "1 given before" in look(olga, file).content.decode()
    assert "1 given before" in send(olga, page)  # the old look, sent again
    assert told(order) == ["ACKNOWLEDGED", "DELAY", "RESUMED"]
    again = f"our_key,answer,date,reason,text,told\n{part(order).our_key},hold,,CAPACITY,No ports,second time"
    assert "1 given" in send(olga, look(olga, again))


def test_a_workbook_is_read_as_well(order_for: Any, olga: Any) -> None:
    order = order_for()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Our key", "Answer", "Date"])
    sheet.append([part(order).our_key, "Committed", date.fromisoformat(SOON)])
    out = io.BytesIO()
    book.save(out)
    assert "1 given" in send(olga, look(olga, out.getvalue(), "answers.xlsx"))
    assert part(order).committed_date.isoformat() == SOON


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("hello", "lacks the column our_key and answer"),
        ("our_key,date\nx,2026-01-01", "lacks the column answer"),
        ("our_key,answer\nx,\n", "No row holds an answer"),
        ("our_key,answer\n" + "x,done\n" * 501, "more than 500 answers"),
        (b"\xd0\xcf\x11\xe0 old excel", "old Excel"),
        (b"PK\x03\x04 broken", "damaged"),
        ("our_key,answer\n" + "\x00" * 50, "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(olga: Any, content: Any, words: str) -> None:
    page = look(olga, content)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_a_look_that_was_tampered_with_or_is_anothers_sends_nothing(
    shop: SimpleNamespace, order_for: Any, olga: Any
) -> None:
    order = order_for()
    page = look(olga, f"our_key,answer\n{part(order).our_key},done")
    packed = re.search(r'name="packed" value="([^"]+)"', page.content.decode())[1]
    colleague = signed_in(person("otto@example.com", shop.north.organisation, "fulfilment"))
    for client, value in ((olga, packed[:-2] + "xx"), (colleague, packed), (olga, "")):
        assert client.post("/partner/answers/send/", {"packed": value}).status_code == 422
    assert told(order) == []


def test_another_operators_rows_are_unknown_to_us(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for()
    sid = signed_in(person("sid@example.com", operator("strangenet").organisation, "fulfilment"))
    page = look(sid, f"our_key,answer\n{part(order).our_key},done")
    assert "no order with the key" in page.content.decode()
    assert told(order) == []


def test_link_api_portal_and_csv_make_one_story(shop: SimpleNamespace, order_for: Any, olga: Any) -> None:
    """An operator moves from one door to another with no change of process."""
    Contact.objects.create(operator=shop.north, purpose="orders", name="Desk", email=DESK)
    order: Order = order_for()
    key = part(order).our_key
    assert Client().post(url(order, "acknowledge"), {"reference": "NF-1"}).status_code == 200
    assert shop.api("olga").post(f"/api/v1/partner/orders/{key}/commit/", {"date": SOON}).status_code == 200
    assert olga.post(f"/partner/orders/{key}/delay/", {"date": LATER, "reason": "CAPACITY"}).status_code == 302
    assert "1 given" in send(olga, look(olga, "reference,answer\nNF-1,done"))
    row = part(order)
    assert (row.state, row.partner_ref, row.icdd.isoformat(), row.target_date.isoformat()) == (
        "accepted", "NF-1", SOON, LATER,
    )  # fmt: skip
    facts = Fact.objects.filter(partner_order=row, source="partner").order_by("pk")
    assert list(facts.values_list("update_type", "data__channel")) == [
        ("ACKNOWLEDGED", "link"), ("COMMITTED", "api"), ("DELAY", "portal"), ("COMPLETED", "csv"),
    ]  # fmt: skip
    story = olga.get(f"/partner/orders/{key}/").content.decode()
    for door in ("link in a mail", "API", "portal", "CSV"):
        assert door in story
    alices = shop.client("alice").get(f"/orders/{order.reference}/").content.decode()
    assert "Committed (KCI2)" in alices
    for door in ("link in a mail", "partner portal", "API", "file"):
        assert door in alices, door

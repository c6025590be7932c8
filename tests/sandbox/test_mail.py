import csv
import email
import email.policy
import io
import smtplib
import time
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sandbox.process import Running
from tests.sandbox.conftest import wait_for

HEADER = "our_key,action,product,postcode,address,contact,requested_date,notes,partner_ref\r\n"


def _send(running: Running, table: bytes | str, message_id: str, *, to: str = "") -> None:
    address = running.config.partner("mailtel").address
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "orders@ofx.example", address, message_id
    message.set_content("orders attached")
    content = table.encode() if isinstance(table, str) else table
    message.add_attachment(content, maintype="text", subtype="csv", filename="orders.csv")
    with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as client:
        client.send_message(message, to_addrs=[to or address])


def _order(running: Running, key: str, scenario: str = "clean", message_id: str = "") -> None:
    row = f"{key},add,Fibre 500,SW1A 1AA,1 Invented Street,Ann Invented,,[scenario:{scenario}],\r\n"
    _send(running, HEADER + row, message_id or f"<{key}@ofx.example>")


def _mails(running: Running) -> list[EmailMessage]:
    folder = running.mailbox / "new"
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
    return [_parsed(path) for path in files]


@cache
def _parsed(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _rows(running: Running, key: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for mail in _mails(running):
        for part in mail.iter_attachments():
            table = csv.DictReader(io.StringIO(part.get_content()))
            found += [row for row in table if row["our_key"] == key]
    return found


def _until(running: Running, key: str, update: str) -> dict[str, Any]:
    def find() -> dict[str, str] | None:
        return next((row for row in _rows(running, key) if row["update_type"] == update), None)

    return wait_for(find)


def test_an_order_by_mail_is_answered_by_mails_until_it_is_completed(running: Running) -> None:
    _order(running, "post-1", "delay")
    _until(running, "post-1", "COMPLETED")
    wait_for(lambda: {r["sequence"] for r in _rows(running, "post-1")} == {str(n) for n in range(1, 10)})
    by_sequence = {row["sequence"]: row for row in _rows(running, "post-1")}
    words = [by_sequence[str(n)]["update_type"] for n in range(1, 10)]
    assert words[:2] == ["RECEIVED", "ACKNOWLEDGED"]
    assert words[3:6] == ["COMMITTED", "DELAY", "RESUMED"]
    delay = by_sequence["5"]
    assert delay["reason_code"]
    assert delay["target_date"] > delay["committed_date"] > "2020"
    assert delay["partner_ref"].startswith("MT-")


def test_an_answer_keeps_the_thread_and_says_that_it_is_simulated(running: Running) -> None:
    _order(running, "thread", "silence", "<thread-id@ofx.example>")
    _until(running, "thread", "ACKNOWLEDGED")
    mail = next(m for m in _mails(running) if m["In-Reply-To"] == "<thread-id@ofx.example>")
    assert mail["To"] == "orders@ofx.example"
    assert mail["From"] == '"Mailtel (simulated)" <orders@mailtel.example>'
    assert mail["Message-ID"].endswith("@mailtel.example>")
    assert mail["X-OFX-Simulated"] == "yes"


def test_mails_are_repeated_and_reordered_when_asked(running: Running) -> None:
    running.control("faults", {"partner": "mailtel", "repeat": 0.6, "reorder": 0.6})
    for number in range(4):
        _order(running, f"mess-{number}", "delay")
    for number in range(4):
        _until(running, f"mess-{number}", "COMPLETED")
    wait_for(lambda: all(len({r["sequence"] for r in _rows(running, f"mess-{n}")}) == 9 for n in range(4)))
    running.control("faults", {"partner": "mailtel"})
    told = [[int(row["sequence"]) for row in _rows(running, f"mess-{n}")] for n in range(4)]
    assert any(len(sequences) > 9 for sequences in told)
    assert any(sequences != sorted(sequences) for sequences in told)


def test_the_same_message_id_is_worked_once_and_the_same_key_in_another_mail_twice(running: Running) -> None:
    for _ in range(2):
        _order(running, "mail-twice", "silence", "<once@ofx.example>")
    assert len(running.orders("mailtel", external_id="mail-twice")) == 1
    outcomes = [e["outcome"] for e in running.journal("mailtel", kind="mail_in", external_id="mail-twice")]
    assert outcomes == ["taken", "duplicate"]
    _order(running, "mail-twice", "silence", "<another@ofx.example>")
    assert len(running.orders("mailtel", external_id="mail-twice")) == 2


@pytest.mark.parametrize(
    ("table", "key", "named"),
    [
        (HEADER + "bad-1,buy,F,SW1A 1AA,,,,,\r\n", "bad-1", "action"),
        (HEADER + "bad-2,add,,SW1A 1AA,,,,,\r\n", "bad-2", "product"),
        (HEADER + "bad-3,add,F,SW1A 1AA,,,tomorrow,,\r\n", "bad-3", "requested_date"),
        (HEADER + "bad-4,cancel,,,,,,,\r\n", "bad-4", "our_key"),
        (HEADER + '"bad\n5",dance,,,,,,,\r\n', "bad\n5", "action"),
        (HEADER + "bad-6,add,F,SW1A 1AA,,,9999-01-01,,\r\n", "bad-6", "requested_date"),
        (HEADER + f"bad-7,add,{'x' * 140_000},,,,,,\r\n", "", "no CSV"),
        ("x" * 140_000, "", "no CSV"),
        ("key;action\r\nbad;add\r\n", "", "our_key is missing"),
        (b"\xff\xfe\x00", "", "UTF-8"),
        (HEADER, "", "no row"),
    ],
)
def test_a_row_or_table_that_cannot_be_worked_is_answered_by_an_error_row(
    running: Running, table: str | bytes, key: str, named: str
) -> None:
    before = len(running.orders("mailtel"))
    _send(running, table, f"<bad-{time.time_ns()}@ofx.example>")
    errors = wait_for(lambda: [r for r in _rows(running, key) if r["update_type"] == "ERROR" and named in r["text"]])
    assert errors
    assert len(running.orders("mailtel")) == before


def test_one_mail_may_hold_many_rows_and_a_bad_one_stops_no_other(running: Running) -> None:
    rows = "".join(f"many-{n},add,Fibre,SW1A 1AA,,,,[scenario:silence],\r\n" for n in range(3))
    _send(running, HEADER + rows + "many-x,dance,,,,,,,\r\n", "<many@ofx.example>")
    assert [len(running.orders("mailtel", external_id=f"many-{n}")) for n in range(3)] == [1, 1, 1]
    _until(running, "many-x", "ERROR")


def test_a_cancel_by_mail_is_done(running: Running) -> None:
    _order(running, "mail-cancel", "silence")
    ref = running.orders("mailtel", external_id="mail-cancel")[0]["id"]
    _send(running, HEADER + f"mail-cancel,cancel,,,,,,,{ref}\r\n", "<cancel@ofx.example>")
    _until(running, "mail-cancel", "CANCELLED")


def test_a_date_is_amended_by_mail(running: Running) -> None:
    _order(running, "mail-amend", "silence")
    _send(running, HEADER + "mail-amend,amend,,,,,2099-01-05,,\r\n", "<amend@ofx.example>")
    _until(running, "mail-amend", "AMENDED")


def test_a_charge_is_accepted_by_mail(running: Running) -> None:
    running.control("clock", {"partner": "mailtel", "factor": 0.1})
    running.control("faults", {"partner": "mailtel", "repeat": 0, "reorder": 0})
    _order(running, "mail-charge", "excess_charge")
    asked = _until(running, "mail-charge", "INFORMATION_REQUIRED")
    assert asked["reason_code"] == "COST_ISSUE"
    _send(running, HEADER + "mail-charge,amend,,,,,,charge accept,\r\n", "<consent@ofx.example>")
    running.control("clock", {"partner": "mailtel", "factor": 1})
    running.control("faults", {"partner": "mailtel"})
    _until(running, "mail-charge", "COMPLETED")


def test_smtp_plays_the_faults_too(running: Running) -> None:
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            _order(running, "smtp-451", "error_5xx")
        assert refused.value.smtp_code == 451
    _order(running, "smtp-451", "error_5xx")
    assert len(running.orders("mailtel", external_id="smtp-451")) == 1
    with pytest.raises((smtplib.SMTPException, OSError)):
        _order(running, "smtp-reset", "reset_after_commit")
    assert len(running.orders("mailtel", external_id="smtp-reset")) == 1


def test_mail_to_anybody_else_is_kept_and_makes_no_order(running: Running) -> None:
    before = len(running.orders("mailtel"))
    _send(running, HEADER, "<other@ofx.example>", to="cara@example.com")
    kept = list((running.home / "mailbox" / "other" / "new").iterdir())
    assert len(kept) == 1
    assert len(running.orders("mailtel")) == before

"""Faults by mail: a letter with a table, answers in words or rows, notices of planned works. Pure, and over SMTP."""

from email.message import EmailMessage
from typing import Any

import pytest

from partners.connectors.base import Job
from partners.connectors.email import parse
from partners.connectors.email.letter import letter
from partners.connectors.email.thread import key_of
from partners.mapping.base import ParsedRecord, Unmappable
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket
from partners.mapping.dialects import mapping_for

MAPPING = mapping_for("mailtel", "email", "ticket")
FAULT = OutboundTicket(
    our_key="FLT-7.1", reference="FLT-7", title="No connection", description="Dead since Monday",
    severity="significant", impact="down", service_ref="MT-17",
    characteristics={"ONT_POWER": "yes"}, provider_name="Brightwave",
    portal_url="http://localhost/partner/faults/FLT-7.1/",
)  # fmt: skip


def mail(text: str, **headers: str) -> bytes:
    """A mail from the partner."""
    made = EmailMessage()
    given = {"From": "Mona <desk@mailtel.example>", "Date": "Mon, 02 Mar 2026 10:00:00 +0000", "Message-ID": "<1@m>"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes()


def job(verb: str, given: Any, entity: str = "ticket") -> Job:
    """A delivery by mail."""
    return Job(verb, mapping_for("", "email", entity).outbound(verb, given), given.our_key, "", "FLT-7.1.5", entity)


def told(text: str, **headers: str) -> Any:
    """The one piece of news of a reply."""
    headers = {"Subject": "Re: Fault [FLT-7.1] No connection"} | headers
    [record] = parse.records(mail(text, **headers), {"kind": "mail"})
    assert record.reference == "FLT-7.1"
    return MAPPING.inbound(record).news[0]


def test_the_letter_says_what_it_is_and_how_to_answer() -> None:
    made = letter(job("create", FAULT), "desk@mailtel.example", "<m@x>")
    assert made.subject == "Fault [FLT-7.1] No connection"
    assert "Ont power: yes" in made.body
    assert "QUESTION: what you need from us" in made.body
    name, content, kind = made.attachments[0]
    assert (name, kind) == ("fault.csv", "text/csv")
    assert str(content).splitlines()[0].startswith("our_key,action,reference,title")
    assert key_of(made.extra_headers["References"]) == "FLT-7.1"


@pytest.mark.parametrize("verb", ["note", "answer", "cancel", "close", "reopen", "status"])
def test_every_command_has_a_letter(verb: str) -> None:
    given = OutboundTicket(our_key="K-1", reference="R", title="T", text="Hello", state="resolved")
    assert "Hello" in letter(job(verb, given), "a@b.example", "<m@x>").body


def test_a_file_travels_as_an_attachment() -> None:
    given = OutboundTicket(our_key="K-1", reference="R", title="T", attachment={"name": "a.txt", "base64": "aGk="})
    assert letter(job("attach", given), "a@b.example", "<m@x>", csv=False).attachments[0][:2] == ("a.txt", b"hi")


def test_an_outage_is_told_as_one() -> None:
    given = OutboundProblem(our_key="OUT-1.2", reference="OUT-1", title="Exchange dark", service_refs=("MT-1", "MT-2"))
    made = letter(job("create", given, "problem"), "a@b.example", "<m@x>")
    assert made.subject == "Outage [OUT-1.2] Exchange dark"
    assert "Services: MT-1 MT-2" in made.body


@pytest.mark.parametrize(
    ("text", "kind", "state", "said", "number"),
    [
        ("ACKNOWLEDGED: MT-991", "STATE", "acknowledged", "MT-991", "MT-991"),
        ("resolved: spliced anew\n\nMona\n> quoted", "RESOLVED", "resolved", "spliced anew\nMona", ""),
        ("In progress: engineer on the way", "STATE", "in_progress", "engineer on the way", ""),
        ("HELD: waiting for parts", "STATE", "held", "waiting for parts", ""),
        ("When is the customer at home?", "QUESTION", "pending", "When is the customer at home?", ""),
        ("We had a look, more tomorrow.", "NOTE", "", "We had a look, more tomorrow.", ""),
        ("Hello: this is no word of ours", "NOTE", "", "Hello: this is no word of ours", ""),
    ],
)
def test_a_reply_in_words_is_understood(text: str, kind: str, state: str, said: str, number: str) -> None:
    news = told(text)
    assert (news.update_type, news.state, news.text, news.partner_ref) == (kind, state, said, number)


def test_the_quoted_letter_is_not_taken_for_an_answer() -> None:
    text = "Thanks.\n\nOn Mon, 2 Mar 2026 at 10:00, Brightwave wrote:\n> QUESTION: what you need from us?"
    assert (told(text).update_type, told(text).text) == ("NOTE", "Thanks.")
    with pytest.raises(Unmappable, match="no words of its own"):
        told("> only the letter again")


def test_rows_of_a_file_are_understood_and_unknown_words_are_drift() -> None:
    rows = {"our_key": "FLT-7.1", "issued_at": "2026-03-02T10:00:00Z", "text": "done", "sequence": "3"}
    news = MAPPING.inbound(ParsedRecord("row", rows | {"update_type": "Resolved", "clear_code": "C1"})).news[0]
    assert (news.update_type, news.clear_code, news.fix) == ("RESOLVED", "C1", "done")
    found = MAPPING.inbound(ParsedRecord("row", rows | {"update_type": "PONDERED"}))
    assert (found.news[0].update_type, found.unmapped) == ("NOTE", ["update_type PONDERED"])


def test_planned_works_are_known_by_calendar_or_subject_but_not_inside_a_thread_of_ours() -> None:
    [record] = parse.records(mail("See you.", Subject="Planned works notification MW-77"), {"kind": "mail"})
    assert (record.kind, record.data["calendar"]) == ("maintenance", False)
    [reply] = parse.records(mail("ok", Subject="Re: Planned maintenance [FLT-7.1]"), {"kind": "mail"})
    assert reply.kind == "words"
    made = EmailMessage()
    made["Subject"], made["From"] = "MW-77", "works@mailtel.example"
    made.set_content("BEGIN:VCALENDAR", subtype="calendar")
    [record] = parse.records(made.as_bytes(), {"kind": "mail"})
    assert (record.kind, record.data["calendar"], record.data["sender"]) == (
        "maintenance",
        True,
        "works@mailtel.example",
    )


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"Subject: =?x?q?\n\n?", b"Content-Type: text/plain; charset=nope\n\nx"]
)
def test_hostile_mails_are_read_without_harm(raw: bytes) -> None:
    [record] = parse.records(raw, {"kind": "mail"})
    assert record.kind == "words"

"""Mail with customers: out in a thread, back into it, and to a person where it fits nowhere."""

import mailbox as maildir
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.actions import publish
from ofx.core.mail.models import Mail
from tests.ofx.orders.conftest import run_events
from tests.ticketing.tickets.conftest import AT, apply, raised, told
from ticketing.tickets import actions, mailbox
from ticketing.tickets.actions.desk_mail import A_SENDER, settle_mail, take_mail
from ticketing.tickets.mail_letter import READ, TEXT, new_words, read
from ticketing.tickets.mail_thread import address, token
from ticketing.tickets.models import ServiceTest, Ticket, TicketMail

CONTACT = {"name": "Paula Placeholder", "phone": "", "email": "paula@example.com"}
Fault = Callable[..., Ticket]


def letter(text: str = "The red one", **headers: str) -> bytes:
    """A mail to Brightwave's desk."""
    mail = EmailMessage()
    given = {"From": "Paula <paula@example.com>", "To": address("brightwave"), "Message-ID": "<1@example.com>"}
    for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.fixture
def asked(desk: SimpleNamespace, fault: Fault) -> Ticket:
    """A ticket whose contact was asked by mail which light is on."""
    ticket = fault(contact=CONTACT)
    actions.add_note(
        ticket=ticket, actor=desk.alice, at=AT, text="Which light is on?", audience="customer", is_question=True
    )
    run_events()
    return ticket


def test_a_note_to_the_customer_goes_out_once_with_the_token_and_a_thread(desk: Any, asked: Ticket) -> None:
    actions.add_note(ticket=asked, actor=desk.alice, at=AT, text="for us only")
    actions.add_note(ticket=asked, actor=desk.alice, at=AT, text="We wait for you", audience="customer")
    run_events()
    run_events()
    first, second = Mail.objects.order_by("pk")
    assert first.to == "paula@example.com"
    assert first.subject.startswith(token(asked))
    assert "Which light is on?" in first.text
    assert first.headers["Reply-To"] == address("brightwave")
    assert second.headers["In-Reply-To"] == first.headers["Message-ID"]
    assert first.headers["Message-ID"] in second.headers["References"]
    assert TicketMail.objects.filter(direction="out", ticket=asked).count() == 2


def test_an_answer_to_our_mail_answers_the_question_once(asked: Ticket) -> None:
    sent = TicketMail.objects.get(direction="out")
    raw = letter(
        "The red one\n\nOn Mon, 1 Jun 2026, Brightwave wrote:\n> Which light is on?", In_Reply_To=sent.message_id
    )
    for _ in range(2):
        mail = take_mail(raw=raw, at=AT)
    assert mail is not None
    assert mail.ticket == asked
    asked.refresh_from_db()
    note = asked.notes.get(channel="email")
    assert (note.text, note.author) == ("The red one", "customer")
    assert asked.holder == "us"
    assert not asked.notes.filter(is_question=True, answered_at=None).exists()


def test_the_signed_token_in_the_subject_is_enough_but_a_bare_reference_is_not(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    mail = take_mail(raw=letter(Subject=f"RE: {token(ticket)} again"), at=AT)
    assert mail is not None
    assert mail.ticket == ticket
    mail = take_mail(raw=letter(Subject=f"about {ticket.reference}", Message_ID="<2@example.com>"), at=AT)
    assert mail is not None
    assert (mail.ticket, mail.suggested) == (None, ticket)


def test_a_stranger_with_our_token_waits_for_a_person(asked: Ticket) -> None:
    sent = TicketMail.objects.get(direction="out")
    mail = take_mail(raw=letter(From="Zed <zed@example.com>", In_Reply_To=sent.message_id), at=AT)
    assert mail is not None
    assert (mail.ticket, mail.suggested) == (None, asked)
    assert "not known" in mail.why
    assert asked.notes.filter(channel="email").count() == 0


def test_mails_of_machines_are_kept_and_stay_quiet(asked: Ticket) -> None:
    sent = TicketMail.objects.get(direction="out")
    kinds: list[dict[str, str]] = [
        {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}, {"List_Id": "<l.example>"},
        {"From": "MAILER-DAEMON@example.com"}, {"Return_Path": "<>"},
    ]  # fmt: skip
    for number, headers in enumerate(kinds):
        raw = letter("I am away", In_Reply_To=sent.message_id, Message_ID=f"<auto{number}@example.com>", **headers)
        mail = take_mail(raw=raw, at=AT)
        assert mail is not None
        assert mail.automatic, headers
        assert mail.settled_at == AT
    assert asked.notes.filter(channel="email").count() == 0
    asked.refresh_from_db()
    assert asked.holder == "end_customer"


def test_a_storm_of_mails_of_one_sender_stops_becoming_notes(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    for number in range(A_SENDER + 3):
        take_mail(raw=letter(Subject=token(ticket), Message_ID=f"<{number}@example.com>"), at=AT)
    assert ticket.notes.filter(channel="email").count() == A_SENDER
    assert TicketMail.objects.filter(ticket=None, why__contains="Too many").count() == 3


def test_a_mail_for_nobody_of_ours_is_passed_over_and_another_tenants_token_is_no_key(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    assert take_mail(raw=letter(To="somebody@elsewhere.example"), at=AT) is None
    mail = take_mail(raw=letter(To=address("cobalt"), Subject=token(ticket), Message_ID="<9@example.com>"), at=AT)
    assert mail is not None
    assert (mail.organisation, mail.ticket, mail.suggested) == (desk.cobalt, None, None)


def test_a_person_puts_a_mail_on_a_ticket_opens_one_or_sets_it_aside(desk: Any, fault: Fault) -> None:
    ticket = fault()
    made = [take_mail(raw=letter(f"text {n}", Message_ID=f"<{n}@x>", From="cara@example.com"), at=AT) for n in range(3)]
    put, opened, dropped = [mail for mail in made if mail]
    client = desk.client("alice")
    assert b"Waits for a person" in client.get(f"/tickets/mail/{put.pk}/").content
    client.post(f"/tickets/mail/{put.pk}/settle/", {"do": "put", "ticket": ticket.reference})
    client.post(f"/tickets/mail/{opened.pk}/settle/", {"do": "open", "title": "By mail"})
    client.post(f"/tickets/mail/{dropped.pk}/settle/", {"do": "drop"})
    assert ticket.notes.get().text == "text 0"
    new = Ticket.objects.get(title="By mail")
    assert (new.customer, new.reported_by, new.channel, new.contact_email) == (
        desk.harbour, desk.cara, "email", "cara@example.com",
    )  # fmt: skip
    dropped.refresh_from_db()
    assert dropped.settled_at is not None
    assert settle_mail(mail=opened, actor=desk.alice, at=AT) == new
    assert Ticket.objects.count() == 2


def test_mails_are_taken_from_the_maildir_once(desk: Any, asked: Ticket, settings: Any, tmp_path: Any) -> None:
    settings.MAILBOX_DIR = tmp_path
    sent = TicketMail.objects.get(direction="out")
    box = maildir.Maildir(str(tmp_path / "faults"), create=True)
    box.add(letter(In_Reply_To=sent.message_id))
    box.add(b"\xff\xfe\x00 not a mail at all")
    assert mailbox.take_due(at=AT) == 2
    assert mailbox.take_due(at=AT) == 0
    assert asked.notes.filter(channel="email").count() == 1


def test_a_mail_that_fails_holds_up_no_other_one(
    asked: Ticket, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAILBOX_DIR = tmp_path
    box = maildir.Maildir(str(tmp_path / "faults"), create=True)
    sent = TicketMail.objects.get(direction="out")
    for number, text in enumerate(("\x01\x02", "The red one")):
        box.add(letter(text, In_Reply_To=sent.message_id, Message_ID=f"<{number}@example.com>"))
    box.add(b"poison")

    def take(*, raw: bytes, at: Any) -> Any:
        assert raw != b"poison"
        return take_mail(raw=raw, at=at)

    monkeypatch.setattr(mailbox, "take_mail", take)
    assert mailbox.take_due(at=AT) == 2
    assert mailbox.take_due(at=AT) == 0
    said = sorted(asked.notes.filter(channel="email").values_list("text", flat=True))
    assert said == ["(a mail without words)", "The red one"]


def test_hostile_mails_are_bounded_and_never_fail() -> None:
    endless = read(letter("On " * 60_000))
    assert len(endless.text) <= TEXT
    assert new_words("> quoted\n" * READ) == ""
    html = b"From: a@b.example\nContent-Type: text/html; charset=nonsense\n\n<p>Hello<script>x()</script><br>there"
    assert read(html).text.split() == ["Hello", "there"]
    for raw in (
        b"",
        b"\x00" * 5000,
        b"From: =?utf-8?b?////?=\nSubject: =?x?q?=\n\n",
        b"Content-Type: multipart/mixed\n\n",
    ):
        assert read(raw).message_id


def test_a_partners_question_that_waits_for_the_customer_goes_out_in_the_thread(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT, channel="portal")
    partner = raised(ticket, desk.alice)
    asks = told("QUESTION", text="Is the red light on?", clock_owner="end_customer")
    for _ in range(2):
        apply(partner, asks)
        run_events()
    mail = Mail.objects.get()
    assert "The network's engineers ask:" in mail.text
    assert "Is the red light on?" in mail.text
    assert f"/my/faults/{ticket.reference}/" in mail.text
    assert "Northfibre" not in mail.text
    take_mail(raw=letter("Yes", In_Reply_To=mail.headers["Message-ID"]), at=AT)
    assert not ticket.notes.filter(is_question=True, answered_at=None).exists()


def test_a_question_to_ourselves_is_not_the_customers_mail(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    actions.take(ticket=ticket, actor=desk.alice, at=AT)
    apply(raised(ticket, desk.alice), told("QUESTION", text="Which port?"))
    run_events()
    assert not Mail.objects.exists()


def test_a_fix_asks_once_whether_it_works_and_by_time_it_says_that_it_closed(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    actions.resolve(ticket=ticket, actor=None, at=AT, fix="A splice was renewed")
    run_events()
    first = Mail.objects.get()
    assert "A splice was renewed" in first.text
    assert "Thursday 4 June, 10 am" in first.text
    assert "/fixed/" in first.text
    for _ in range(2):
        actions.close_due(at=AT + timedelta(hours=73))
        run_events()
    last = Mail.objects.order_by("pk").last()
    assert last is not None
    assert "nobody told us that it still fails" in last.text
    assert last.headers["In-Reply-To"] == first.headers["Message-ID"]
    assert Mail.objects.count() == 2


def test_who_has_said_that_it_works_is_told_nothing_more(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    actions.resolve(ticket=ticket, actor=None, at=AT, fix="Renewed")
    actions.confirm(ticket=ticket, actor=None, at=AT)
    run_events()
    assert not Mail.objects.exists()


def test_after_a_partners_fix_the_customer_is_asked_when_the_line_was_tested(desk: Any, fault: Fault) -> None:
    green, red = fault(contact=CONTACT), fault(contact=CONTACT, title="Slow", fault_class="slow_speed")
    for ticket, colour in ((green, "green"), (red, "red")):
        partner = raised(ticket, desk.alice)
        apply(partner, told("RESOLVED", state="resolved", fix="Renewed"))
        run_events()
        assert not Mail.objects.filter(text__contains="/fixed/").exists()
        test = ServiceTest.objects.get(ticket=ticket, why="retest")
        ServiceTest.objects.filter(pk=test.pk).update(state="completed", colour=colour)
        publish(
            "service_test.completed", f"service_test:{test.pk}", at=AT, organisation_id=desk.brightwave.pk,
            test_id=test.pk, ticket_id=ticket.pk, colour=colour,
        )  # fmt: skip
        run_events()
        asked = [mail for mail in Mail.objects.all() if "/fixed/" in mail.text]
        assert len(asked) == (1 if colour == "green" else 0)
        Mail.objects.all().delete()


def test_a_moved_time_is_told_from_what_to_what_and_once(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    partner = raised(ticket, desk.alice)
    first, later = AT + timedelta(days=3), AT + timedelta(days=5)
    for minutes, moment in ((10, first), (20, later), (30, later)):
        apply(partner, told("NOTE", minutes, expected_at=moment))
        run_events()
    texts = [mail.text for mail in Mail.objects.order_by("pk")]
    assert ["We expect it to work again by Thursday 4 June, 10 am." in text for text in texts] == [True, False]
    assert "by Thursday 4 June, 10 am, and now expect Saturday 6 June, 10 am" in texts[1]


def test_without_a_contact_the_customers_own_reporter_is_mailed(desk: Any, fault: Fault) -> None:
    fault(reported_by=desk.cara, customer=desk.harbour)
    ticket = Ticket.objects.get()
    actions.reject(ticket=ticket, actor=desk.alice, at=AT, why="It is another house's line.")
    run_events()
    assert "It is another house's line." in Mail.objects.get(to=desk.cara.email).text


def test_what_a_customer_mails_about_a_fix_is_read_before_it_closes_by_time(desk: Any, fault: Fault) -> None:
    ticket = fault(contact=CONTACT)
    actions.resolve(ticket=ticket, actor=None, at=AT, fix="Renewed")
    run_events()
    mail = Mail.objects.get()
    take_mail(raw=letter("It is as bad as before", In_Reply_To=mail.headers["Message-ID"]), at=AT + timedelta(hours=1))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.holder) == ("resolved", "us")
    assert "Read what the customer wrote" in ticket.next_action
    assert actions.close_due(at=AT + timedelta(hours=80)) == 0
    actions.add_note(ticket=ticket, actor=desk.alice, at=AT + timedelta(hours=81), text="We rang: it works now")
    ticket.refresh_from_db()
    assert ticket.holder == "end_customer"
    assert actions.close_due(at=AT + timedelta(hours=110)) == 1


def post(desk: Any, who: str, raw: bytes, kind: str = "message/rfc822") -> Any:
    """A mail gateway hands a mail over."""
    return desk.api(who).generic("POST", "/api/v1/desk-mail/", raw, content_type=kind)


def test_a_gateway_hands_a_mail_over_once_and_by_whichever_door_it_came(desk: Any, asked: Ticket) -> None:
    raw = letter(In_Reply_To=str(asked.mails.get().message_id))
    first = post(desk, "alice", raw)
    assert (first.status_code, first.data["ticket"], first.data["waiting"]) == (201, asked.reference, False)
    again = post(desk, "alice", raw, "application/octet-stream")
    assert (again.status_code, again.data["ticket"]) == (200, asked.reference)
    take_mail(raw=raw, at=AT)  # the same by the mailbox
    assert asked.notes.filter(text="The red one").count() == 1
    stray = post(desk, "alice", letter(Message_ID="<2@x>", To="help@brightwave.example", Subject="Hello"))
    assert (stray.status_code, stray.data["ticket"], stray.data["waiting"]) == (201, None, True)
    assert TicketMail.objects.get(message_id="<2@x>").organisation == desk.brightwave


def test_what_is_no_mail_too_large_or_anothers_is_refused(desk: Any, asked: Ticket, settings: Any) -> None:
    assert post(desk, "alice", b"").status_code == 400
    assert post(desk, "alice", b"\xff\x00 not a mail").status_code == 400
    assert post(desk, "alice", b"{}", "application/json").status_code == 415
    raw = letter(In_Reply_To=str(asked.mails.get().message_id))
    for who, status in (("bob", 403), ("olga", 403), ("cara", 403), ("ada", 403), ("anonymous", 401)):
        assert post(desk, who, raw).status_code == status, who
    theirs = post(desk, "charlie", raw)  # addressed to Brightwave, brought with Cobalt's token
    assert (theirs.status_code, "To" in theirs.data["fields"]) == (400, True)
    aside = post(desk, "charlie", letter(To="x@cobalt.example", In_Reply_To=str(asked.mails.get().message_id)))
    assert aside.data["ticket"] is None
    settings.INBOUND_MAX_BYTES = 100
    assert post(desk, "alice", raw).status_code == 413
    assert TicketMail.objects.filter(direction="in", organisation=desk.brightwave).count() == 0

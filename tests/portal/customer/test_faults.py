"""A customer's faults in their portal: what they read, answer, confirm and take back."""

from collections.abc import Callable
from types import SimpleNamespace

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ofx.core.clock import now
from ofx.core.models import LogEntry, Membership
from tests.conftest import person, signed_in
from tests.portal.customer.conftest import AT, have_tested
from ticketing.tickets import actions
from ticketing.tickets.answer_link import FixLink, address, signed
from ticketing.tickets.models import Ticket

Reported = Callable[..., Ticket]
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_a_customer_reads_public_words_only(shop: SimpleNamespace, reported: Reported) -> None:
    ticket = reported()
    actions.add_note(ticket=ticket, actor=shop.alice, at=AT, text="She sounds patient")
    actions.add_note(ticket=ticket, actor=shop.alice, at=AT, text="An engineer looks at it", audience="customer")
    page = shop.client("cara").get(f"/my/faults/{ticket.reference}/").content.decode()
    assert "An engineer looks at it" in page
    assert "She sounds patient" not in page
    assert "Northfibre" not in page


def test_a_question_is_on_the_first_page_and_its_answer_ends_the_wait(
    shop: SimpleNamespace, reported: Reported
) -> None:
    ticket, cara = reported(), shop.client("cara")
    actions.take(ticket=ticket, actor=shop.alice, at=AT)
    actions.add_note(
        ticket=ticket, actor=shop.alice, at=AT, text="Which light is on?", audience="customer", is_question=True
    )
    assert "We need an answer from you." in cara.get("/").content.decode()
    assert "Which light is on?" in cara.get(f"/my/faults/{ticket.reference}/").content.decode()
    answer = cara.post(f"/my/faults/{ticket.reference}/write/", {"text": "The red one"})
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.notes.get(is_question=True).answered_at is not None) == ("in_progress", True)
    assert "We need an answer from you." not in cara.get("/").content.decode()


def test_a_photo_comes_with_the_answer_and_only_its_parties_get_it(shop: SimpleNamespace, reported: Reported) -> None:
    ticket, cara = reported(), shop.client("cara")
    photo = SimpleUploadedFile("box.png", PNG, "image/png")
    cara.post(f"/my/faults/{ticket.reference}/write/", {"text": "", "file": photo})
    file = ticket.attachments.get()
    where = f"/my/faults/{ticket.reference}/files/{file.pk}/"
    assert cara.get(where).headers["Content-Disposition"].startswith("attachment")
    assert shop.client("charlie").get(where).status_code == 404
    ticket.attachments.update(audience="internal")
    assert cara.get(where).status_code == 404


def test_a_wrong_file_and_an_empty_message_name_the_field_and_the_fix(
    shop: SimpleNamespace, reported: Reported
) -> None:
    ticket, cara = reported(), shop.client("cara")
    where = f"/my/faults/{ticket.reference}/write/"
    empty = cara.post(where, {"text": ""})
    assert (empty.status_code, "Write something, or add a photo." in empty.content.decode()) == (422, True)
    evil = cara.post(where, {"text": "", "file": SimpleUploadedFile("a.exe", b"MZ\x00", "image/png")})
    assert (evil.status_code, ticket.attachments.count()) == (422, 0)


def test_she_confirms_the_fix_or_says_that_it_still_fails(shop: SimpleNamespace, reported: Reported) -> None:
    cara, fixed, broken = shop.client("cara"), reported(), reported(service=None, title="Slow")
    for ticket in (fixed, broken):
        actions.resolve(ticket=ticket, actor=None, at=now(), fix="A splice was renewed")
    assert cara.get("/").content.decode().count("Does it work again?") == 2
    assert "A splice was renewed" in cara.get(f"/my/faults/{fixed.reference}/").content.decode()
    cara.post(f"/my/faults/{fixed.reference}/works/")
    cara.post(f"/my/faults/{fixed.reference}/works/")
    empty = cara.post(f"/my/faults/{broken.reference}/still/", {"why": " "})
    assert empty.status_code == 422
    cara.post(f"/my/faults/{broken.reference}/still/", {"why": "It drops again"})
    story = cara.get(f"/my/faults/{broken.reference}/").content.decode()
    assert story.index("It still does not work: It drops again") < story.index("Put right.") < story.index("Reported:")
    states = dict(Ticket.objects.values_list("title", "state"))
    assert states == {"Internet keeps dropping": "closed", "Slow": "in_progress"}
    late = cara.post(f"/my/faults/{fixed.reference}/still/", {"why": "It drops again"}, follow=True)
    assert "It is closed already." in late.content.decode()


def test_an_administrator_sees_the_faults_of_all_people_and_a_colleague_only_their_own(
    shop: SimpleNamespace, reported: Reported
) -> None:
    ticket = reported()
    boss = signed_in(person("boss@example.com", shop.harbour, "admin", "Bo Boss"))
    other = signed_in(person("mate@example.com", shop.harbour, "user", "Mat Mate"))
    assert "reported by Cara Example" in boss.get("/my/faults/").content.decode()
    assert boss.get(f"/my/faults/{ticket.reference}/").status_code == 200
    assert other.get(f"/my/faults/{ticket.reference}/").status_code == 404
    assert "Internet keeps dropping" not in other.get("/my/faults/").content.decode()
    assert shop.client("alice").get(f"/my/faults/{ticket.reference}/").status_code == 403


def test_each_connection_shows_how_it_is(shop: SimpleNamespace, reported: Reported) -> None:
    cara, where = shop.client("cara"), f"/my/connections/{shop.service.reference}/"
    assert "No problem known" in cara.get("/").content.decode()
    ticket = reported()
    assert "A fault is being looked at" in cara.get("/").content.decode()
    have_tested(ticket, "red", at=now())
    actions.cancel(ticket=ticket, actor=None, at=now(), why="It was the plug")
    page = cara.get(where).content.decode()
    assert "The last test found a fault" in page
    assert "ONT_NO_LIGHT" not in page


def test_who_acts_for_nobody_is_told_so(shop: SimpleNamespace) -> None:
    Membership.objects.filter(user=shop.cara).delete()
    assert shop.client("cara").get("/my/faults/").status_code == 403


def test_the_link_of_a_mail_asks_without_signing_in_and_only_the_buttons_write(
    shop: SimpleNamespace, reported: Reported
) -> None:
    ticket, nobody = reported(), Client()
    actions.resolve(ticket=ticket, actor=None, at=now(), fix="A splice was renewed")
    ticket.refresh_from_db()
    where = address(ticket, shop.cara.email).removeprefix(settings.OFX_BASE_URL)
    for _ in range(2):  # scanners of mails open every link
        assert "A splice was renewed" in nobody.get(where).content.decode()
    assert nobody.post(where, {"answer": "still", "why": " "}).status_code == 422
    ticket.refresh_from_db()
    assert ticket.state == "resolved"
    for _ in range(2):
        assert nobody.post(where, {"answer": "still", "why": "It drops"}).status_code == 200
    ticket.refresh_from_db()
    assert (ticket.state, ticket.reopened) == ("in_progress", 1)
    log = LogEntry.objects.filter(subject=f"ticket:{ticket.pk}", verb="moved to in_progress").latest("pk")
    assert (log.actor, log.data["why"]) == (shop.cara, "It drops")
    actions.resolve(ticket=ticket, actor=None, at=now(), fix="Renewed again")
    assert "You have answered already" in nobody.get(where).content.decode()  # it was about the first fix
    second = address(Ticket.objects.get(), shop.cara.email).removeprefix(settings.OFX_BASE_URL)
    assert "Good that it works again" in nobody.post(second, {"answer": "works"}).content.decode()
    assert Ticket.objects.get().state == "closed"


def test_a_changed_link_and_one_of_a_former_contact_lead_nowhere(shop: SimpleNamespace, reported: Reported) -> None:
    ticket, nobody = reported(), Client()
    token = signed(FixLink(ticket.pk, 0, shop.cara.email))
    assert nobody.get(f"/fixed/{token[:-2]}xx/").status_code == 404
    gone = signed(FixLink(ticket.pk, 0, "former@example.com"))
    assert nobody.post(f"/fixed/{gone}/", {"answer": "works"}).status_code == 410


def test_the_lists_of_staff_lead_a_customer_to_their_own(shop: SimpleNamespace) -> None:
    cara = shop.client("cara")
    assert cara.get("/tickets/").headers["Location"] == "/my/faults/"
    assert cara.get("/orders/").headers["Location"] == "/my/orders/"

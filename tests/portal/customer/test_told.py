"""What customers are told of orders, visits and complaints, what they choose of it, and the one press that ends it."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from ofx.core.events.actions import publish
from ofx.core.models import Alert, Mail, Membership, NoticeChoice
from ofx.core.notices.actions import choose
from ofx.core.notices.links import StopLink, signed
from ofx.core.personal.registry import ERASURES, EXPORTS, Person
from ofx.orders.models import Appointment, Order
from ofx.portal.customer.actions import answer_complaint, make_complaint
from tests.conftest import person, signed_in
from tests.ofx.orders.conftest import hear, news, order_for, run_events
from tests.ofx.orders.conftest import shop as market
from tests.portal.customer.conftest import AT
from ticketing.tickets import actions
from ticketing.tickets.models import Ticket

__all__ = ["market", "order_for"]
Reported = Callable[..., Ticket]


@pytest.fixture
def shop(market: SimpleNamespace) -> SimpleNamespace:
    """The market, where `order_for` places orders."""
    return market


@pytest.fixture
def fault(shop: SimpleNamespace) -> Ticket:
    """A fault that Cara reported."""
    return actions.open_ticket(actor=shop.cara, at=AT, organisation=shop.brightwave, title="Drops")


def resolved(ticket: Ticket) -> None:
    actions.resolve(ticket=ticket, actor=None, at=AT, fix="Renewed")
    run_events()


def off(shop: SimpleNamespace, kind: str, channel: str = "email", who: str = "cara") -> None:
    choose(actor=getattr(shop, who), at=AT, organisation=shop.brightwave, kind=kind, channel=channel, wanted=False)


def test_a_day_its_moves_and_the_end_are_told_once_each(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for(contact_email="paula@example.com")
    hear(order, news("ACKNOWLEDGED", 1), news("COMMITTED", 2, committed_date=date(2026, 3, 20)))
    for _ in range(2):
        run_events()
    hear(order, news("DELAY", 3, target_date=date(2026, 3, 27), reason="DUCT_BLOCKAGE_CIVILS"), hours=60)
    hear(order, news("UPDATE", 4, target_date=date(2026, 3, 27)), hours=61)
    run_events()
    texts = [mail.text for mail in Mail.objects.filter(to="paula@example.com").order_by("pk")]
    assert len(texts) == 2, texts
    assert "Friday 20 March" in texts[0]
    assert "from Friday 20 March to Friday 27 March. The underground duct is blocked" in texts[1]
    assert "Northfibre" not in "".join(texts)
    assert Alert.objects.filter(user=shop.cara, subject=f"order:{order.pk}").count() == 2


def test_the_order_page_tells_how_the_day_moved(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("COMMITTED", 2, committed_date=date(2026, 3, 20)))
    hear(order, news("DELAY", 3, target_date=date(2026, 3, 27), reason="DUCT_BLOCKAGE_CIVILS", text="Span 4 B77"))
    page = shop.client("cara").get(f"/orders/{order.reference}/").content.decode()
    assert "How the day moved" in page
    assert "The network moved it. The underground duct is blocked and must be cleared." in page
    assert "Span 4" not in page


def test_a_visit_is_told_and_a_missed_one_with_an_excuse(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for(contact_email="paula@example.com")
    part, start = order.partner_orders.get(), AT + timedelta(days=9)
    visit = Appointment.objects.create(
        organisation=shop.brightwave, customer=shop.harbour, operator=shop.north, partner_order=part, state="confirmed",
        slot_start=start, slot_end=start + timedelta(hours=4), created_at=AT, changed_at=AT,
    )  # fmt: skip
    for name in ("confirmed", "confirmed", "missed"):
        told = {"appointment_id": visit.pk, "order_id": order.pk}
        publish(f"appointment.{name}", f"appointment:{visit.pk}", at=AT, organisation_id=shop.brightwave.pk, **told)
        run_events()
    texts = [mail.text for mail in Mail.objects.filter(to="paula@example.com").order_by("pk")]
    assert ["Your engineer comes on" in text for text in texts] == [True, False]
    assert "did not come. We are sorry." in texts[1]


def test_who_wants_no_such_mail_gets_none_and_the_bell_may_be_off_as_well(
    shop: SimpleNamespace, fault: Ticket, order_for: Any
) -> None:
    off(shop, "questions")
    resolved(fault)
    assert not Mail.objects.exists()
    assert Alert.objects.get(user=shop.cara).text == "Does it work again? Drops"
    for channel in ("email", "portal"):
        off(shop, "order_news", channel)
    hear(order_for(), news("ACKNOWLEDGED", 1), news("COMMITTED", 2, committed_date=date(2026, 3, 20)))
    run_events()
    assert not Mail.objects.exists()
    assert Alert.objects.filter(user=shop.cara).count() == 1


def test_one_press_in_a_mail_ends_its_kind_and_only_a_press(shop: SimpleNamespace, fault: Ticket) -> None:
    resolved(fault)
    mail, nobody = Mail.objects.get(), Client(enforce_csrf_checks=True)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    where = mail.headers["List-Unsubscribe"].strip("<>").partition("/notices/")[2]
    assert where in mail.text
    assert nobody.get(f"/notices/{where}").status_code == 200
    assert not NoticeChoice.objects.exists()
    assert nobody.post(f"/notices/{where}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NoticeChoice.objects.get().user == shop.cara
    actions.reopen(ticket=fault, actor=None, at=AT, why="It drops")
    resolved(fault)
    assert Mail.objects.count() == 1
    nobody.post(f"/notices/{where}", {"wanted": "again"})
    assert NoticeChoice.objects.get().wanted


def test_an_address_without_an_account_is_heard_too_and_another_house_is_not_meant(shop: SimpleNamespace) -> None:
    link = signed(StopLink(shop.brightwave.pk, "questions", "Paula@example.com"))
    Client().post(f"/notices/{link}/")
    contact = {"name": "Paula", "email": "paula@example.com"}
    for house in (shop.brightwave, shop.charlie.acting.organisation):
        resolved(actions.open_ticket(actor=None, at=AT, organisation=house, title="Drops", contact=contact))
    assert Mail.objects.get().subject.startswith("[TT-")
    assert Client().get(f"/notices/{link[:-2]}xx/").status_code == 404


def test_what_is_owed_is_sent_and_says_that_it_cannot_be_turned_off(shop: SimpleNamespace) -> None:
    cara = shop.client("cara")
    page = cara.get("/my/notifications/").content.decode()
    assert "We owe you these, so they are always sent." in page
    assert "Faults of my colleagues" not in page
    cara.post("/my/notifications/", {"ticket_news-email": "on"})
    assert not NoticeChoice.objects.filter(kind="complaints").exists()
    assert not NoticeChoice.objects.get(kind="order_news", channel="email").wanted
    row = make_complaint(actor=shop.cara, at=AT, text="Nobody came")
    answer_complaint(complaint=row, actor=None, at=AT, answer="We are sorry.")
    run_events()
    mail = Mail.objects.get()
    assert "We are sorry." in mail.text
    assert "We owe you these" in mail.text
    assert "List-Unsubscribe" not in mail.headers
    owed = signed(StopLink(shop.brightwave.pk, "complaints", "cara@example.com"))
    assert Client().post(f"/notices/{owed}/").status_code == 410


def test_an_administrator_hears_of_colleagues_faults_only_when_asked_for(shop: SimpleNamespace, fault: Ticket) -> None:
    chief = person("chief@example.com", shop.harbour, "admin")
    assert "Faults of my colleagues" in signed_in(chief).get("/my/notifications/").content.decode()
    resolved(fault)
    assert not Mail.objects.filter(to=chief.email).exists()
    choose(actor=chief, at=AT, organisation=shop.brightwave, kind="colleagues", channel="email", wanted=True)
    actions.reopen(ticket=fault, actor=None, at=AT, why="It drops")
    resolved(fault)
    mail = Mail.objects.get(to=chief.email)
    assert fault.reference in mail.text
    assert "/fixed/" not in mail.text
    Membership.objects.filter(user=chief).update(role="user")
    actions.reopen(ticket=fault, actor=None, at=AT, why="It drops")
    resolved(fault)
    assert Mail.objects.filter(to=chief.email).count() == 1


def test_choices_are_in_the_copy_and_go_with_the_person(shop: SimpleNamespace) -> None:
    off(shop, "outages")
    cara = Person(email=shop.cara.email, user=shop.cara, organisation_id=None, alias="erased@example.com")
    assert [row["kind"] for row in EXPORTS["notices"](cara)] == ["outages"]
    ERASURES["notices"][1](cara, AT)
    assert not NoticeChoice.objects.exists()


def test_no_order_of_another_customer_is_told(shop: SimpleNamespace, order_for: Any) -> None:
    order = order_for()
    Order.objects.filter(pk=order.pk).update(customer=shop.harbour)
    hear(order, news("ACKNOWLEDGED", 1), news("COMMITTED", 2, committed_date=date(2026, 3, 20)))
    run_events()
    assert set(Alert.objects.exclude(organisation=shop.brightwave).values_list("user__email", flat=True)) == {
        "cara@example.com"
    }

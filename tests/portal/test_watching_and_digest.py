"""Who is told what: watching, alerts, handing over, shared views, and the day's digest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from ofx.core.alerts.actions import tell
from ofx.core.alerts.models import Alert, Watch
from ofx.core.alerts.subjects import seen
from ofx.core.mail.actions import send_due as send_mails
from ofx.core.models import LogEntry, Membership, SavedView, User
from ofx.orders import actions
from ofx.orders.models import Order
from ofx.portal.digest.actions import send_due
from tests.conftest import AT, person
from tests.ofx.orders.conftest import hear, names, news, order_for, run_events, shop

__all__ = ["order_for", "shop"]

FORBIDDEN, NOT_FOUND, UNPROCESSABLE = 403, 404, 422
MONDAY_7_LONDON = datetime(2026, 3, 9, 7, 5, tzinfo=UTC)


@pytest.fixture
def dora(shop: Any) -> User:
    """A colleague of Alice at the order desk."""
    return person("dora@example.com", shop.brightwave, "order_desk")


def told(user: User) -> list[str]:
    """What a person was told, oldest first."""
    return list(Alert.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def watch(client: Any, subject: str, on: str = "1") -> Any:
    return client.post("/watch/", {"subject": subject, "on": on})


def test_who_watches_an_order_is_told_once_of_each_thing_that_matters(shop: Any, order_for: Any) -> None:
    order = order_for()
    assert watch(shop.client("bob"), f"order:{order.pk}").status_code == 302
    watch(shop.client("bob"), f"order:{order.pk}")
    assert Watch.objects.filter(user=shop.bob).count() == 1
    hear(order, news("ACKNOWLEDGED", 1), news("DELAY", 2, reason="CAPACITY"))
    run_events()
    run_events()
    texts = told(shop.bob)
    assert [text for text in texts if "reports a delay" in text or "on hold" in text], texts
    assert len(texts) == len(set(texts))
    assert order.reference in texts[0]
    assert "Northfibre" in texts[0]


def test_the_owner_is_told_without_watching_and_a_leaver_is_not(shop: Any, order_for: Any, dora: User) -> None:
    order = order_for()
    actions.hand_over(actor=shop.alice, order=order, to=dora, at=AT)
    Membership.objects.filter(user=dora).delete()
    hear(order, news("COMMITTED", 1, committed_date=date(2026, 3, 19)))
    run_events()
    assert [text for text in told(dora) if "committed to" in text] == []
    Membership.objects.create(user=dora, organisation=shop.brightwave, role="order_desk")
    hear(order, news("DELAY", 2, reason="CAPACITY", target_date=date(2026, 3, 25)))
    run_events()
    assert [text for text in told(dora) if "moved the target date 19 Mar → 25 Mar" in text]


def test_nobody_can_watch_what_they_may_not_see(shop: Any, order_for: Any) -> None:
    order = order_for()
    subject = f"order:{order.pk}"
    for who in ("charlie", "olga"):
        assert watch(shop.client(who), subject).status_code == NOT_FOUND
    for nonsense in ("", "order:", "order:x", "order:99999999999999999999", "user:1", "order:-1", "\x00"):
        assert watch(shop.client("alice"), nonsense).status_code == NOT_FOUND, nonsense
    assert seen(shop.charlie, [subject]) == []
    assert Watch.objects.count() == 0


def test_a_watch_ends_when_the_person_says_so(shop: Any, order_for: Any) -> None:
    order = order_for()
    bob = shop.client("bob")
    watch(bob, f"order:{order.pk}")
    watch(bob, f"order:{order.pk}", on="")
    hear(order, news("DELAY", 1, reason="CAPACITY"))
    run_events()
    assert told(shop.bob) == []


def test_an_alert_is_its_readers_own_and_following_it_marks_it_as_read(shop: Any, order_for: Any) -> None:
    order = order_for()
    common = {"organisation_id": shop.brightwave.pk, "subject": f"order:{order.pk}", "url": order.get_absolute_url()}
    tell(people=[shop.alice.pk], text="It moved.", key="k", at=AT, **common)
    tell(people=[shop.alice.pk], text="It moved again.", key="k", at=AT, **common)
    alert = Alert.objects.get()
    assert "1 new alert" in shop.client("alice").get("/alerts/bell/").content.decode()
    for who in ("bob", "charlie", "ada"):
        assert shop.client(who).get(f"/alerts/{alert.pk}/").status_code == NOT_FOUND
        assert "It moved." not in shop.client(who).get("/alerts/").content.decode()
    response = shop.client("alice").get(f"/alerts/{alert.pk}/")
    assert response["Location"] == order.get_absolute_url()
    assert "nothing new" in shop.client("alice").get("/alerts/bell/").content.decode()


def test_an_order_is_handed_over_and_the_new_owner_hears_of_it(shop: Any, order_for: Any, dora: User) -> None:
    order = order_for()
    alice = shop.client("alice")
    page = alice.get(f"{order.get_absolute_url()}owner/").content.decode()
    assert "Dora Example" in page
    assert "Bob Example" not in page  # he may not write orders
    sent = alice.post(f"{order.get_absolute_url()}owner/", {"to": dora.pk, "note": "on leave"}, follow=True)
    assert "Dora Example looks after" in sent.content.decode()
    assert Order.objects.get(pk=order.pk).owner == dora
    assert told(dora) == [f"{order.reference} is yours now, from Alice Example: on leave"]
    assert names(f"order:{order.pk}").count("order.handed_over") == 1
    actions.hand_over(actor=shop.alice, order=order, to=dora, at=AT)
    assert names(f"order:{order.pk}").count("order.handed_over") == 1
    assert LogEntry.objects.filter(subject=f"order:{order.pk}", verb__startswith="handed").count() == 1


def test_an_order_is_never_handed_to_a_stranger_or_by_one(shop: Any, order_for: Any, dora: User) -> None:
    order = order_for()
    url = f"{order.get_absolute_url()}owner/"
    for stranger in (shop.charlie, shop.bob, shop.olga):
        assert shop.client("alice").post(url, {"to": stranger.pk}).status_code == UNPROCESSABLE
        with pytest.raises(ValueError, match="does not work on orders here"):
            actions.hand_over(actor=shop.alice, order=order, to=stranger, at=AT)
    assert shop.client("bob").post(url, {"to": dora.pk}).status_code == FORBIDDEN
    assert shop.client("charlie").post(url, {"to": dora.pk}).status_code == NOT_FOUND


def test_my_work_shows_what_i_own_and_watch_and_nothing_else(shop: Any, order_for: Any, dora: User) -> None:
    mine, hers, watched = order_for(), order_for(), order_for()
    for order in (hers, watched):
        actions.hand_over(actor=shop.alice, order=order, to=dora, at=AT)
    watch(shop.client("alice"), f"order:{watched.pk}")
    page = shop.client("alice").get("/my-work/").content.decode()
    assert mine.reference in page
    assert watched.reference in page
    assert hers.reference not in page


def test_a_shared_view_is_seen_by_colleagues_and_deleted_by_its_owner_only(shop: Any) -> None:
    shop.client("alice").post(
        "/accounts/views/", {"path": "/orders/", "name": "Stuck", "query": "state=held", "shared": "on"}
    )
    shop.client("alice").post("/accounts/views/", {"path": "/orders/", "name": "Private", "query": "state=held"})
    view = SavedView.objects.get(name="Stuck")
    page = shop.client("bob").get("/orders/").content.decode()
    assert "Stuck" in page
    assert "Private" not in page
    assert shop.client("bob").post(f"/accounts/views/{view.pk}/delete/").status_code == NOT_FOUND
    assert "Stuck" not in shop.client("charlie").get("/orders/").content.decode()


# -- the digest ------------------------------------------------------------------------------------------------------
def test_the_digest_comes_once_a_working_day_from_seven_in_ones_own_zone(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("INFORMATION_REQUIRED", 2, text="Which floor?"))
    User.objects.exclude(pk=shop.alice.pk).update(digest=False)
    assert send_due(at=MONDAY_7_LONDON - timedelta(hours=1)) == 0
    assert send_due(at=MONDAY_7_LONDON - timedelta(days=1)) == 0  # a Sunday
    assert send_due(at=MONDAY_7_LONDON) == 1
    assert send_due(at=MONDAY_7_LONDON) == 0
    assert send_due(at=MONDAY_7_LONDON + timedelta(hours=9)) == 0
    send_mails(at=MONDAY_7_LONDON)
    assert [sent.to for sent in mail.outbox] == [["alice@example.com"]]
    assert order.reference in str(mail.outbox[0].body)
    assert "waiting for you" in mail.outbox[0].subject
    assert send_due(at=MONDAY_7_LONDON + timedelta(days=1)) == 1


def test_a_digest_holds_ones_own_tenants_orders_only_and_nothing_new_is_no_mail(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("INFORMATION_REQUIRED", 2))
    send_due(at=MONDAY_7_LONDON)
    send_mails(at=MONDAY_7_LONDON)
    receivers = {address for sent in mail.outbox for address in sent.to}
    assert receivers == {"alice@example.com"}


def test_who_does_not_want_the_digest_gets_none(shop: Any, order_for: Any) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1), news("INFORMATION_REQUIRED", 2))
    User.objects.exclude(pk=shop.alice.pk).update(digest=False)
    shop.client("alice").post("/accounts/me/", {"name": "Alice Example", "time_zone": "Europe/London"})
    assert send_due(at=MONDAY_7_LONDON) == 0
    send_mails(at=MONDAY_7_LONDON)
    assert mail.outbox == []

"""Visits at a real simulated partner: reserve, confirm, re-book, lapse, unknown outcomes; and by hand."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ofx.core.events.models import Event
from ofx.core.transitions import IllegalTransition
from ofx.orders import actions
from ofx.orders.models import Appointment, Order
from partners.models import Endpoint, Leg, Message
from sandbox.process import Running
from tests.ofx.orders.conftest import AT, hear, news, part
from tests.sandbox.conftest import order_body

Make = Callable[..., Order]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("visits"), day_seconds=30) as found:
        yield found


@pytest.fixture
def booked(running: Running, shop: Any, order_for: Make) -> Callable[[str], Order]:
    """`booked(scenario)`: an order that lies at the simulated partner, whose appointment book we may use."""
    running.control("appointments", {})
    base = running.config.base_url("northfibre")
    services = {"tmf646": f"{running.url}/northfibre/tmf-api/appointment/v4"}
    token = running.config.partner("northfibre").token
    Endpoint.objects.filter(operator=shop.north).update(base_url=base, services=services, token=token)

    def make(scenario: str = "rebook_refused_once") -> Order:
        order = order_for()
        row = part(order)
        found = running.api("northfibre", "POST", "/productOrder", json=order_body(row.our_key, scenario)).json()
        Leg.objects.filter(our_key=row.our_key).update(external_id=found["id"])
        return order

    return make


def now() -> datetime:
    """The partner's clock is the real one."""
    return datetime.now(UTC).replace(microsecond=0)


def slots(shop: Any, order: Order) -> list[Any]:
    at = now()
    return actions.find_slots(
        actor=shop.alice, at=at, partner_order=part(order), since=at, until=at + timedelta(days=30)
    )


def reserve(shop: Any, order: Order, number: int = 0) -> Appointment:
    slot = slots(shop, order)[number]
    return actions.reserve_slot(actor=shop.alice, at=now(), partner_order=part(order), start=slot.start, end=slot.end)


def test_a_slot_is_searched_reserved_and_confirmed(shop: Any, booked: Any) -> None:
    order = booked()
    row = reserve(shop, order)
    assert (row.state, bool(row.partner_ref), row.asked) == ("reserved", True, {})
    assert row.reserved_until
    assert row.reserved_until > now()
    assert row.customer == shop.harbour
    row = actions.confirm_appointment(actor=shop.alice, at=now(), appointment=row)
    assert (row.state, row.reserved_until) == ("confirmed", None)
    told = list(Event.objects.filter(subject=f"appointment:{row.pk}").order_by("pk").values_list("name", flat=True))
    assert told == ["appointment.requested", "appointment.reserved", "appointment.confirmed"]
    with pytest.raises(IllegalTransition, match="re-book"):
        reserve(shop, order, 1)


def test_a_refused_rebooking_leaves_the_old_slot_and_the_next_one_moves_it(shop: Any, booked: Any) -> None:
    order = booked("rebook_refused_once")
    row = reserve(shop, order)
    old, other = (row.slot_start, row.slot_end), slots(shop, order)[3]
    given = {"actor": shop.alice, "appointment": row, "start": other.start, "end": other.end}
    with pytest.raises(actions.SlotRefused, match="SLOT_TAKEN"):
        actions.rebook_appointment(at=now(), **given)
    row.refresh_from_db()
    assert (row.slot_start, row.slot_end) == old
    assert (row.state, row.asked_at) == ("reserved", None)
    assert "SLOT_TAKEN" in row.outcome_text
    row = actions.rebook_appointment(at=now(), **given)
    assert (row.slot_start, row.state, row.outcome_text) == (other.start, "reserved", "")


def test_no_slots_is_an_empty_answer_and_not_an_error(shop: Any, booked: Any) -> None:
    order = booked("no_slots_once")
    assert slots(shop, order) == []
    assert slots(shop, order)


def test_a_reservation_is_warned_of_once_then_lapses_and_is_booked_anew(
    shop: Any, booked: Any, running: Running
) -> None:
    running.control("appointments", {"reservation_seconds": 1})
    order = booked()
    row = reserve(shop, order)
    assert [actions.warn_of_lapsing(at=now()) for _ in range(2)] == [1, 0]
    order.refresh_from_db()
    assert order.next_action.startswith("Confirm or re-book the visit: Northfibre holds it until")
    assert [actions.expire_reservations(at=now() + 2 * HOUR) for _ in range(2)] == [1, 0]
    row.refresh_from_db()
    order.refresh_from_db()
    assert (row.state, order.state, order.holder) == ("expired", "pending", "us")
    assert order.next_action == "Agree a new slot with the customer"
    running.control("appointments", {})
    other = slots(shop, order)[2]
    fresh = actions.rebook_appointment(
        actor=shop.alice, at=now() + 2 * HOUR, appointment=row, start=other.start, end=other.end
    )
    order.refresh_from_db()
    assert (fresh.state, fresh.replaces, order.state) == ("reserved", row, "submitted")


def test_a_reservation_that_the_partner_confirmed_meanwhile_does_not_lapse(
    shop: Any, booked: Any, running: Running
) -> None:
    order = booked()
    row = reserve(shop, order)
    path = running.config.base_url("northfibre").replace("productOrderingManagement", "appointment")
    slot = {"startDateTime": row.slot_start.isoformat(), "endDateTime": row.slot_end.isoformat()}
    running.http.patch(
        f"{path}/appointment/{row.partner_ref}",
        json={"status": "confirmed", "validFor": slot},
        headers={"Authorization": f"Bearer {running.config.partner('northfibre').token}"},
        timeout=10,
    ).raise_for_status()
    assert actions.expire_reservations(at=now() + 9 * HOUR) == 1
    row.refresh_from_db()
    assert row.state == "confirmed"


@pytest.mark.parametrize("fault", ["reset_after_commit", "html_200"])
def test_an_unanswered_reservation_is_found_by_our_key(shop: Any, booked: Any, running: Running, fault: str) -> None:
    order = booked()
    slot = slots(shop, order)[0]
    running.control("appointments", {"fault": fault, "partner": "northfibre"})
    with pytest.raises(actions.OutcomeUnknown):
        actions.reserve_slot(actor=shop.alice, at=now(), partner_order=part(order), start=slot.start, end=slot.end)
    row = Appointment.objects.get()
    assert (row.state, row.asked["verb"]) == ("requested", "reserve")
    assert actions.look_up_unknown(at=now()) == 0, "not before the partner had time to finish"
    assert actions.look_up_unknown(at=now() + HOUR) == 1
    row.refresh_from_db()
    assert (row.state, bool(row.partner_ref), row.asked_at) == ("reserved", True, None)


def test_an_unanswered_reservation_that_never_arrived_ends_as_refused(shop: Any, booked: Any) -> None:
    order = booked()
    slot = slots(shop, order)[0]
    row = part(order)
    Appointment.objects.create(
        organisation=shop.brightwave, partner_order=row, operator=shop.north, our_key="died-before-sending",
        place_text="1", postcode="1", slot_start=slot.start, slot_end=slot.end, created_at=AT, changed_at=AT,
        asked={"verb": "reserve"}, asked_at=AT,
    )  # fmt: skip
    assert actions.look_up_unknown(at=now()) == 1
    assert Appointment.objects.get().state == "refused"
    assert reserve(shop, order).state == "reserved"


def test_a_partner_that_cannot_be_reached_says_so_and_nothing_is_booked(shop: Any, order_for: Make) -> None:
    order = order_for()
    Endpoint.objects.update(services={"tmf646": "http://127.0.0.1:9/nobody"})
    with pytest.raises(actions.SlotRefused, match="gives no slots now"):
        slots(shop, order)
    start = now() + timedelta(days=3)
    with pytest.raises(actions.SlotRefused):
        actions.reserve_slot(actor=shop.alice, at=now(), partner_order=part(order), start=start, end=start + 5 * HOUR)
    assert Appointment.objects.get().state == "refused"


def test_a_slot_is_agreed_by_hand_where_the_partner_has_no_appointment_system(shop: Any, order_for: Make) -> None:
    order = order_for()
    assert slots(shop, order) == []
    start = AT + timedelta(days=7)
    row = actions.reserve_slot(actor=shop.alice, at=AT, partner_order=part(order), start=start, end=start + 5 * HOUR)
    assert (row.state, row.by_hand, row.reserved_until) == ("reserved", True, None)
    assert "Visit proposed: Mon 9 Mar 2026" in Message.objects.get(verb="answer").canonical["changes"]["information"]
    assert actions.confirm_appointment(actor=shop.alice, at=AT, appointment=row).state == "confirmed"


def by_hand(shop: Any, order: Order, confirm: bool = True) -> Appointment:
    start = AT + timedelta(days=7)
    row = actions.reserve_slot(actor=shop.alice, at=AT, partner_order=part(order), start=start, end=start + 5 * HOUR)
    return actions.confirm_appointment(actor=shop.alice, at=AT, appointment=row) if confirm else row


def test_missed_is_the_partners_and_failed_is_the_customers(shop: Any, order_for: Make) -> None:
    for outcome, reason, state, holder in (
        ("missed", "", "held", "partner"),
        ("failed", "NO_ACCESS", "pending", "end_customer"),
    ):
        order = order_for()
        row = actions.record_outcome(
            actor=shop.alice, at=AT + HOUR, appointment=by_hand(shop, order), outcome=outcome, reason=reason, text="No"
        )
        order.refresh_from_db()
        assert (row.state, row.outcome_owner, order.state, order.holder) == (outcome, holder, state, holder)
        start = AT + timedelta(days=9)
        actions.rebook_appointment(actor=shop.alice, at=AT + 2 * HOUR, appointment=row, start=start, end=start + HOUR)
        order.refresh_from_db()
        assert order.state == "submitted"


def test_a_failed_visit_needs_a_reason_of_ours_or_the_customers(shop: Any, order_for: Make) -> None:
    row = by_hand(shop, order_for())
    with pytest.raises(ValueError, match="reason"):
        actions.record_outcome(actor=shop.alice, at=AT, appointment=row, outcome="failed", reason="CAPACITY")
    with pytest.raises(ValueError, match="missed"):
        actions.record_outcome(
            actor=shop.alice, at=AT, appointment=row, outcome="failed", reason="NO_ACCESS", clock_owner="partner"
        )


def slot_news(ident: str, day: int, sequence: int, hours: float, kind: str = "UPDATE") -> dict[str, Any]:
    start = datetime(2026, 3, day, 8, tzinfo=UTC)
    slot = {"id": ident, "start": start.isoformat(), "end": (start + 5 * HOUR).isoformat()}
    return news(kind, sequence, hours, dedupe_key=f"appointment:{ident}", extra={"slot": slot})


def test_the_partners_news_moves_the_visit(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, 1), slot_news("1", 20, 2, 2), hours=3)
    row = Appointment.objects.get()
    assert (row.state, row.slot_start.day) == ("confirmed", 20)
    missed = news("DELAY", 3, 4, reason="PARTNER_MISSED_APPOINTMENT", text="Van broke down")
    hear(order, missed, hours=5)
    row.refresh_from_db()
    assert (row.state, row.outcome_owner, row.outcome_text) == ("missed", "partner", "Van broke down")
    hear(order, slot_news("2", 24, 4, 6, "REAPPOINTED"), hours=7)
    second = Appointment.objects.get(state="confirmed")
    assert second.slot_start.day == 24
    hear(order, news("COMPLETED", 5, 8), hours=9)
    second.refresh_from_db()
    assert second.state == "completed"


def test_the_same_slot_news_twice_or_late_changes_nothing(shop: Any, order_for: Make) -> None:
    order = order_for()
    hear(order, news("ACKNOWLEDGED", 1, 1), slot_news("2", 24, 4, 6, "REAPPOINTED"), hours=7)
    hear(order, slot_news("1", 20, 2, 2), hours=8)
    hear(order, slot_news("2", 24, 4, 6, "REAPPOINTED"), hours=9)
    row = Appointment.objects.get()
    assert (row.slot_start.day, row.state) == (24, "confirmed")


def test_a_commitment_confirms_what_is_reserved_and_an_end_gives_it_back(shop: Any, order_for: Make) -> None:
    first, second = order_for(), order_for()
    rows = [by_hand(shop, order, confirm=False) for order in (first, second)]
    hear(first, news("ACKNOWLEDGED", 1, 1), news("COMMITTED", 2, 2), hours=3)
    hear(second, news("ACKNOWLEDGED", 1, 1), news("TERMINATED", 2, 2, outcome="failed"), hours=3)
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["confirmed", "cancelled"]


def test_only_its_own_people_see_a_visit(shop: Any, order_for: Make) -> None:
    row = by_hand(shop, order_for())
    seen = {name: Appointment.objects.visible_to(user).filter(pk=row.pk).exists() for name, user in shop.people.items()}
    assert seen == {"alice": True, "bob": True, "charlie": False, "olga": True, "cara": True, "ada": True}
    with pytest.raises(Exception, match="another organisation"):
        actions.confirm_appointment(actor=shop.charlie, at=AT, appointment=row)
    with pytest.raises(Exception, match="role"):
        actions.confirm_appointment(actor=shop.bob, at=AT, appointment=row)


def slot_of(row: Appointment) -> str:
    return f"{row.slot_start.isoformat()}/{row.slot_end.isoformat()}"


def test_the_customer_moves_the_visit_and_fixes_it_and_a_refusal_leaves_it_where_it_was(shop: Any, booked: Any) -> None:
    row = reserve(shop, booked("rebook_refused_once"))
    cara, url, old = shop.client("cara"), f"/my/visits/{row.pk}/", slot_of(row)
    page = cara.get(url).content.decode()
    offered = re.findall(r'name="slot" value="([^"]+)"', page)
    assert old not in offered
    assert "holds this time for you until" in page
    assert "Northfibre" not in page
    refused = cara.post(url, {"slot": offered[2]})
    row.refresh_from_db()
    assert (refused.status_code, slot_of(row), "SLOT_TAKEN" in refused.content.decode()) == (422, old, False)
    assert "Your visit stands as it was" in refused.content.decode()
    for _ in range(2):  # a double click
        assert cara.post(url, {"slot": offered[2]}).status_code == 302
    row.refresh_from_db()
    assert (slot_of(row), row.state) == (offered[2], "reserved")
    assert cara.post(f"{url}confirm/").status_code == 302
    row.refresh_from_db()
    assert row.state == "confirmed"
    assert cara.post(url, {"slot": offered[4]}).status_code == 302
    row.refresh_from_db()
    assert (slot_of(row), row.state) == (offered[4], "confirmed")
    moved = Event.objects.filter(subject=f"appointment:{row.pk}", name="appointment.rebooked")
    assert moved.count() == 2
    assert "Move this visit" in cara.get(row.partner_order.order.get_absolute_url()).content.decode()


def test_a_slot_that_is_gone_or_was_never_offered_changes_nothing(shop: Any, booked: Any) -> None:
    row = reserve(shop, booked())
    cara, url, old = shop.client("cara"), f"/my/visits/{row.pk}/", slot_of(row)
    start = now() + timedelta(days=9, hours=3, minutes=7)
    gone = cara.post(url, {"slot": f"{start.isoformat()}/{(start + HOUR).isoformat()}"})
    assert (gone.status_code, "just been taken" in gone.content.decode()) == (422, True)
    for bad in ("", "x", "2026-01-01/2026-01-02", "2020-01-01T08:00:00+00:00/2020-01-01T12:00:00+00:00"):
        assert cara.post(url, {"slot": bad}).status_code == 422, bad
    row.refresh_from_db()
    assert slot_of(row) == old


def test_a_lapsed_time_is_chosen_anew_by_the_customer(shop: Any, booked: Any, running: Running) -> None:
    running.control("appointments", {"reservation_seconds": 1})
    row = reserve(shop, booked())
    actions.expire_reservations(at=now() + 2 * HOUR)
    page = shop.client("cara").get(f"/my/visits/{row.pk}/").content.decode()
    assert "has run out" in page
    offered = re.findall(r'name="slot" value="([^"]+)"', page)
    answer = shop.client("cara").post(f"/my/visits/{row.pk}/", {"slot": offered[1]})
    fresh = Appointment.objects.get(replaces=row)
    assert answer.url == f"/my/visits/{fresh.pk}/"
    assert (fresh.state, slot_of(fresh), fresh.requested_by) == ("reserved", offered[1], shop.cara)


def test_what_is_agreed_by_telephone_is_not_moved_here_and_nobody_moves_anothers(shop: Any, order_for: Make) -> None:
    row = by_hand(shop, order_for())
    assert "cannot be changed here" in shop.client("cara").get(f"/my/visits/{row.pk}/").content.decode()
    assert shop.client("cara").post(f"/my/visits/{row.pk}/", {"slot": slot_of(row)}).status_code == 422
    for who, status in (("alice", 403), ("charlie", 404), ("olga", 403)):
        assert shop.client(who).post(f"/my/visits/{row.pk}/", {"slot": slot_of(row)}).status_code == status

"""The one history: an event and its effects commit together, once, whatever dies meanwhile (ARCHITECTURE 4)."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ofx.core.events import registry
from ofx.core.events.actions import handle, handle_due, publish
from ofx.core.events.models import Event, Failing, Handled
from ofx.core.models import LogEntry

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def note(event: Event) -> None:
    LogEntry.objects.create(at=event.at, subject=event.subject, verb="noted")


def refuse(event: Event) -> None:
    LogEntry.objects.create(at=event.at, subject=event.subject, verb="half done")
    raise RuntimeError("cannot")


@pytest.fixture
def listening() -> Iterator[None]:
    registry.on("thing.noted")(note)
    registry.on("thing.refused")(note)
    registry.on("thing.refused")(refuse)
    yield
    registry._SUBSCRIBERS.pop("thing.noted", None)
    registry._SUBSCRIBERS.pop("thing.refused", None)


def key(handler: object) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"  # type: ignore[attr-defined]


def test_an_event_nobody_listens_to_is_settled_at_once(db: None) -> None:
    assert publish("thing.ignored", "thing:1", at=AT).settled


def test_a_rolled_back_change_leaves_no_event(transactional_db: None) -> None:
    def change() -> None:
        with transaction.atomic():
            publish("thing.noted", "thing:1", at=AT)
            raise LookupError

    with pytest.raises(LookupError):
        change()
    assert not Event.objects.exists()


def test_a_replayed_event_has_no_second_effect(db: None, listening: None) -> None:
    event = publish("thing.noted", "thing:1", at=AT)
    assert handle(event.pk, key(note))
    assert not handle(event.pk, key(note))
    assert LogEntry.objects.filter(verb="noted").count() == 1


def test_a_failing_subscriber_holds_up_nobody_and_leaves_no_half_effect(db: None, listening: None) -> None:
    event = publish("thing.refused", "thing:1", at=AT)
    handle_due(older_than=timedelta(0))
    assert list(LogEntry.objects.values_list("verb", flat=True)) == ["noted"]
    failure = Failing.objects.get(event=event)
    assert failure.subscriber == key(refuse)
    assert "cannot" in failure.error
    assert failure.next_attempt_at > timezone.now()


def test_the_sweep_runs_what_was_never_dispatched_and_then_has_nothing_left(db: None, listening: None) -> None:
    for number in range(3):
        publish("thing.noted", f"thing:{number}", at=AT)
    assert handle_due(older_than=timedelta(0)) == 3
    assert handle_due(older_than=timedelta(0)) == 0
    assert not Event.objects.filter(settled=False).exists()


def test_the_sweep_leaves_fresh_events_to_the_workers(db: None, listening: None) -> None:
    publish("thing.noted", "thing:1", at=AT)
    assert handle_due() == 0


def test_a_failure_is_tried_again_when_its_pause_is_over(db: None, listening: None) -> None:
    event = publish("thing.refused", "thing:1", at=AT)
    handle_due(older_than=timedelta(0))
    handle_due(older_than=timedelta(0))
    assert Failing.objects.get(event=event).attempts == 1
    Failing.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    handle_due(older_than=timedelta(0))
    assert Failing.objects.get(event=event).attempts == 2


def test_two_workers_with_the_same_event_have_one_effect(transactional_db: None, listening: None) -> None:
    event = publish("thing.noted", "thing:1", at=AT)
    barrier = threading.Barrier(4)
    ran: list[bool] = []

    def work() -> None:
        barrier.wait()
        ran.append(handle(event.pk, key(note)))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [False, False, False, True]
    assert Handled.objects.count() == 1
    assert LogEntry.objects.filter(verb="noted").count() == 1

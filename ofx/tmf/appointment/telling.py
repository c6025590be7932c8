"""Which events of visits a buyer's system is told of."""

from collections.abc import Callable
from typing import Any

from ofx.core.events.models import Event
from ofx.orders.models import Appointment
from ofx.tmf.appointment.api import prepared
from ofx.tmf.appointment.faces import APPOINTMENT, STATUS
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell

CREATED, CHANGED, MOVED = (f"Appointment{word}Event" for word in ("Create", "AttributeValueChange", "StateChange"))
TOLD = {
    "appointment.requested": CREATED,
    "appointment.reserved": MOVED,
    "appointment.confirmed": MOVED,
    "appointment.rebooked": CHANGED,
    "appointment.change_refused": CHANGED,
    "appointment.expired": MOVED,
    "appointment.completed": MOVED,
    "appointment.missed": MOVED,
    "appointment.failed": MOVED,
    "appointment.cancelled": MOVED,
    "appointment.refused": MOVED,
}
NAMES = tuple(TOLD)


def fan_out(event: Event, subscriber: str) -> None:
    """Write the notifications of an event and, before them, those of earlier events of the same visit."""
    to = subscriptions(event.organisation_id, APPOINTMENT.api, event.recorded_at)
    if not to:
        return
    number = int(event.payload["appointment_id"])
    one_at_a_time(number)
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject=event.subject, name__in=NAMES)
    for one in (*rows.exclude(handled__subscriber=subscriber).order_by("pk"), event):
        kind = _kind(one)
        if kind:
            wanted = [row for row in to if row.created_at <= one.recorded_at]
            tell(_news(one, number, kind), event_id=one.pk, at=one.at, to=wanted)


def _kind(event: Event) -> str:
    """The first event of a visit creates it; a reservation that was asked for is initialized already."""
    first = not Event.objects.filter(subject=event.subject, name__in=NAMES, pk__lt=event.pk).exists()
    if first:
        return CREATED
    return "" if event.name == "appointment.reserved" else TOLD[event.name]


def _news(event: Event, number: int, kind: str) -> News:
    return News(
        api=APPOINTMENT.api,
        resource=event.subject,
        event_type=kind,
        member=APPOINTMENT.name,
        document=_document(number, event.payload["state"]),
        title=f"The visit: {event.name.partition('.')[2].replace('_', ' ')}",
        description=str(event.payload.get("why") or ""),
        correlation=f"A{number}",
    )


def _document(number: int, state: str) -> Callable[[str], dict[str, Any] | None]:
    def document(version: str) -> dict[str, Any] | None:
        row = prepared(Appointment.objects.filter(pk=number)).first()
        return {**APPOINTMENT.document(row), "status": STATUS[state]} if row else None

    return document

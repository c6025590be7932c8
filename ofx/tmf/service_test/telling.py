"""Which events of service tests another system is told of."""

from collections.abc import Callable, Iterator
from typing import Any

from ofx.core.events.models import Event
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell
from ofx.tmf.service_test.api import prepared
from ofx.tmf.service_test.faces import API, STATE, TEST, Viewer
from ticketing.models import ServiceTest

Json = dict[str, Any]
TOLD = {
    "service_test.asked": "Create",
    **{f"service_test.{state}": "StateChange" for state in ("completed", "failed", "cancelled")},
}
NAMES = tuple(TOLD)


def fan_out(event: Event, subscriber: str) -> None:
    """Write the notifications of an event and, before them, those of earlier events of the same test."""
    number = int(event.subject.partition(":")[2])
    row = ServiceTest.objects.select_related("service").filter(pk=number).first()
    customer = row.service.customer_id if row else None
    to = {
        viewer: subscriptions(organisation, API, event.recorded_at)
        for viewer, organisation in (("provider", event.organisation_id), ("customer", customer))
    }
    if not any(to.values()):
        return
    one_at_a_time(number)
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject=event.subject, name__in=NAMES)
    for told in (*rows.exclude(handled__subscriber=subscriber).order_by("pk"), event):
        for viewer, news in _news(told, number):
            wanted = [one for one in to[viewer] if one.created_at <= told.recorded_at]
            tell(news, event_id=told.pk, at=told.at, to=wanted)


def _news(event: Event, number: int) -> Iterator[tuple[Viewer, News]]:
    word = TOLD[event.name]
    viewers: tuple[Viewer, Viewer] = ("provider", "customer")
    for viewer in viewers:
        yield (
            viewer,
            News(
                api=API,
                resource=event.subject,
                event_type=f"ServiceTest{word}Event",
                member="serviceTest",
                document=_document(event, number, viewer),
                title=f"A test was {event.name.partition('.')[2].replace('_', ' ')}",
                correlation=event.subject,
            ),
        )


def _document(event: Event, number: int, viewer: Viewer) -> Callable[[str], Json | None]:
    state = event.name.partition(".")[2]

    def document(version: str) -> Json | None:
        row = prepared(ServiceTest.objects.filter(pk=number)).first()
        told = {"state": STATE[state]} if state in STATE else {}
        return {**TEST[viewer].document(row), **told} if row else None

    return document

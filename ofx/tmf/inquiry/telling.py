"""Which events of a question a buyer's system is told of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ofx.core.events.models import Event
from ofx.tmf.hub.telling import News, one_at_a_time, subscriptions, tell
from ofx.tmf.inquiry.face import InquiryFace
from ofx.tmf.inquiry.models import Inquiry

NAMES = ("inquiry.asked", "inquiry.changed", "inquiry.deleted")


@dataclass(frozen=True)
class Told:
    """How one kind is told: its face, and the words that its file has events for."""

    face: InquiryFace
    words: tuple[str, ...]


def fan_out(event: Event, subscriber: str, kinds: Mapping[str, Told]) -> None:
    """Write the notifications of an event and, before them, those of earlier events of the same question."""
    told = kinds[event.payload["kind"]]
    to = subscriptions(event.organisation_id, told.face.api, event.recorded_at)
    if not to:
        return
    one_at_a_time(int(event.payload["inquiry_id"]))
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject=event.subject, name__in=NAMES)
    for one in (*rows.exclude(handled__subscriber=subscriber).order_by("pk"), event):
        for news in news_of(one, told):
            tell(news, event_id=one.pk, at=one.at, to=[row for row in to if row.created_at <= one.recorded_at])


def news_of(event: Event, told: Told) -> Iterator[News]:
    """What the standard says of one event."""
    payload, words = event.payload, []
    if event.name == "inquiry.asked":
        words = ["Create", "StateChange"]
    elif event.name == "inquiry.deleted":
        words = ["Delete"]
    else:
        words = ["AttributeValueChange"] + (["StateChange"] if payload["from"] != payload["to"] else [])
    for word in words:
        if word in told.words:
            yield _news(event, told, word)


def _news(event: Event, told: Told, word: str) -> News:
    def document(version: str) -> dict[str, Any] | None:
        if "last" in event.payload:
            return dict(event.payload["last"])
        row = Inquiry.objects.filter(pk=event.payload["inquiry_id"]).first()
        if row is None:
            return None
        made = told.face.document(row)
        return {**made, told.face.stated: event.payload["to"]}

    return News(
        api=told.face.api,
        resource=event.subject,
        event_type=f"{told.face.type}{word}Event",
        member=told.face.name,
        document=document,
        title=f"{told.face.type}: {word}",
        correlation=told.face.identify(Inquiry(pk=event.payload["inquiry_id"])),
    )

"""Which events of outages another system is told of: a customer's of those that touch it, once they are public."""

from collections.abc import Callable, Iterator
from typing import Any

from ofx.core.events.models import Event
from ofx.tmf.hub.models import Subscription
from ofx.tmf.hub.telling import News, one_at_a_time, tell
from ofx.tmf.service_problem.faces import PROBLEM, Viewer
from ofx.tmf.service_problem.models import BuyerProblem
from ofx.tmf.service_problem.reading import prepared
from ofx.tmf.service_problem.words import API, STATUS
from ticketing.models import Outage, OutageChild
from ticketing.outages.vocabulary import PUBLIC, State

Json = dict[str, Any]
TOLD = {
    "outage.proposed": ("Create", "An outage was reported"),
    "outage.updated": ("AttributeValueChange", "There is news of an outage"),
    "problem.grouped": ("AttributeValueChange", "Problems were grouped"),
}
STATES = tuple(f"outage.{state}" for state in State.values if state != "candidate")
NAMES = (*TOLD, *STATES)


def fan_out(event: Event, subscriber: str) -> None:
    """Write the notifications of an event and, before them, those of earlier events of the same outage."""
    number = int(event.subject.partition(":")[2])
    row = Outage.objects.filter(pk=number).first()
    to = list(_listeners(event, row)) if row else []
    if not to:
        return
    one_at_a_time(number)
    rows = Event.objects.filter(settled=False, pk__lt=event.pk, subject=event.subject, name__in=NAMES)
    for told in (*rows.exclude(handled__subscriber=subscriber).order_by("pk"), event):
        for listener, viewer in to:
            if listener.created_at <= told.recorded_at:
                for news in _news(told, number, viewer, listener.organisation_id):
                    tell(news, event_id=told.pk, at=told.at, to=[listener])


def _listeners(event: Event, row: Outage | None) -> Iterator[tuple[Subscription, Viewer]]:
    """Subscriptions of the provider, and of customers that it touches or that reported it."""
    assert row is not None
    active = Subscription.objects.filter(api=API, state="active", created_at__lte=event.recorded_at).order_by("pk")
    for one in active.filter(organisation_id=row.organisation_id):
        yield one, "provider"
    touched = OutageChild.objects.filter(outage=row).exclude(state="detached").values("customer")
    mine = BuyerProblem.objects.filter(outage=row).values("organisation")
    theirs = active.filter(organisation__kind="customer")
    theirs = theirs.filter(organisation__in=touched) | theirs.filter(organisation__in=mine)
    for one in theirs.distinct():
        reported = BuyerProblem.objects.filter(outage=row, organisation=one.organisation_id).exists()
        if reported or row.state in PUBLIC:
            yield one, "customer"


def _news(event: Event, number: int, viewer: Viewer, organisation_id: int) -> Iterator[News]:
    """The words of one event; whoever hears of a problem for the first time is told that it is there."""
    words = []
    earlier = Event.objects.filter(subject=event.subject, name__in=NAMES, pk__lt=event.pk).exists()
    if not earlier:
        words.append(("Create", "There is a problem"))
    if event.name in TOLD and TOLD[event.name] not in words and (earlier or event.name != "outage.proposed"):
        words.append(TOLD[event.name])
    if event.name in STATES and STATUS[event.payload["from"]] != STATUS[event.payload["to"]]:
        words.append(("StateChange", f"The problem is {STATUS[event.payload['to']]}"))
    for word, title in words:
        yield News(
            api=API,
            resource=event.subject,
            event_type=f"ServiceProblem{word}Event",
            member="serviceProblem",
            document=_document(event, number, viewer, organisation_id),
            title=title,
            correlation=str(event.payload.get("reference") or event.subject),
        )


def _document(event: Event, number: int, viewer: Viewer, organisation_id: int) -> Callable[[str], Json | None]:
    def document(version: str) -> Json | None:
        customer = organisation_id if viewer == "customer" else None
        row = prepared(Outage.objects.filter(pk=number), customer).first()
        told = {"status": STATUS[event.payload["to"]]} if event.name in STATES else {}
        return {**PROBLEM[viewer].document(row), **told} if row else None

    return document

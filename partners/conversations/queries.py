"""Reads of the hub: lists with what their cells need, derived states, the chat of a case."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from ofx.core.ui.timeline import Entry
from partners.conversations.models import Conversation, Endpoint, Leg, Message
from partners.mapping.entities import word

SHOWN_BYTES = 200_000
HEAVY = ("raw", "wire", "answer", "canonical", "headers")
PROBLEMS = ("failed", "partial", "unrouted", "unrecognised", "rule_failed", "rejected")
VERBS = {
    "create": "New case",
    "amend": "Change",
    "answer": "Answer",
    "cancel": "Cancel",
    "note": "Note",
    "close": "Close",
    "reopen": "Re-open",
    "status": "Status",
    "attach": "File",
    "clear": "All clear",
    "notification": "Notification",
    "poll": "Polled",
    "query": "Asked for",
    "mail": "Mail",
    "upload": "Upload",
    "part": "Part of a file",
}


def message_rows(user: Any) -> QuerySet[Message]:
    """Messages of a list: light columns, endpoint and case, and whether an older one of the leg blocks it."""
    older = Message.objects.filter(leg=OuterRef("leg"), pk__lt=OuterRef("pk"), direction="out")
    stuck = older.filter(Q(state="queued") | Q(state="failed", blocks=True))
    rows = Message.objects.visible_to(user).select_related(
        "endpoint__operator", "endpoint__customer", "leg__conversation"
    )
    return rows.defer(*HEAVY).annotate(blocked=Exists(stuck))


def message_of(user: Any, pk: int) -> Message | None:
    """One message with its payloads; None where it is not the user's."""
    rows = (
        message_rows(user)
        .defer(None)
        .select_related("endpoint__operator", "endpoint__customer", "leg__conversation", "caused_by")
    )
    return rows.filter(pk=pk).first()


def look(message: Any, at: datetime) -> tuple[str, str]:
    """Label and colour of a message's state; for a queued one the derived words of HUB 1.8, which nothing stores."""
    if message.state != "queued":
        return Message.STATE_LOOK[message.state]
    endpoint = message.endpoint
    if message.lease_until and message.lease_until > at:
        return "Sending", "blue"
    if getattr(message, "blocked", False):
        return "Behind an older one", "amber"
    if endpoint.state != "active" or (endpoint.open_until and endpoint.open_until > at):
        return "Paused", "amber"
    if message.last_outcome == "unknown" and message.attempt:
        return "Outcome unknown", "amber"
    if message.attempt:
        return "Will be tried again", "amber"
    return "Queued", "blue"


def endpoint_rows(user: Any) -> QuerySet[Endpoint]:
    """Endpoints with queue depth and the oldest unsent message."""
    queue = Q(messages__state="queued", messages__direction="out")
    rows = Endpoint.objects.visible_to(user).select_related("operator", "customer", "organisation")
    return rows.annotate(queued=Count("messages", filter=queue), oldest=Min("messages__created_at", filter=queue))


def health(endpoint: Endpoint, at: datetime) -> tuple[str, str]:
    """How an endpoint does, in one word: its state, the breaker, the partner's wish to slow down."""
    if endpoint.state != "active":
        return Endpoint.STATE_LOOK[endpoint.state]
    if endpoint.open_until and endpoint.open_until > at:
        return "Not answering", "red"
    if endpoint.slow_until and endpoint.slow_until > at:
        return "Slowed down", "amber"
    return ("Answers badly", "amber") if endpoint.failures else ("Active", "green")


def traffic(endpoint: Endpoint) -> dict[str, Any]:
    """Queue and last signs of life of one endpoint."""
    return Message.objects.filter(endpoint=endpoint).aggregate(
        queued=Count("pk", filter=Q(state="queued")),
        oldest=Min("created_at", filter=Q(state="queued")),
        last_in=Max("created_at", filter=Q(direction="in")),
        last_out=Max("ended_at", filter=Q(direction="out", state__in=["delivered", "partial"])),
    )


# -- bodies for people -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Body:
    """A payload as shown: secrets masked, JSON indented, cut where it is too long."""

    text: str
    kind: str
    cut: bool = False


def body_of(raw: bytes | str, endpoint: Endpoint) -> Body:
    """The payload as text for people."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    for secret in (endpoint.token, endpoint.inbound_secret):
        if secret:
            text = text.replace(secret, "••••")
    cut = len(text) > SHOWN_BYTES
    if cut:
        return Body(text[:SHOWN_BYTES], "text", True)
    try:
        return Body(json.dumps(json.loads(text), indent=2, ensure_ascii=False), "JSON")
    except (ValueError, RecursionError):
        return Body(text, "text")


def inbound_of(message: Message) -> Body:
    """What came in: the payload, or the partner's answer to a message of ours."""
    if message.direction == "in":
        return body_of(bytes(message.raw), message.endpoint)
    return body_of(message.answer, message.endpoint)


def outbound_of(message: Message) -> Body:
    """What went out: the partner's form once it was made, before that the neutral record."""
    if message.direction == "out":
        return body_of(message.wire or json.dumps(message.canonical), message.endpoint)
    return Body("", "text")


# -- for other packages ----------------------------------------------------------------------------------------------
def messages_about(subject: str, *, limit: int = 200) -> list[Message]:
    """Messages of every leg that carries a subject, newest first, without payloads: for timelines."""
    rows = Message.objects.filter(leg__subject=subject).exclude(state="duplicate")
    return list(
        rows.select_related("endpoint", "leg").defer("raw", "wire", "answer", "headers").order_by("-pk")[:limit]
    )


def as_entries(messages: Iterable[Message]) -> list[Entry]:
    """Messages as entries of THE timeline."""
    return [
        Entry(
            at=message.ended_at or message.created_at,
            kind="message",
            title=f"{title_of(message)}: {Message.STATE_LOOK[message.state][0].lower()}",
            who=message.endpoint.name if message.direction == "in" else "us",
            channel=message.endpoint.kind,
            body=message.reason[:300],
            tone=Message.STATE_LOOK[message.state][1],
            url=message.get_absolute_url(),
        )
        for message in messages
    ]


def title_of(message: Message) -> str:
    """`Change to Northfibre`, `Notification from Northfibre`."""
    way = "to" if message.direction == "out" else "from"
    return f"{kind_of(message)} {way} {message.endpoint.name}"


def kind_of(message: Message) -> str:
    """The verb in words; a create by what it creates. Reads the leg."""
    if message.verb == "create" and message.leg is not None:
        return word(message.leg.entity_type).capitalize()
    return VERBS.get(message.verb, message.verb)


@dataclass(frozen=True)
class Said:
    """One message of the chat."""

    message: Message
    words: str
    look: tuple[str, str]
    news: str = ""


@dataclass(frozen=True)
class Side:
    """One leg of a conversation page with what was said, oldest first."""

    leg: Leg
    said: list[Said]


def _gist(told: list[dict[str, Any]] | None) -> str:
    """The newest thing that a partner's message told, in words: a poll repeats the older ones."""
    if not told:
        return ""
    newest = told[-1]
    said = newest.get("state") if newest.get("update_type") == "STATE" else newest.get("update_type")
    return str(said or newest.get("update_type", "")).replace("_", " ").capitalize()


def sides(conversation: Conversation, user: Any, at: datetime, *, limit: int = 200) -> list[Side]:
    """Every leg of a case with its newest messages: three queries, however many legs."""
    legs = Leg.objects.visible_to(user).filter(conversation=conversation)
    found = list(legs.select_related("endpoint__operator", "endpoint__customer").order_by("pk"))
    rows = message_rows(user).filter(leg__in=found).exclude(state="duplicate")
    rows = rows.annotate(told=KeyTransform("news", "canonical")).order_by("-pk")[: limit * 2]
    by_leg: dict[int | None, list[Said]] = {}
    for row in rows:
        news = _gist(getattr(row, "told", None))
        by_leg.setdefault(row.leg_id, []).append(Said(row, title_of(row), look(row, at), news))
    return [Side(leg, by_leg.get(leg.pk, [])[:limit][::-1]) for leg in found]

"""Read what was stored: parse, map, correlate, tell the upper packages; one transaction a message (HUB 3.1, 1.9).

News is applied to nobody but the leg that it names at this very endpoint: a partner's id means nothing elsewhere. What
matches no leg is kept as `unrouted` for a person, never a silent create.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from ofx.core.events.actions import publish
from ofx.core.tracing import STORED, bound
from partners.connectors.base import Unreadable
from partners.connectors.registry import connector_for
from partners.conversations.begun import Begun, begun
from partners.conversations.claim import Claim, claim_incoming, worker_name
from partners.conversations.correlate import correlate
from partners.conversations.loops import without_echoes
from partners.conversations.models import Endpoint, Leg, Message
from partners.conversations.outcome import attention
from partners.conversations.pauses import from_now, retry_pause
from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical import News
from partners.mapping.canonical_faults import TicketNews
from partners.mapping.dialects import mapping_for
from partners.mapping.entities import ORDER, word

log = logging.getLogger(__name__)
BATCH = 20
MAX_ATTEMPTS = 6
ENDING = ("COMPLETED", "TERMINATED", "CANCELLED")
OVER = ("closed", "rejected", "cancelled")
NO_FILE = "the mail has no CSV attachment: a person must read it"


@dataclass
class Reading:
    """What one message came to."""

    news: dict[int, list[News | TicketNews]] = field(default_factory=lambda: defaultdict(list))  # leg id → news
    legs: dict[int, Leg] = field(default_factory=dict)
    records: dict[int, list[ParsedRecord]] = field(default_factory=lambda: defaultdict(list))
    unmapped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # records that matched nothing
    wrong: list[str] = field(default_factory=list)  # records that no mapping could tell
    unread: list[str] = field(default_factory=list)  # what only a person can read
    begun: list[Begun] = field(default_factory=list)  # what the other side began by itself
    about: dict[int, str] = field(default_factory=dict)  # legs that a person must look at, and why
    version: str = ""


def read_due(clock: Callable[[], datetime], *, limit: int = 200) -> int:
    """Read stored messages until none is due or so many are done. Returns how many."""
    worker, done = worker_name(), 0
    while done < limit:
        claims = claim_incoming(min(BATCH, limit - done), worker)
        if not claims:
            break
        for claim in claims:
            read(claim, at=clock())
            done += 1
    return done


def read(claim: Claim, *, at: datetime) -> None:
    """Read one claimed message. Whatever goes wrong ends with this message (item 13)."""
    if claim.attempt > MAX_ATTEMPTS:
        _close(claim, "rule_failed", f"given up after {MAX_ATTEMPTS} attempts: reading it ended the worker", at)
        return
    try:
        with transaction.atomic():
            message = Message.objects.select_for_update(of=("self",)).filter(**claim.fence, state="stored").first()
            if message is not None:
                with bound(request_id=message.headers.get(STORED), message_id=message.pk):
                    _read(message, claim, at)
    except Exception as error:
        log.exception("reading a message failed", extra={"message_id": claim.id})
        _failed(claim, error, at)


def _read(message: Message, claim: Claim, at: datetime) -> None:
    endpoint = message.endpoint
    try:
        records = connector_for(endpoint.kind).parse(bytes(message.raw), message.headers)
    except Unreadable as error:
        _close(claim, "unrecognised", str(error), at)
        _unrouted_event(message, str(error), at)
        return
    reading = _understood(message, records)
    if (reading.problems or reading.begun) and _may_match_later(endpoint, claim):
        _again(claim, "; ".join(reading.problems)[:2000])
        return
    _route(message, reading, claim, at)


def _understood(message: Message, records: list[ParsedRecord]) -> Reading:
    endpoint = message.endpoint
    only = message.organisation_id if message.verb == "upload" else None
    reading = Reading()
    for record in records:
        contradictions = len(reading.about)
        legs, problem = correlate(endpoint, record, reading.about, only)
        for leg in legs:
            _add(reading, endpoint, record, leg)
        if legs:
            continue
        if record.kind == "words":
            reading.unread.append(NO_FILE)
        else:
            found = begun(message, record) if len(reading.about) == contradictions else None
            reading.begun += [found] if found else []
            reading.problems += [] if found and found.settled else [problem]
    return reading


def _add(reading: Reading, endpoint: Endpoint, record: ParsedRecord, leg: Leg) -> None:
    reading.legs.setdefault(leg.pk, leg)
    try:
        mapping = mapping_for(endpoint.dialect, endpoint.kind, leg.entity_type)
        reading.version = mapping.version
        mapped: Mapped = mapping.inbound(record)
    except Unmappable as error:
        reading.wrong.append(f"{record.external_id or record.our_key}: {error}")
        return
    reading.news[leg.pk] += mapped.news
    reading.records[leg.pk].append(record)
    reading.unmapped += [word for word in mapped.unmapped if word not in reading.unmapped]


def _may_match_later(endpoint: Endpoint, claim: Claim) -> bool:
    """News may come before the answer to the create that it is about."""
    if claim.attempt >= 4:
        return False
    return Message.objects.filter(
        endpoint=endpoint, direction="out", state="queued", verb="create", attempt__gt=0, leg__external_id=""
    ).exists()


def _route(message: Message, reading: Reading, claim: Claim, at: datetime) -> None:
    """Hand every leg its news, in the transaction that marks the message as read (item 16)."""
    for leg_id, leg in reading.legs.items():
        leg.endpoint = message.endpoint
        reading.news[leg_id] = without_echoes(leg, reading.news[leg_id])
    parts = _parts(message, reading, at)
    for leg_id in sorted(reading.legs):
        _tell(parts[leg_id], reading.legs[leg_id], reading.news[leg_id], reading.records[leg_id], at)
    for leg_id, why in reading.about.items():
        attention(Leg.objects.select_related("conversation").get(pk=leg_id), why, at)
    for one in reading.begun:
        publish(one.event, one.subject, at=at, organisation_id=one.organisation_id, **one.payload)
    state, reason = _verdict(reading)
    only = reading.legs[next(iter(reading.legs))] if len(reading.legs) == 1 else None
    canonical = {
        "news": _as_json(only, reading.news[only.pk]) if only is not None else [],
        "unmapped": reading.unmapped,
        "orders": len(reading.legs),
        "begun": [one.payload for one in reading.begun][:20],
    }
    values: dict[str, Any] = {"canonical": canonical, "mapping_version": reading.version}
    if only is not None:
        values |= {"leg": only, "organisation_id": only.conversation.organisation_id}
    _close(claim, state, reason, at, **values)
    if state != "routed":
        _unrouted_event(message, reason, at)
    if reading.unmapped:
        _drifted(message, reading, at)
    Endpoint.objects.filter(pk=message.endpoint_id).update(last_sync_at=at)


def _verdict(reading: Reading) -> tuple[str, str]:
    if reading.wrong:
        return "rule_failed", "; ".join([*reading.wrong, *reading.problems])[:4000]
    if reading.problems:
        return "unrouted", "; ".join(reading.problems)[:4000]
    if reading.unread:
        return "unrecognised", reading.unread[0]
    return "routed", "; ".join(one.words for one in reading.begun)[:4000]


def _as_json(leg: Leg, news: list[News | TicketNews]) -> list[dict[str, Any]]:
    """Plain values of a leg's news; of faults and outages with the word that tells them apart from orders."""
    mark = {} if leg.entity_type == ORDER else {"entity": leg.entity_type}
    return [row.as_json() | mark for row in news]


def _parts(message: Message, reading: Reading, at: datetime) -> dict[int, Message]:
    """The message itself for one leg; for several a part each, so that every case shows its own news only."""
    if len(reading.legs) == 1:
        return dict.fromkeys(reading.legs, message)
    return {
        leg_id: Message.objects.create(
            organisation_id=leg.conversation.organisation_id,
            endpoint_id=message.endpoint_id,
            leg=leg,
            direction="in",
            state="routed",
            verb="part",
            headers={"kind": "part"},
            canonical={"news": _as_json(leg, reading.news[leg_id]), "unmapped": reading.unmapped},
            mapping_version=reading.version,
            caused_by=message,
            created_at=at,
            ended_at=at,
        )
        for leg_id, leg in reading.legs.items()
    }


def _tell(message: Message, leg: Leg, news: list[News | TicketNews], records: list[ParsedRecord], at: datetime) -> None:
    """Publish the news of one leg and keep what was learned: the partner's id, the version, when to ask again."""
    learned = next((record.external_id for record in records if record.external_id), "")
    _learn(leg, learned, at)
    refresh = from_now(timedelta(seconds=settings.HUB_REFRESH_SECONDS))
    ended = any(row.update_type in ENDING for row in news) or _over(news)
    version = next((record.version for record in reversed(records) if record.version), leg.seen_version)
    values: dict[str, Any] = {"last_inbound_at": at, "seen_version": version, "next_refresh_at": refresh}
    if ended:
        values |= {"closed_at": at, "next_refresh_at": None}
    Leg.objects.filter(pk=leg.pk).update(**values)
    if not news:
        return
    payload = {
        "message_id": message.pk,
        "leg_id": leg.pk,
        "leg_subject": leg.subject,
        "our_key": leg.our_key,
        "entity": leg.entity_type,
        "external_id": leg.external_id or learned,
        "news": _as_json(leg, news),
    }
    tenant = leg.conversation.organisation_id
    publish("message.received", f"leg:{leg.pk}", at=at, organisation_id=tenant, **payload)


def _over(news: list[News | TicketNews]) -> bool:
    """Whether the newest state of a ticket or problem is its last."""
    states = [row.state for row in news if isinstance(row, TicketNews) and row.update_type in ("STATE", "RESOLVED")]
    return bool(states) and states[-1] in OVER


def _learn(leg: Leg, external_id: str, at: datetime) -> None:
    """The partner's id, where it was not known: from news that named our key."""
    if not external_id or leg.external_id:
        return
    try:
        with transaction.atomic():
            Leg.objects.filter(pk=leg.pk, external_id="").update(external_id=external_id)
        leg.external_id = external_id
    except IntegrityError:
        attention(leg, f"the partner's id {external_id} belongs to another {word(leg.entity_type)} of ours", at)


def _close(claim: Claim, state: str, reason: str, at: datetime, **values: Any) -> bool:
    rows = Message.objects.filter(**claim.fence, state="stored")
    return bool(rows.update(state=state, reason=reason, ended_at=at, lease_until=None, **values))


def _again(claim: Claim, reason: str) -> None:
    rows = Message.objects.filter(**claim.fence, state="stored")
    rows.update(lease_until=None, reason=reason, next_attempt_at=from_now(retry_pause(claim.attempt)))


def _failed(claim: Claim, error: Exception, at: datetime) -> None:
    """A defect of ours: tried again with growing pauses, then left for a person; the others flow on."""
    if claim.attempt >= MAX_ATTEMPTS:
        if _close(claim, "rule_failed", f"{type(error).__name__}: {error}"[:2000].replace("\x00", ""), at):
            _unrouted_event(Message.objects.get(pk=claim.id), "reading it failed", at)
    else:
        _again(claim, f"{type(error).__name__}: {error}"[:2000].replace("\x00", ""))


def _unrouted_event(message: Message, why: str, at: datetime) -> None:
    told = {"message_id": message.pk, "endpoint_id": message.endpoint_id, "reason": why[:500]}
    publish("message.unrouted", f"message:{message.pk}", at=at, organisation_id=message.organisation_id, **told)


def _drifted(message: Message, reading: Reading, at: datetime) -> None:
    """Words that no table knows are drift of the partner's contract: never silent (DOMAIN R10)."""
    told = {"message_id": message.pk, "endpoint_id": message.endpoint_id, "words": reading.unmapped[:20]}
    subject = f"endpoint:{message.endpoint_id}"
    publish("mapping.drifted", subject, at=at, organisation_id=message.endpoint.organisation_id, **told)

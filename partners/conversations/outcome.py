"""What an ended try does: to the message, its leg, its endpoint, and who is told. One transaction, under the fence."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from partners.connectors.base import NEVER, RETRY, SUCCESS, UNKNOWN, Delivered
from partners.conversations.claim import Claim
from partners.conversations.models import Attempt, Endpoint, Leg, Message
from partners.conversations.pauses import breaker_pause, from_now, retry_pause, slow_pause
from partners.conversations.storable import line, tree
from partners.mapping.entities import PROBLEM, word

ANSWER_LIMIT = 200_000
REFUSALS = ("amend", "cancel", "answer", "note", "close", "reopen", "attach", "status", "clear")


def write_back(claim: Claim, delivered: Delivered, *, at: datetime) -> bool:
    """Write how a try ended. False, and nothing is changed, where the lease was lost meanwhile (item 14)."""
    delivered = replace(
        delivered,
        detail=line(delivered.detail),
        external_id=line(delivered.external_id),
        differences=tree(delivered.differences),
    )
    assert claim.leg_id is not None
    with transaction.atomic():
        leg = Leg.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=claim.leg_id)
        message = Message.objects.select_for_update().filter(**claim.fence, state="queued").first()
        if message is None:
            return False
        delivered = _adopted(leg, message, delivered)
        _close_attempt(claim, delivered, at)
        if delivered.outcome == SUCCESS:
            _succeeded(leg, message, delivered, at)
        elif delivered.outcome == NEVER:
            _failed(leg, message, delivered, at)
        else:
            _later(message, delivered)
        _endpoint(message.endpoint_id, delivered, at)
        return True


def _adopted(leg: Leg, message: Message, delivered: Delivered) -> Delivered:
    """Pin the partner's id to the leg. An id that is another case's already, or not the one we knew, is no success."""
    new = delivered.external_id
    if delivered.outcome != SUCCESS or not new or new == leg.external_id:
        return delivered
    if leg.external_id:
        what = word(leg.entity_type)
        text = f"the partner now calls this {what} {new}, but it was {leg.external_id}: which one is ours?"
        return Delivered(NEVER, delivered.status, detail=text, fault="ambiguous")
    try:
        with transaction.atomic():
            number = _number(delivered.echo)
            if leg.entity_type == PROBLEM and _others(leg, new):
                raise IntegrityError
            Leg.objects.filter(pk=leg.pk).update(external_id=new, external_number=number)
    except IntegrityError:
        text = f"the partner answered with the id {new}, which belongs to another {word(leg.entity_type)} of ours there"
        return Delivered(NEVER, delivered.status, detail=text, fault="ambiguous")
    leg.external_id = new
    return delivered


def _others(leg: Leg, external_id: str) -> bool:
    """Whether another outage of the same tenant bears the id: tenants may share one, cases of one tenant may not."""
    same = Leg.objects.filter(endpoint=leg.endpoint_id, entity_type=PROBLEM, external_id=external_id)
    return same.filter(conversation__organisation_id=_tenant(leg)).exclude(pk=leg.pk).exists()


def _number(echo: Any) -> str:
    return str(echo.get("orderNumber") or "")[:120] if isinstance(echo, dict) else ""


def _close_attempt(claim: Claim, delivered: Delivered, at: datetime) -> None:
    Attempt.objects.filter(message_id=claim.id, number=claim.attempt).update(
        ended_at=at, outcome=delivered.outcome, status=delivered.status, detail=delivered.detail[:2000]
    )


def _succeeded(leg: Leg, message: Message, delivered: Delivered, at: datetime) -> None:
    partial = bool(delivered.differences)
    state = "partial" if partial else "delivered"
    answer = "" if delivered.echo is None else json.dumps(delivered.echo, ensure_ascii=False, indent=1)
    _end(message, state, delivered, at, reason=_partial_words(delivered), answer=line(answer))
    payload = {
        "message_id": message.pk,
        "leg_id": leg.pk,
        "leg_subject": leg.subject,
        "entity": leg.entity_type,
        "verb": message.verb,
        "external_id": leg.external_id,
        "partial": partial,
        "differences": delivered.differences,
    }
    publish("message.delivered", f"leg:{leg.pk}", at=at, organisation_id=_tenant(leg), **payload)
    seconds = 1 if partial else settings.HUB_REFRESH_SECONDS
    values: dict[str, Any] = {"next_refresh_at": from_now(timedelta(seconds=seconds))}
    if leg.attention and not partial:
        values["attention"] = ""
    Leg.objects.filter(pk=leg.pk, closed_at=None).update(**values)
    if partial:
        attention(leg, f"{message.verb}: the partner took {_fields(delivered)} otherwise than sent", at)


def _fields(delivered: Delivered) -> str:
    return ", ".join(str(row["field"]) for row in delivered.differences[:3])


def _partial_words(delivered: Delivered) -> str:
    return f"The partner echoed otherwise: {_fields(delivered)}" if delivered.differences else delivered.detail


def _failed(leg: Leg, message: Message, delivered: Delivered, at: datetime) -> None:
    """The end of it. A refused change leaves the case free; a create that failed blocks what comes after it."""
    refused = message.verb in REFUSALS and delivered.fault == "" and delivered.status is not None
    blocks = message.blocks and not refused
    _end(message, "failed", delivered, at, reason=delivered.detail or "refused", blocks=blocks)
    payload = {
        "message_id": message.pk,
        "leg_id": leg.pk,
        "leg_subject": leg.subject,
        "entity": leg.entity_type,
        "verb": message.verb,
        "reason": delivered.detail,
        "round": message.retries,
    }
    publish("message.failed", f"leg:{leg.pk}", at=at, organisation_id=_tenant(leg), **payload)
    if not refused:
        attention(leg, f"{message.verb}: {delivered.detail}", at)


def _later(message: Message, delivered: Delivered) -> None:
    """Back into the queue. A refused login costs no pause: the whole endpoint waits for a person."""
    pause = from_now(retry_pause(message.attempt, delivered.retry_after))
    Message.objects.filter(pk=message.pk).update(
        last_outcome=delivered.outcome,
        reason=delivered.detail[:2000],
        next_attempt_at=Now() if delivered.fault == "auth" else pause,
        lease_until=None,
    )


def _end(message: Message, state: str, delivered: Delivered, at: datetime, **values: Any) -> None:
    values["answer"] = str(values.get("answer", ""))[:ANSWER_LIMIT]
    Message.objects.filter(pk=message.pk).update(
        state=state,
        ended_at=at,
        lease_until=None,
        last_outcome=delivered.outcome,
        differences=delivered.differences,
        **values,
    )


def _endpoint(endpoint_id: int, delivered: Delivered, at: datetime) -> None:
    """The breaker, the slow-down and the refused login are the endpoint's, not one message's (items 21, 22)."""
    row = Endpoint.objects.filter(pk=endpoint_id)
    if delivered.fault == "auth":
        auth_failed(endpoint_id, delivered.detail, at)
    elif delivered.outcome in (RETRY, UNKNOWN) and delivered.fault in ("down", "slow") and delivered.status != 429:
        _one_more_failure(endpoint_id, delivered, at)
    elif delivered.status is not None or delivered.outcome == SUCCESS:  # the other side lives
        row.exclude(failures=0, open_until=None).update(failures=0, open_until=None, last_error="")
    if delivered.fault == "slow":
        row.update(slow_until=from_now(slow_pause(delivered.retry_after)))


def _one_more_failure(endpoint_id: int, delivered: Delivered, at: datetime) -> None:
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint_id)
    endpoint.failures += 1
    values: dict[str, Any] = {"failures": endpoint.failures, "last_error": delivered.detail[:300]}
    if endpoint.failures >= settings.HUB_BREAKER_FAILURES:
        values["open_until"] = from_now(breaker_pause(endpoint.failures))
    Endpoint.objects.filter(pk=endpoint_id).update(**values)
    if endpoint.failures == settings.HUB_BREAKER_FAILURES:
        told = {"endpoint_id": endpoint_id, "reason": delivered.detail}
        publish("endpoint.tripped", f"endpoint:{endpoint_id}", at=at, organisation_id=endpoint.organisation_id, **told)


def auth_failed(endpoint_id: int, why: str, at: datetime) -> None:
    """Pause the endpoint, once, and tell; the queue is kept (item 21)."""
    endpoint = Endpoint.objects.get(pk=endpoint_id)
    if not Endpoint.objects.filter(pk=endpoint_id, state="active").update(state="auth_failed", last_error=why[:300]):
        return
    subject, org = f"endpoint:{endpoint_id}", endpoint.organisation_id
    record(actor=None, subject=subject, verb="paused: credentials refused", at=at, organisation_id=org, why=why[:500])
    publish("endpoint.auth_failed", subject, at=at, organisation_id=org, endpoint_id=endpoint_id, reason=why[:500])


def attention(leg: Leg, why: str, at: datetime) -> None:
    """A person must look at this case: kept on the leg and told once per reason."""
    text = why[:200]
    if not Leg.objects.filter(pk=leg.pk).exclude(attention=text).update(attention=text):
        return
    payload = {"leg_id": leg.pk, "leg_subject": leg.subject, "reason": why[:500]}
    publish("leg.needs_attention", f"leg:{leg.pk}", at=at, organisation_id=_tenant(leg), **payload)


def _tenant(leg: Leg) -> int:
    return leg.conversation.organisation_id

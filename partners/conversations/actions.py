"""Every write asked of the hub: open a leg, send, refresh; and what operators do to messages and endpoints."""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from ofx.core.accounts.models import Organisation
from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.scoping import permit
from ofx.core.tracing import stored
from ofx.core.transitions import IllegalTransition, transition
from partners.connectors.base import NotReached
from partners.connectors.registry import connector_for
from partners.conversations.ingest import READ_INBOX, body_key, store
from partners.conversations.loops import blown, remember
from partners.conversations.models import Conversation, Endpoint, Leg, Message
from partners.conversations.outcome import attention
from partners.conversations.polling import NO_HUB, subscribe
from partners.conversations.storable import line, tree
from partners.conversations.ways import customer_endpoint as customer_endpoint
from partners.conversations.ways import endpoint_for as endpoint_for
from partners.conversations.ways import line_tester as line_tester
from partners.mapping.entities import ENTITY_OF, ORDER, Outbound

DELIVER = "partners.conversations.tasks.deliver"
REFRESH = "partners.conversations.tasks.refresh"
SECRETS = ("token", "inbound_secret")
ALIVE = ("queued", "delivered", "partial")
FUSE = "so many messages about this case in ten minutes that two systems seem to answer each other: look, then retry"


# -- calls from above ---------------------------------------------------------------------------------------------
def open_leg(
    *,
    organisation: Organisation,
    case: str,
    subject: str,
    endpoint: Endpoint,
    our_key: str,
    at: datetime,
    simulated: bool,
    entity: str = "",
    external_id: str = "",
) -> Leg:
    """The leg of our key, made on the first call together with the conversation of the case. Calling twice is one.

    `entity`: order, ticket or problem; empty: by what its subject is. `external_id`: the partner's id of a case that
    was theirs before it was ours.
    """
    conversation, _ = Conversation.objects.get_or_create(
        organisation=organisation, subject=case, defaults={"created_at": at}
    )
    leg, _ = Leg.objects.get_or_create(
        our_key=our_key,
        defaults={
            "conversation": conversation,
            "endpoint": endpoint,
            "subject": subject,
            "simulated": simulated or endpoint.simulated,
            "entity_type": entity or ENTITY_OF.get(subject.partition(":")[0], ORDER),
            "external_id": external_id,
        },
    )
    return leg


def send(*, leg: Leg, verb: str, order: Outbound, at: datetime, actor: Any, blocks: bool = True) -> Message:
    """Queue one message in the caller's transaction; it leaves after the commit, after all older ones of its leg.

    `verb`: of orders create, amend, answer, cancel; of tickets and problems see canonical_faults. The id is assigned
    while the leg's row is locked, so that ids follow the order of the commits. A create is queued once a leg, ever: a
    second call returns the first one, and puts it back into the queue where its delivery had failed. `blocks`: if
    its delivery fails, later messages wait for a person.
    """
    with transaction.atomic():
        leg = _locked(leg.pk)
        if verb == "create":
            first = Message.objects.filter(leg=leg, direction="out", verb="create").exclude(state="cancelled").first()
            if first is not None:
                return first if first.state in ALIVE else _requeue(first, actor=actor, at=at, order=order)
        stopped = blown(leg, at)
        message = Message.objects.create(
            organisation_id=leg.conversation.organisation_id,
            endpoint_id=leg.endpoint_id,
            leg=leg,
            direction="out",
            state="failed" if stopped else "queued",
            reason=FUSE if stopped else "",
            verb=verb,
            canonical=order.as_json(),
            headers=stored(),
            created_at=at,
            next_attempt_at=Now(),
            blocks=blocks,
        )
        message.next_attempt_at = at
        if leg.closed_at is not None:
            Leg.objects.filter(pk=leg.pk).update(closed_at=None)
        remember(leg, verb, order, at)
        if stopped:
            attention(leg, FUSE, at)
            _tell_failed(message, leg, FUSE, at)
        _log(message, f"queued {verb}", actor, at)
        _wake(leg.endpoint_id)
        return message


def withdraw(*, leg: Leg, at: datetime, actor: Any, reason: str) -> bool:
    """Cancel what of this leg was never tried. True: the partner has heard of nothing, and will not."""
    with transaction.atomic():
        leg = _locked(leg.pk)
        rows = list(Message.objects.select_for_update().filter(leg=leg, direction="out"))
        if any(row.attempt for row in rows):
            return False
        for row in rows:
            if row.state == "queued":
                _end(row, "cancelled", reason, actor, at)
        Leg.objects.filter(pk=leg.pk, closed_at=None).update(closed_at=at, next_refresh_at=None)
        return True


def refresh(*, leg: Leg, at: datetime) -> None:
    """Ask the partner for this case soon. Without its id there, by e-mail or in the portal, nobody can be asked."""
    if not leg.external_id or leg.endpoint.kind in ("email", "portal"):
        return
    Leg.objects.filter(pk=leg.pk).update(next_refresh_at=Now())
    transaction.on_commit(lambda: wake(REFRESH), robust=True)


def close_leg(*, leg: Leg, at: datetime) -> None:
    """Nothing more is awaited: the case is no longer asked for. Late news still finds it (HUB rule 2)."""
    Leg.objects.filter(pk=leg.pk, closed_at=None).update(closed_at=at, next_refresh_at=None)


# -- operators' acts on messages -------------------------------------------------------------------------------------
def retry(*, message: Message, actor: Any, at: datetime) -> Message:
    """Try a failed or waiting message now. An unknown create is still looked up first. Twice is once."""
    permit(actor, "message.write")
    with transaction.atomic():
        message = _locked_message(message)
        if message.direction != "out" or message.state not in ("failed", "queued"):
            raise IllegalTransition(
                f"The message is {message.get_state_display().lower()}: only a failed one is retried."
            )
        return _requeue(message, actor=actor, at=at)


def cancel_message(*, message: Message, actor: Any, at: datetime, reason: str = "") -> Message:
    """Take a waiting message out of the queue. One that is being sent cannot be called back."""
    permit(actor, "message.write")
    return _stop(message, "cancelled", reason or "Cancelled by a person", actor, at)


def skip(*, message: Message, actor: Any, at: datetime, reason: str = "") -> Message:
    """Leave a message undone and let the later ones of its leg go on."""
    permit(actor, "message.write")
    return _stop(message, "skipped", reason or "Skipped by a person", actor, at)


def replay(*, message: Message, actor: Any, at: datetime) -> Message:
    """Read a stored inbound payload anew with today's rules: a new message, linked to the old. Twice is once."""
    permit(actor, "message.write")
    with transaction.atomic():
        message = _locked_message(message)
        gone = message.direction != "in" or message.verb == "part" or message.forgotten_at is not None
        if gone or message.state in ("stored", "rejected"):
            raise IllegalTransition("Only a payload that was received whole and read once can be read again.")
        waiting = Message.objects.filter(caused_by=message, state="stored", direction="in").first()
        if waiting is not None:
            return waiting
        again = Message.objects.create(
            organisation_id=message.organisation_id if message.verb == "upload" else message.endpoint.organisation_id,
            endpoint_id=message.endpoint_id,
            direction="in",
            state="stored",
            verb=message.verb,
            raw=bytes(message.raw),
            headers=message.headers,
            caused_by=message,
            created_at=at,
            next_attempt_at=Now(),
        )
        if message.state in ("unrouted", "unrecognised", "rule_failed"):
            Message.objects.filter(pk=message.pk).update(state="superseded", reason=f"Read again as message {again.pk}")
        again.next_attempt_at = at
        _log(message, "read again", actor, at, again=again.pk)
        transaction.on_commit(lambda: wake(READ_INBOX), robust=True)
        return again


def upload(*, endpoint: Endpoint, raw: bytes, name: str, actor: Any, at: datetime) -> Message:
    """Take in a file of updates (CSV) as if the partner had mailed it. At a shared endpoint it reaches the cases of
    the person's own organisation only. The same file twice is a duplicate."""
    permit(actor, "message.write")
    acting = actor.acting if actor is not None else None
    own = acting.organisation_id if acting is not None and acting.organisation.kind != "exchange" else None
    with transaction.atomic():
        row = store(
            endpoint=endpoint,
            raw=raw,
            headers={"kind": "upload", "file": line(name)[:200]},
            dedupe_key=f"upload:{own or 0}:{body_key(raw)}",
            verb="upload",
            at=at,
            organisation_id=own,
        )
        _log(row, "uploaded", actor, at, file=line(name)[:200])
        return row


def settle_attention(*, leg: Leg, actor: Any, at: datetime) -> None:
    """A person has looked: the mark goes. Doing it twice is once."""
    permit(actor, "message.write")
    with transaction.atomic():
        why = leg.attention
        if Leg.objects.filter(pk=leg.pk).exclude(attention="").update(attention=""):
            tenant = leg.conversation.organisation_id
            record(actor=actor, subject=f"leg:{leg.pk}", verb="settled", at=at, organisation_id=tenant, why=why)


# -- operators' acts on endpoints ------------------------------------------------------------------------------------
def change_endpoint(*, endpoint: Endpoint, actor: Any, at: datetime, values: dict[str, Any]) -> None:
    """Change how an endpoint is reached. Secrets are logged as changed, never by value; an empty one keeps the old."""
    permit_endpoint(endpoint=endpoint, actor=actor)
    wanted = {name: value for name, value in values.items() if name not in SECRETS or value}
    changed = sorted(name for name, value in wanted.items() if getattr(endpoint, name) != value)
    if not changed:
        return
    with transaction.atomic():
        for name in changed:
            setattr(endpoint, name, wanted[name])
        endpoint.save(update_fields=changed)
        subject, tenant = f"endpoint:{endpoint.pk}", endpoint.organisation_id
        shown = {name: "changed" if name in SECRETS else str(wanted[name]) for name in changed}
        record(actor=actor, subject=subject, verb="changed the endpoint", at=at, organisation_id=tenant, **shown)


def probe(*, endpoint: Endpoint, actor: Any, at: datetime) -> list[dict[str, Any]]:
    """Test the connection by reading only, keep what was found, and see to our subscription there."""
    permit(actor, "endpoint.write")
    connector = connector_for(endpoint.kind)
    found = [asdict(finding) for finding in connector.probe(endpoint, at)]
    if all(finding["ok"] for finding in found):
        found.append(_subscription(endpoint))
    by_key = [finding["ok"] for finding in found if finding["name"] == "Finding by our key"]
    values: dict[str, Any] = {"probe": tree(found), "probed_at": at}
    if by_key:
        values["finds_by_key"] = by_key[0]
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(**values)
        subject, tenant = f"endpoint:{endpoint.pk}", endpoint.organisation_id
        good = all(finding["ok"] for finding in found)
        record(actor=actor, subject=subject, verb="tested the connection", at=at, organisation_id=tenant, ok=good)
    return found


def _subscription(endpoint: Endpoint) -> dict[str, Any]:
    try:
        hub_id = subscribe(endpoint)
    except NotReached as error:
        return {"name": "Notifications", "ok": False, "text": str(error)}
    text = "this partner sends none: it is polled" if hub_id == NO_HUB else "the partner tells us of changes"
    return {"name": "Notifications", "ok": True, "text": text}


def suspend(*, endpoint: Endpoint, actor: Any, at: datetime, reason: str = "") -> None:
    """Stop sending; receiving, polling and queueing go on. Suspending twice is once."""
    permit_endpoint(endpoint=endpoint, actor=actor)
    if endpoint.state != "suspended":
        transition(endpoint, "suspended", at=at, actor=actor, why=reason)


def resume(*, endpoint: Endpoint, actor: Any, at: datetime) -> None:
    """Send again, in order, under the rate cap; breaker and slow-down start anew. Resuming twice is once."""
    permit_endpoint(endpoint=endpoint, actor=actor)
    with transaction.atomic():
        if endpoint.state != "active":
            transition(endpoint, "active", at=at, actor=actor)
        Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, open_until=None, slow_until=None, last_error="")
        _wake(endpoint.pk)


def permit_endpoint(*, endpoint: Endpoint, actor: Any) -> None:
    """Who may change an endpoint: administrators; a shared one only those of the exchange. Raises PermissionDenied."""
    permit(actor, "endpoint.write")
    acting = actor.acting if actor is not None else None
    if acting is not None and endpoint.organisation_id is None and acting.organisation.kind != "exchange":
        raise PermissionDenied("This endpoint is shared by all tenants: ask the exchange.")


def new_inbound_key() -> str:
    """An unguessable address for a webhook."""
    return secrets.token_urlsafe(24)


# -- inside ----------------------------------------------------------------------------------------------------------
def _locked(leg_id: int) -> Leg:
    return Leg.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=leg_id)


def _locked_message(message: Message) -> Message:
    """The newest version of a message, its leg locked before it as everywhere."""
    if message.leg_id is not None:
        _locked(message.leg_id)
    return Message.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=message.pk)


def _requeue(message: Message, *, actor: Any, at: datetime, order: Outbound | None = None) -> Message:
    """Back into the queue with a new round of attempts; its place among the leg's messages stays."""
    leased = message.state == "queued" and message.lease_until is not None
    if leased:
        return message
    values: dict[str, Any] = {"state": "queued", "next_attempt_at": Now(), "ended_at": None, "lease_until": None}
    if message.state == "failed" or message.state == "skipped":
        values["retries"] = F("retries") + 1
    if order is not None:
        values["canonical"] = order.as_json()
    Message.objects.filter(pk=message.pk).update(**values)
    if message.leg_id is not None:
        Leg.objects.filter(pk=message.leg_id).update(attention="", closed_at=None)
    _log(message, f"retried {message.verb}", actor, at)
    _wake(message.endpoint_id)
    message.refresh_from_db()
    return message


def _stop(message: Message, state: str, reason: str, actor: Any, at: datetime) -> Message:
    with transaction.atomic():
        message = _locked_message(message)
        if message.state == state:
            return message
        busy = message.lease_until is not None and Message.objects.filter(pk=message.pk, lease_until__gt=Now()).exists()
        if message.direction != "out" or message.state not in ("queued", "failed") or busy:
            what = "is being sent" if busy else f"is {message.get_state_display().lower()}"
            raise IllegalTransition(f"The message {what}: it can no longer be taken back.")
        _end(message, state, reason, actor, at)
        _wake(message.endpoint_id)
        return message


def _end(message: Message, state: str, reason: str, actor: Any, at: datetime) -> None:
    """End an outgoing message by hand and tell."""
    was = message.state
    Message.objects.filter(pk=message.pk).update(state=state, reason=reason[:2000], ended_at=at, lease_until=None)
    message.state = state
    _log(message, state, actor, at, why=reason)
    leg = message.leg
    if was == "queued" and leg is not None:
        _tell_failed(message, leg, reason, at, by_hand=state)


def _tell_failed(message: Message, leg: Leg, reason: str, at: datetime, **more: str) -> None:
    """For those above it is a delivery that will not come."""
    payload: dict[str, Any] = {"message_id": message.pk, "leg_id": leg.pk, "leg_subject": leg.subject}
    payload |= {"entity": leg.entity_type, "verb": message.verb, "round": message.retries, "reason": reason, **more}
    publish("message.failed", f"leg:{leg.pk}", at=at, organisation_id=message.organisation_id, **payload)


def _log(message: Message, verb: str, actor: Any, at: datetime, **data: Any) -> None:
    subject = f"message:{message.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=message.organisation_id, **data)


def _wake(endpoint_id: int) -> None:
    transaction.on_commit(lambda: wake(DELIVER, endpoint_id), robust=True)

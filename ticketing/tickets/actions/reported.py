"""A ticket that was raised in a customer's own system, and of which only its hub has told us (DOMAIN 2.1 S1)."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from ofx.core.models import Organisation
from ofx.core.transitions import IllegalTransition
from ofx.orders.models import ServiceRecord
from partners.conversations import actions as conversations
from partners.models import Endpoint, Leg, Message
from ticketing.tickets.actions.mirroring import bind
from ticketing.tickets.actions.opening import open_ticket
from ticketing.tickets.models import Ticket
from ticketing.tickets.vocabulary import ENDED, FaultClass, Severity

OVER = (*ENDED, "resolved")
MARK = "reported:"


def take_reported(*, told: dict[str, Any], at: datetime) -> Ticket | None:
    """Open the ticket here, bind it to theirs and have the message read again. Known by endpoint and id: once.

    `told`: the payload of ticket.reported. None where it is no customer's, is over already, or is bound elsewhere.
    """
    endpoint = Endpoint.objects.select_related("customer__provider").filter(pk=told.get("endpoint_id") or 0).first()
    theirs = str(told.get("external_id") or "")[:80]
    if endpoint is None or endpoint.customer is None or endpoint.customer.provider is None or not theirs:
        return None
    with transaction.atomic():
        known = Leg.objects.filter(endpoint=endpoint, entity_type="ticket", external_id=theirs).first()
        ticket = _open(endpoint, theirs, told, at) if known is None else None
        if ticket is not None:
            _read_again(told, at, fresh=True)
        elif known is not None:
            _read_again(told, at, fresh=False)
    return ticket


def reported_before(*, customer: Organisation, external_id: str) -> Ticket | None:
    """The ticket that their hub told us of before their system brings it itself; None where it did not."""
    if not external_id:
        return None
    rows = Ticket.objects.filter(customer=customer, external_id=external_id, idempotency_key__startswith=MARK)
    return rows.order_by("pk").first()


def _open(endpoint: Endpoint, theirs: str, told: dict[str, Any], at: datetime) -> Ticket | None:
    customer = endpoint.customer
    assert customer is not None
    assert customer.provider is not None
    brought = Ticket.objects.filter(customer=customer, external_id=theirs, channel="api")
    ticket = brought.filter(created_by=F("reported_by")).order_by("pk").first()  # a provider's tool numbers by itself
    if ticket is None and told.get("state") in OVER:
        return None
    if ticket is None:
        words = str(told.get("description") or "").replace("\x00", "")[:8000]
        title = " ".join(str(told.get("title") or words).replace("\x00", "").split())[:200]
        ticket = open_ticket(
            actor=None,
            at=at,
            organisation=customer.provider,
            customer=customer,
            service=_service(customer, told),
            title=title or f"Ticket {theirs} of {customer}",
            description=words,
            fault_class=_known(told.get("ticket_type"), FaultClass.values, "other"),
            severity=_known(told.get("severity"), Severity.values, "moderate"),
            channel="api",
            external_id=theirs,
            idempotency_key=_key(endpoint, theirs),
            simulated=endpoint.simulated or bool(told.get("simulated")),
        )
    return ticket if bind(ticket=ticket, endpoint=endpoint, theirs=theirs, at=at) else None


def _key(endpoint: Endpoint, theirs: str) -> str:
    return f"{MARK}{endpoint.pk}:{hashlib.sha256(theirs.encode()).hexdigest()[:32]}"


def _known(word: Any, words: list[str], otherwise: str) -> str:
    return str(word) if word in words else otherwise


def _service(customer: Organisation, told: dict[str, Any]) -> ServiceRecord | None:
    """The customer's service that it names, by our reference or the partner's."""
    named = [str(one)[:80] for one in told.get("service_refs") or []][:50]
    rows = ServiceRecord.objects.filter(customer=customer, organisation=customer.provider)
    mine = rows.filter(reference__in=named) | rows.filter(partner_ref__in=named)
    return mine.select_related("item__order", "operator", "customer").order_by("pk").first()


def _read_again(told: dict[str, Any], at: datetime, *, fresh: bool) -> None:
    """Now that there is a leg, the message finds it. What was read again already, with the leg there, is left."""
    message = Message.objects.filter(pk=told.get("message_id") or 0).first()
    if message is None or (message.caused_by_id is not None and not fresh):
        return
    try:
        with transaction.atomic():
            conversations.replay(message=message, actor=None, at=at)
    except IllegalTransition:  # forgotten meanwhile, or not stored whole: the ticket is there all the same
        return

"""What an operator's people answer about their partner order: one set of actions behind portal, link, CSV and API.

Each answer becomes a fact of the partner, by the same road as news that comes in by a connector: append, fold, tell.
The same answer twice is one fact. What the order does not allow raises IllegalTransition with the reason in words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ofx.orders.answers import BEFORE_WORK, VERBS, Answer, AnswerInvalid, checked, refusal
from ofx.orders.models import Fact, Order, PartnerOrder
from ofx.orders.outbound import leg_of
from ofx.orders.refold import lock
from ofx.orders.settle import append, settle
from partners.conversations.routing import learn_reference

# Answers that say between the lines that the order was taken (KCI1).
IMPLY_TAKEN = ("commit", "delay", "hold", "complete", "charge", "ask", "propose")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """The door an answer came through. `key` names it for ever where the door can: the same key again is a repeat."""

    kind: str  # portal, link, csv, api
    key: str = ""
    who: str = ""  # the address that a link was sent to, where no person is known


def acknowledge(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """KCI1: the order is taken. Values: reference (yours), text."""
    return give(verb="acknowledge", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def commit(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """KCI2: a date that is held to. Values: date, reference, text."""
    return give(verb="commit", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def delay(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """Later than said. Values: date (the new target), reason (canonical), text."""
    return give(verb="delay", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def hold(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """Work stands still, for how long nobody knows. Values: reason, text."""
    return give(verb="hold", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def resume(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """Work goes on. Values: date (a new target), text."""
    return give(verb="resume", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def complete(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """KCI3: it is done. Values: text."""
    return give(verb="complete", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def reject(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """It will not be delivered: rejected before work began, failed after. Values: reason, text."""
    return give(verb="reject", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def ask(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """Something is missing that the provider must say. Values: text."""
    return give(verb="ask", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def propose_appointment(
    *, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any
) -> bool:
    """A visit that the provider must agree with its customer. Values: date, text (the hours)."""
    return give(verb="propose", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def note(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """A remark to the provider. Values: text."""
    return give(verb="note", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def raise_charge(*, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any) -> bool:
    """A charge that needs the provider's consent (R02). Values: amount, currency, text."""
    return give(verb="charge", actor=actor, partner_order=partner_order, at=at, via=via, **values)


def give(
    *, verb: str, actor: User | None, partner_order: PartnerOrder, at: datetime, via: Channel, **values: Any
) -> bool:
    """Give one answer of `answers.VERBS`. True where it was new, False where it had been given already.

    Raises AnswerInvalid (a value is missing or wrong), IllegalTransition (not possible now), PermissionDenied.
    """
    permit(actor, "partner_order.answer")
    answer = checked(verb, values, timezone.localdate(at))
    with transaction.atomic():
        order = lock(partner_order.order_id)
        row = PartnerOrder.objects.select_related("operator", "item", "order").get(pk=partner_order.pk)
        _own(actor, row)
        data = told(row, answer)
        if _repeated(row, answer, data, via):
            return False
        if why := refusal(row, verb, row.flags.filter(closed_at=None).values_list("kind", flat=True)):
            raise IllegalTransition(why)
        _write(order, row, answer, data, actor, at, via)
    partner_order.refresh_from_db()
    return True


def _own(actor: User | None, row: PartnerOrder) -> None:
    """Only the operator that the order was placed with. `None`: a signed link is the permission."""
    permit(actor, "partner_order.answer")
    if actor is not None and (actor.acting is None or actor.acting.organisation_id != row.operator.organisation_id):
        raise PermissionDenied("This order was placed with another operator.")


def told(row: PartnerOrder, answer: Answer) -> dict[str, Any]:
    """The fact's data for an answer."""
    data: dict[str, Any] = {"text": answer.text, "reason": answer.reason, "partner_ref": answer.reference}
    day = answer.day.isoformat() if answer.day else ""
    more = SPECIAL.get(answer.verb, _plain)(row, answer, day)
    return {name: value for name, value in {**data, **more}.items() if value}


def _plain(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    return {"target_date": day}


def _committed(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    return {"committed_date": day, "milestone": "COMMITTED"}


def _ended(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    return {"outcome": "rejected" if row.state in BEFORE_WORK else "failed"}


def _charged(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    number = row.facts.filter(update_type="CHARGE_RAISED").count() + 1
    price = {"amount": str(answer.amount), "currency": answer.currency, "text": answer.text}
    return {"charge": {"id": f"p{number}", "blocking": "yes", **price}}


def _proposed(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    words = f"{answer.day:%a %-d %b %Y}, {answer.text}" if answer.day else answer.text
    return {"appointment": words, "text": f"Visit proposed: {words}"}


def _changed(row: PartnerOrder, answer: Answer, day: str) -> dict[str, Any]:
    """The date that was asked for, unless the operator names another."""
    asked = row.facts.filter(update_type="AMEND_REQUESTED").order_by("-issued_at", "-pk").first()
    wanted = day or (str(asked.data.get("crd") or "") if asked else "")
    return {"target_date": wanted, "committed_date": wanted if row.committed_at else ""}


SPECIAL: dict[str, Callable[[PartnerOrder, Answer, str], dict[str, Any]]] = {
    "acknowledge": lambda row, answer, day: {"milestone": "ACKNOWLEDGED"},
    "commit": _committed,
    "complete": lambda row, answer, day: {"milestone": "COMPLETED", "outcome": "completed"},
    "reject": _ended,
    "charge": _charged,
    "propose": _proposed,
    "accept_change": _changed,
}


def _repeated(row: PartnerOrder, answer: Answer, data: dict[str, Any], via: Channel) -> bool:
    """Whether this was said already: under the same key, as the newest word of the partner, or because it is so."""
    if via.key and row.facts.filter(dedupe_key=via.key).exists():
        return True
    if _is_so(row, answer):
        return True
    last = row.facts.filter(source="partner").order_by("-received_at", "-pk").first()
    return last is not None and last.update_type == answer.kind.update_type and _content(last.data) == _content(data)


def _content(data: dict[str, Any]) -> dict[str, Any]:
    """What is said, without how it came; a charge without its number; how it ended follows from when it was said."""
    kept = {name: value for name, value in data.items() if name not in ("channel", "charge", "outcome")}
    charge = data.get("charge") or {}
    return kept | {f"charge_{name}": charge.get(name) for name in ("amount", "currency") if charge}


def _is_so(row: PartnerOrder, answer: Answer) -> bool:
    """Whether the order stands as the answer says."""
    if answer.verb == "acknowledge":
        return row.acknowledged_at is not None and answer.reference in ("", row.partner_ref) and not answer.text
    if answer.verb == "commit":
        return row.icdd is not None and row.icdd == answer.day
    if answer.verb == "complete":
        return row.completed_at is not None
    if answer.verb == "accept_cancel":
        return row.state == "cancelled"
    return answer.verb == "reject" and row.state in ("rejected", "failed")


def _write(
    order: Order,
    row: PartnerOrder,
    answer: Answer,
    data: dict[str, Any],
    actor: User | None,
    at: datetime,
    via: Channel,
) -> None:
    fresh = set()
    if answer.verb in IMPLY_TAKEN and row.acknowledged_at is None:
        implied = {"milestone": "ACKNOWLEDGED", "partner_ref": answer.reference}
        fresh.add(_append(row, "ACKNOWLEDGED", "taken", actor, at, via, implied))
    key = via.key or f"answer:{row.facts.count() + 1}"
    fresh.add(_append(row, answer.kind.update_type, key, actor, at, via, data))
    values = {name: value for name, value in data.items() if name not in ("milestone", "charge")}
    record(
        actor=actor,
        subject=f"partner_order:{row.pk}",
        verb="partner answered",
        at=at,
        organisation_id=row.organisation_id,
        answer=answer.verb,
        channel=via.kind,
        by=via.who or (actor.email if actor else ""),
        **values,
    )
    _learn(row, answer.reference)
    settle(order, {row.pk}, {pk for pk in fresh if pk is not None}, at)


def _append(
    row: PartnerOrder, update_type: str, key: str, actor: User | None, at: datetime, via: Channel, data: dict[str, Any]
) -> int | None:
    return append(row, update_type, key=key, at=at, actor=actor, source="partner", channel=via.kind, **data)


def _learn(row: PartnerOrder, reference: str) -> None:
    """Where the partner's own number names the case, later mails carry it and CSV rows may name it."""
    leg = leg_of(row) if reference else None
    if leg is not None:
        learn_reference(leg=leg, external_id=reference)


def given_by(*, partner_order: PartnerOrder, key: str) -> Fact | None:
    """The answer that was given under a key; None where there is none yet."""
    return partner_order.facts.filter(dedupe_key=key[:160]).first()


__all__ = ["VERBS", "AnswerInvalid", "Channel", "give", "given_by"]

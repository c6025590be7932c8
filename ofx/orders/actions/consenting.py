"""Charges: our consent, our customer's, and what happens when nobody answers (R02)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.placing import own
from ofx.orders.charging import ident_of
from ofx.orders.models import Charge, Flag, Order, PartnerOrder
from ofx.orders.outbound import send
from ofx.orders.refold import lock
from ofx.orders.settle import append, settle

WANTED = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")


def accept_charge(
    *,
    actor: User | None,
    partner_order: PartnerOrder,
    at: datetime,
    flag_id: int | None = None,
    consent_by: str = "",
    consent_reference: str = "",
) -> None:
    """Consent to a charge that is open. `consent_by`, `consent_reference`: who at the customer agreed, and where.

    Raises IllegalTransition where none is open any more.
    """
    consent = {"consent_by": consent_by.strip()[:120], "consent_reference": consent_reference.strip()[:80]}
    _answer(actor, partner_order, at, "accepted", flag_id, consent)


def decline_charge(
    *, actor: User | None, partner_order: PartnerOrder, at: datetime, flag_id: int | None = None
) -> None:
    """Refuse a charge that is open; after one for construction the partner will usually end the order."""
    _answer(actor, partner_order, at, "declined", flag_id, {})


def answer_charge(
    *,
    actor: User | None,
    charge: Charge,
    accepted: bool,
    at: datetime,
    consent_by: str = "",
    consent_reference: str = "",
) -> None:
    """Answer one charge by its row. Raises IllegalTransition where it does not await an answer."""
    flag = open_flag(charge)
    if flag is None:
        raise IllegalTransition(f"the charge is {charge.get_state_display().lower()}: nothing to answer")
    given: dict[str, Any] = {"actor": actor, "partner_order": charge.partner_order, "at": at, "flag_id": flag.pk}
    if accepted:
        accept_charge(**given, consent_by=consent_by, consent_reference=consent_reference)
    else:
        decline_charge(**given)


def open_flag(charge: Charge) -> Flag | None:
    """The open wait of a charge; a charge whose answer was not taken has a later one than the first."""
    rows = Flag.objects.filter(partner_order=charge.partner_order_id, kind="assessing_charge", closed_at=None)
    return next((flag for flag in rows.select_related("fact") if ident_of(flag.fact) == charge.ident), None)


def _answer(
    actor: User | None,
    partner_order: PartnerOrder,
    at: datetime,
    word: str,
    flag_id: int | None,
    consent: dict[str, str],
) -> None:
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        flags = list(row.flags.select_related("fact").filter(kind="assessing_charge", closed_at=None))
        flags = [flag for flag in flags if flag_id in (None, flag.pk)]
        if not flags:
            raise IllegalTransition("the charge has been answered or has lapsed, or the order has ended; look again")
        charge = flags[0].fact.data.get("charge") or {}
        keys = [flags[0].fact.dedupe_key]
        kind = "CHARGE_ACCEPTED" if word == "accepted" else "CHARGE_DECLINED"
        key = f"charge:{flags[0].fact_id}"
        fact = append(row, kind, key=key, at=at, actor=actor, answers=keys, charge=charge, **consent)
        if fact is None:
            return
        changes = {"response": word, "charge_id": str(charge.get("id", ""))}
        if consent.get("consent_reference"):
            changes["note"] = f"Our customer's consent: {consent['consent_reference']}"
        send(row, "answer", at=at, actor=actor, changes=changes)
        amount = charge.get("amount", "")
        _log(actor, row, f"{word} the charge", at, amount=amount, **{name: v for name, v in consent.items() if v})
        settle(order, {row.pk}, {fact}, at)
        _tell(row, charge, word, at)


def lapse_charges(*, at: datetime, limit: int = 200) -> int:
    """End charges that nobody answered in time, once each: a blocking one stops the order (R02)."""
    due = Charge.objects.filter(state="raised", answer_by__lte=at).order_by("answer_by")
    return sum(_lapse(charge, at) for charge in list(due.select_related("partner_order")[:limit]))


def _lapse(charge: Charge, at: datetime) -> bool:
    with transaction.atomic():
        order, row = _locked(None, charge.partner_order)
        flag = open_flag(charge)
        if flag is None:
            return False
        told = flag.fact.data.get("charge") or {}
        then = "stops the order" if charge.blocking else "goes on without it"
        text = f"Not answered in time: {row.operator} {then}."
        key, keys = f"charge:{flag.fact_id}:lapsed", [flag.fact.dedupe_key]
        fact = append(row, "CHARGE_LAPSED", key=key, at=at, source="system", answers=keys, charge=told, text=text)
        settle(order, {row.pk}, {fact} if fact else set(), at)
        _tell(row, told, "lapsed", at)
    return True


def _locked(actor: User | None, partner_order: PartnerOrder) -> tuple[Order, PartnerOrder]:
    order = lock(partner_order.order_id)
    own(actor, order)
    return order, PartnerOrder.objects.select_related(*WANTED).get(pk=partner_order.pk)


def _log(actor: User | None, row: PartnerOrder, verb: str, at: datetime, **data: Any) -> None:
    subject = f"partner_order:{row.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id, **data)


def _tell(row: PartnerOrder, charge: dict[str, Any], word: str, at: datetime) -> None:
    publish(
        f"charge.{word}",
        f"partner_order:{row.pk}",
        at=at,
        organisation_id=row.organisation_id,
        order_id=row.order_id,
        partner_order_id=row.pk,
        operator_id=row.operator_id,
        charge_id=str(charge.get("id", "")),
        amount=str(charge.get("amount", "")),
        currency=str(charge.get("currency", "")),
    )

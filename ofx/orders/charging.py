"""Charges as rows: what partners asked for and what we answered, written down from the facts (R02)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ofx.orders.folded import Folded
from ofx.orders.models import Charge, Fact, PartnerOrder

ANSWERS = {"CHARGE_ACCEPTED": "accepted", "CHARGE_DECLINED": "declined", "CHARGE_LAPSED": "lapsed"}
KINDS = {"cancellation": "cancellation", "amendment": "amend", "amend": "amend"}
VALUES = ("state", "answered_by_id", "answered_at", "consent_by", "consent_reference", "refusal")
MOST = Decimal("99999999.99")


def raises(fact: Fact) -> bool:
    """Whether a fact asks for a charge."""
    return fact.update_type == "CHARGE_RAISED" or (
        fact.update_type == "INFORMATION_REQUIRED" and fact.data.get("reason") == "ECC_APPROVAL"
    )


def write_charges(folds: Iterable[tuple[PartnerOrder, Folded, list[Fact]]]) -> None:
    """Bring the rows of these partner orders to what their facts say; the order of arrival does not matter."""
    charged = [one for one in folds if any(raises(fact) for fact in one[2])]
    if not charged:
        return
    there: dict[int, Charge] = {}
    for charge in Charge.objects.filter(partner_order__in=[row.pk for row, _, _ in charged]):
        there[charge.fact_id] = charge
    for row, after, facts in charged:
        for wanted in _wanted(row, after, facts):
            known = there.get(wanted.fact_id)
            if known is None:
                wanted.save()
            elif any(getattr(known, name) != getattr(wanted, name) for name in VALUES):
                Charge.objects.filter(pk=known.pk).update(**{name: getattr(wanted, name) for name in VALUES})


def _wanted(row: PartnerOrder, after: Folded, facts: list[Fact]) -> list[Charge]:
    raised: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(filter(raises, facts), key=lambda fact: (fact.issued_at, fact.pk)):
        raised[ident_of(fact)].append(fact)
    return [_charge(row, after, ident, asked[0], facts) for ident, asked in raised.items()]


def ident_of(fact: Fact) -> str:
    """The partner's id of the charge that a fact is about."""
    return str((fact.data.get("charge") or {}).get("id") or "")[:60]


def _charge(row: PartnerOrder, after: Folded, ident: str, asked: Fact, facts: list[Fact]) -> Charge:
    told = asked.data.get("charge") or {}
    charge = Charge(
        partner_order=row,
        fact=asked,
        kind=KINDS.get(str(told.get("type") or ""), "ecc"),
        ident=ident,
        amount=amount_of(told.get("amount")),
        currency=str(told.get("currency") or "GBP")[:3],
        text=str(told.get("text") or asked.data.get("text") or "")[:500],
        blocking=str(told.get("blocking") or "yes") != "no",
        raised_at=asked.issued_at,
        answer_by=moment_of(told.get("respond_by")),
    )
    about = [fact for fact in facts if fact.update_type.startswith("CHARGE_") and ident_of(fact) == ident]
    about.sort(key=lambda fact: (fact.issued_at, fact.pk))
    _answer(charge, [fact for fact in about if fact.update_type in ANSWERS])
    refused = [fact for fact in about if fact.update_type == "CHARGE_REFUSED"]
    if refused:
        charge.refusal = str(refused[-1].data.get("text") or "")[:500]
    charge.state = _state(charge, after, ident)
    return charge


def _answer(charge: Charge, answers: list[Fact]) -> None:
    if answers:
        last = answers[-1]
        charge.state = ANSWERS[last.update_type]
        charge.answered_at, charge.answered_by_id = last.issued_at, last.actor_id
        charge.consent_by = str(last.data.get("consent_by") or "")[:120]
        charge.consent_reference = str(last.data.get("consent_reference") or "")[:80]


def _state(charge: Charge, after: Folded, ident: str) -> str:
    """What became of it: our answer counts only while the partner did not give it back."""
    if any(span.ident == ident for span in after.open("assessing_charge")):
        return Charge.State.RAISED
    if charge.state != Charge.State.RAISED:
        return charge.state
    if "ECC_ACCEPTED" in after.milestones and charge.kind == Charge.Kind.ECC:
        return Charge.State.ACCEPTED
    late = after.ended_at and charge.answer_by and after.ended_at >= charge.answer_by
    return Charge.State.LAPSED if late or after.ended_for == "ECC_APPROVAL" else Charge.State.WITHDRAWN


def amount_of(value: Any) -> Decimal | None:
    """An amount as partners write it; None where it is none."""
    try:
        found = Decimal(str(value)).quantize(Decimal("0.01"))
    except (InvalidOperation, ValueError):
        return None
    return found if 0 <= found <= MOST else None


def moment_of(value: Any) -> datetime | None:
    """A moment as partners write it; None where it is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

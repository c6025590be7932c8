"""Changes of an order at a partner: which fields is the partner's rule, whether is its answer (R03, R04, R07)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.placing import own
from ofx.orders.models import AmendRequest, Order, PartnerOrder
from ofx.orders.outbound import leg_of, send
from ofx.orders.refold import lock
from ofx.orders.settle import append, settle
from ofx.orders.validation import FIELDS, OrderInvalid, Problem
from ofx.orders.vocabulary import AT_PARTNER
from partners.models import Operator

WORDS = {
    "contact_name": "Site contact",
    "contact_phone": "Contact's phone",
    "contact_email": "Contact's e-mail",
    "access_notes": "Access notes",
}
WANTED = ("item__offering", "operator", "order__customer", "order__address", "order__organisation")


def amendable_fields(*, operator: Operator) -> tuple[str, ...]:
    """The fields that this operator lets us change under way, by its rule; the date where it has none (R07)."""
    named = operator.order_rules.get("amendable", ["requested_date"])
    return tuple(name for name in FIELDS if name in named)


def request_amend(
    *,
    actor: User | None,
    partner_order: PartnerOrder,
    requester: str,
    reason: str,
    at: datetime,
    requested_date: date | None = None,
    changes: Mapping[str, str] | None = None,
) -> AmendRequest | None:
    """Ask the partner for another date or other details; `requester` (us, customer) is who wants it (R03).

    `changes`: contact_name, contact_phone, contact_email, access_notes → the new text. None: nothing is new.
    Raises OrderInvalid naming each field that the partner does not change or takes otherwise, a date before the
    committed one (R04), IllegalTransition when it cannot be amended now.
    """
    wanted: dict[str, Any] = {name: str(value).replace("\x00", "").strip() for name, value in (changes or {}).items()}
    if requested_date is not None:
        wanted["requested_date"] = requested_date.isoformat()
    with transaction.atomic():
        order, row = _locked(actor, partner_order)
        if row.state not in AT_PARTNER or row.state in ("assessing_amend", "assessing_cancel"):
            raise IllegalTransition(f"the order at {row.operator} is {row.get_state_display().lower()}: no change now")
        before = _before(order, row)
        wanted = {name: value for name, value in wanted.items() if value != before.get(name)}
        problems = _problems(row, wanted, requested_date, at)
        if problems:
            raise OrderInvalid(problems)
        if not wanted:
            raise OrderInvalid([Problem("requested_date", "Nothing would change. Write what is to be another way.")])
        return _send(order, row, wanted, before, requester, reason.strip()[:300], at, actor)


def _before(order: Order, row: PartnerOrder) -> dict[str, str]:
    known = {name: str(getattr(order, name)) for name in WORDS}
    return {**known, "requested_date": row.crd.isoformat() if row.crd else ""}


def _problems(row: PartnerOrder, wanted: Mapping[str, str], day: date | None, at: datetime) -> list[Problem]:
    allowed, limits = amendable_fields(operator=row.operator), row.operator.order_rules.get("max_length", {})
    found = []
    for name, value in wanted.items():
        if name not in allowed:
            text = f"{row.operator} does not change this under way. Cancel and order anew, or ask it by telephone."
            found.append(Problem(name, text))
        elif name in limits and len(value) > int(limits[name]):
            most = limits[name]
            found.append(Problem(name, f"{row.operator} takes at most {most} characters; there are {len(value)}."))
        elif name == "contact_name" and not value:
            found.append(Problem(name, "Say who is on site: the engineer needs a name."))
    floor = row.icdd or at.date()
    if day is not None and "requested_date" in wanted and day < floor:
        found.append(Problem("requested_date", f"Not before {floor:%d %b %Y}: choose a later date."))
    return found


def _send(
    order: Order,
    row: PartnerOrder,
    wanted: dict[str, str],
    before: dict[str, str],
    requester: str,
    reason: str,
    at: datetime,
    actor: User | None,
) -> AmendRequest | None:
    number = row.facts.filter(update_type="AMEND_REQUESTED").count() + 1
    values = {"crd": wanted.get("requested_date"), "requester": requester, "text": reason, "changes": wanted}
    source = "customer" if requester == "customer" else "us"
    fact = append(row, "AMEND_REQUESTED", key=f"amend:{number}", at=at, actor=actor, source=source, **values)
    if fact is None:
        return None
    asked = AmendRequest.objects.create(
        partner_order=row,
        number=number,
        changes=wanted,
        before={name: before[name] for name in wanted},
        requester=source,
        reason=reason,
        requested_by=actor,
        requested_at=at,
    )
    send(row, "amend", at=at, actor=actor, changes=_outgoing(wanted), reason=reason)
    subject = f"partner_order:{row.pk}"
    verb = "asked for another date" if "requested_date" in wanted else "asked for a change"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=row.organisation_id, to=wanted, why=reason)
    settle(order, {row.pk}, {fact}, at)
    return asked


def _outgoing(wanted: Mapping[str, str]) -> dict[str, str]:
    """The date as itself, the rest as a remark in words: no standard has attributes for it."""
    lines = [f"{WORDS[name]}: {value or 'none'}" for name, value in wanted.items() if name in WORDS]
    made = {"requested_date": wanted["requested_date"]} if "requested_date" in wanted else {}
    return made | ({"note": "Changed: " + "; ".join(lines)} if lines else {})


def amend_delivered(*, partner_order_id: int, at: datetime, message_id: int) -> None:
    """A partner's system took a change that needs no decision of it: it is applied (no date in it).

    Only where the partner's record is changed by the call itself; a mail that was sent is no answer.
    """
    with transaction.atomic():
        row = PartnerOrder.objects.get(pk=partner_order_id)
        order = lock(row.order_id)
        leg = leg_of(row)
        asked = row.amend_requests.filter(state="requested").order_by("number").first()
        if asked is None or "requested_date" in asked.changes or leg is None or leg.endpoint.kind != "tmf622":
            return
        key = f"amend:{asked.number}:delivered"
        fact = append(row, "AMENDED", key=key, at=at, source="system", message_id=message_id, text="Taken as sent")
        if fact is not None:
            settle(order, {row.pk}, {fact}, at)


def _locked(actor: User | None, partner_order: PartnerOrder) -> tuple[Order, PartnerOrder]:
    order = lock(partner_order.order_id)
    own(actor, order)
    return order, PartnerOrder.objects.select_related(*WANTED).get(pk=partner_order.pk)

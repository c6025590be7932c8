"""Write the fold down: facts of partner orders → their columns, flags, milestones, dates, and those of the order.

Lock order, everywhere in this slice: Order, then its PartnerOrders, then (in conversations) the leg.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.orders.advice import next_action, visit_lapses
from ofx.orders.bulk import update_rows
from ofx.orders.charging import write_charges
from ofx.orders.entries import enter
from ofx.orders.fold import Folded, Told, fold
from ofx.orders.models import (
    Appointment,
    DateChange,
    Fact,
    Flag,
    MilestoneReached,
    Order,
    PartnerOrder,
    ServiceRecord,
    StageExpectation,
)
from ofx.orders.order_fold import Part, Whole, fold_order

# Until our history of a stage holds this many cases, silence is judged by the planning default.
LEAST_SAMPLE = 10
DEFAULT_SILENCE = timedelta(hours=48)
# States in which the next news is the partner's to give.
PARTNER_OWES = ("submitted", "acknowledged", "in_progress", "held", "assessing_amend", "assessing_cancel")
CHUNK = 400
COLUMNS = (
    "state", "partner_ref", "holder", "blocked_since", "blocked_reason", "blocked_text", "committed", "held",
    "in_jeopardy", "crd", "icdd", "committed_date", "target_date", "submitted_at", "acknowledged_at",
    "committed_at", "completed_at", "ended_at", "last_news_at",
)  # fmt: skip
ORDER_COLUMNS = (
    "state", "holder", "blocked_since", "blocked_reason", "committed_date", "target_date", "in_jeopardy",
    "silent_from", "last_news_at", "closed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Refolded:
    """One partner order after its fold was written: what it was without the new facts, and what it is."""

    partner_order: PartnerOrder
    before: Folded
    after: Folded


def told(fact: Fact) -> Told:
    """A stored fact as the fold reads it."""
    return Told(
        key=fact.dedupe_key,
        source=fact.source,
        update_type=fact.update_type,
        issued_at=fact.issued_at,
        sequence=fact.sequence,
        data=fact.data,
    )


def folded_of(partner_order: PartnerOrder, facts: Iterable[Fact]) -> Folded:
    """The fold of a partner order's facts."""
    base = partner_order.state if partner_order.state in ("draft", "validated") else "validated"
    return fold((told(fact) for fact in facts), base)


def lock(order_id: int) -> Order:
    """The order, its row locked until the transaction ends. Raises Order.DoesNotExist."""
    return Order.objects.select_for_update(no_key=True).get(pk=order_id)


def refold(partner_order_ids: Iterable[int]) -> int:
    """Fold these partner orders and their orders anew, in bulk; publishes nothing. Returns how many were folded."""
    ids = sorted(set(partner_order_ids))
    done = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            done += len(refold_locked(ids[start : start + CHUNK], record=True))
    return done


def refold_locked(
    partner_order_ids: Sequence[int], new_fact_ids: frozenset[int] = frozenset(), *, record: bool = False
) -> list[Refolded]:
    """One transaction's worth of refold. `new_fact_ids` are left out of `before`; `record`: write inventory too."""
    order_ids = set(PartnerOrder.objects.filter(pk__in=partner_order_ids).values_list("order_id", flat=True))
    orders = {
        order.pk: order
        for order in Order.objects.select_for_update(no_key=True).filter(pk__in=order_ids).order_by("pk")
    }
    siblings = list(
        PartnerOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("operator", "item__offering")
        .filter(order_id__in=order_ids)
        .order_by("pk")
    )
    wanted = set(partner_order_ids)
    targets = [row for row in siblings if row.pk in wanted]
    results = _fold_all(targets, new_fact_ids)
    _write_derived(results)
    write_charges((result.partner_order, result.after, result.partner_order.facts_read) for result in results)  # type: ignore[attr-defined]
    _write_columns(results)
    _write_orders(orders, siblings, {result.partner_order.pk: result.after for result in results})
    if record:
        from_fold = [result.partner_order for result in results if result.after.completed_at]
        record_services(from_fold)
    return results


def _fold_all(targets: list[PartnerOrder], new_fact_ids: frozenset[int]) -> list[Refolded]:
    facts: dict[int, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(partner_order__in=targets):
        facts[fact.partner_order_id].append(fact)
    results = []
    for row in targets:
        after = folded_of(row, facts[row.pk])
        old = [fact for fact in facts[row.pk] if fact.pk not in new_fact_ids]
        before = folded_of(row, old) if new_fact_ids else after
        row.known_facts = {fact.dedupe_key: fact.pk for fact in facts[row.pk]}  # type: ignore[attr-defined]
        row.facts_read = facts[row.pk]  # type: ignore[attr-defined]
        results.append(Refolded(row, before, after))
    return results


# -- flags, milestones, date changes: what is wanted against what is there
def _write_derived(results: list[Refolded]) -> None:
    rows = [result.partner_order for result in results]
    _sync(
        Flag,
        rows,
        ("kind", "fact_id"),
        ("opened_at", "closed_at", "reason", "raw_reason", "text", "clock_owner"),
        [row for result in results for row in _flags(result)],
    )
    _sync(
        MilestoneReached,
        rows,
        ("code",),
        ("at", "source"),
        [row for result in results for row in _milestones(result)],
    )
    _sync(
        DateChange,
        rows,
        ("fact_id", "field"),
        ("old", "new", "requester", "reason", "text", "at"),
        [row for result in results for row in _moves(result)],
    )


def _flags(result: Refolded) -> list[Flag]:
    facts = result.partner_order.known_facts  # type: ignore[attr-defined]
    return [
        Flag(
            partner_order=result.partner_order,
            kind=span.kind,
            fact_id=facts[span.key],
            opened_at=span.opened_at,
            closed_at=span.closed_at,
            reason=span.reason[:40],
            raw_reason=span.raw_reason,
            text=span.text,
            clock_owner=span.clock_owner,
        )
        for span in result.after.flags
    ]


def _milestones(result: Refolded) -> list[MilestoneReached]:
    return [
        MilestoneReached(partner_order=result.partner_order, code=code, at=at, source=source)
        for code, (at, source) in result.after.milestones.items()
    ]


def _moves(result: Refolded) -> list[DateChange]:
    facts = result.partner_order.known_facts  # type: ignore[attr-defined]
    return [
        DateChange(
            partner_order=result.partner_order,
            field=move.field,
            old=move.old,
            new=move.new,
            requester=move.requester if move.requester in Fact.Source.values else "us",
            reason=move.reason[:40],
            text=move.text,
            at=move.at,
            fact_id=facts[move.key],
        )
        for move in result.after.moves
    ]


def _sync(
    model: Any, owners: list[PartnerOrder], key: tuple[str, ...], values: tuple[str, ...], wanted: list[Any]
) -> None:
    """Make the model's rows of these owners equal to `wanted`; a row that stays keeps its id and our verdict."""

    def key_of(row: Any) -> tuple[Any, ...]:
        return (row.partner_order_id, *(getattr(row, name) for name in key))

    there = {key_of(row): row for row in model.objects.filter(partner_order__in=owners)}
    fresh, changed = [], []
    for row in wanted:
        old = there.pop(key_of(row), None)
        if old is None:
            fresh.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in values):
            row.pk = old.pk
            changed.append(row)
    if there:
        model.objects.filter(pk__in=[row.pk for row in there.values()]).delete()
    model.objects.bulk_create(fresh, batch_size=2000)
    if changed:
        update_rows(changed, values)


# -- columns
def _write_columns(results: list[Refolded]) -> None:
    rows = [result.partner_order for result in results]
    stages = _expectations(rows)
    items, moved = [], []
    for result in results:
        row, after = result.partner_order, result.after
        was = row.state
        for name in COLUMNS:
            setattr(row, name, getattr(after, name))
        row.partner_ref, row.blocked_reason = row.partner_ref[:120], row.blocked_reason[:40]
        silent_from = _silent_from(row, after, stages)
        if silent_from != row.silent_from:
            row.silent_from, row.silence_told_at = silent_from, None
        row.revision += 1
        moved.append(row)
        if row.item.state != row.state or was != row.state:
            row.item.state = row.state
            items.append(row.item)
    update_rows(moved, [*COLUMNS, "silent_from", "silence_told_at", "revision"])
    update_rows(items, ["state"])


def _expectations(rows: list[PartnerOrder]) -> dict[tuple[int, int | None, str], timedelta]:
    found = StageExpectation.objects.filter(
        organisation_id__in={row.organisation_id for row in rows}, sample__gte=LEAST_SAMPLE
    ).values_list("organisation_id", "operator_id", "state", "p90_hours")
    return {(organisation, operator, state): timedelta(hours=hours) for organisation, operator, state, hours in found}


def _silent_from(
    row: PartnerOrder, after: Folded, stages: dict[tuple[int, int | None, str], timedelta]
) -> datetime | None:
    """When silence becomes a signal: this operator's P90 of the stage, else the tenant's, else 48 h (R28)."""
    if after.state not in PARTNER_OWES or after.holder == "us" or after.quiet_since is None:
        return None
    own = stages.get((row.organisation_id, row.operator_id, after.state))
    every = stages.get((row.organisation_id, None, after.state))
    return after.quiet_since + (own or every or DEFAULT_SILENCE)


def _write_orders(orders: dict[int, Order], siblings: list[PartnerOrder], folds: dict[int, Folded]) -> None:
    parts: dict[int, list[PartnerOrder]] = defaultdict(list)
    for row in siblings:
        parts[row.order_id].append(row)
    soon = _lapsing(siblings)
    for order in orders.values():
        rows = sorted(parts[order.pk], key=lambda row: row.item.position)
        whole = fold_order([part_of(row) for row in rows])
        for name in ORDER_COLUMNS:
            setattr(order, name, getattr(whole, name))
        order.submitted_at = min((row.submitted_at for row in rows if row.submitted_at), default=None)
        order.next_action = visit_lapses(order.state, soon.get(order.pk)) or _advice(whole, rows, folds)
    update_rows(list(orders.values()), [*ORDER_COLUMNS, "submitted_at", "next_action"])
    enter(orders, parts)


def _lapsing(siblings: list[PartnerOrder]) -> dict[int, tuple[str, datetime]]:
    """Orders whose visit is reserved and was warned of: the operator, and when the reservation ends."""
    rows = Appointment.objects.filter(partner_order__in=siblings, state="reserved", warned_at__isnull=False)
    found = rows.values_list("partner_order__order_id", "operator__name", "reserved_until")
    return {order: (operator, until) for order, operator, until in found if until}


def part_of(row: PartnerOrder) -> Part:
    """A partner order as the fold of its order reads it."""
    return Part(
        state=row.state,
        holder=row.holder,
        blocked_since=row.blocked_since,
        blocked_reason=row.blocked_reason,
        committed_date=row.committed_date,
        target_date=row.target_date,
        in_jeopardy=row.in_jeopardy,
        silent_from=row.silent_from,
        last_news_at=row.last_news_at,
        ended_at=row.ended_at,
    )


def _advice(whole: Whole, rows: list[PartnerOrder], folds: dict[int, Folded]) -> str:
    if whole.lead is None:
        return ""
    lead = rows[whole.lead]
    after = folds.get(lead.pk)
    if after is None:
        after = folded_of(lead, lead.facts.all())
    return next_action(after, lead.operator.name, sent=any(row.submitted_at for row in rows))


def record_services(rows: Iterable[PartnerOrder]) -> None:
    """A service record for each completed item that has none (DOMAIN P17); the item makes it unique."""
    rows = list(rows)
    from_items = {row.item_id: row for row in rows}
    have = set(ServiceRecord.objects.filter(item_id__in=from_items).values_list("item_id", flat=True))
    fresh = PartnerOrder.objects.select_related("order", "item__offering").filter(
        item_id__in=set(from_items) - have, item__action="add"
    )
    ServiceRecord.objects.bulk_create([_service(row) for row in fresh], ignore_conflicts=True)
    alter_services(row for row in rows if row.item.changes_service_id)


def alter_services(rows: Iterable[PartnerOrder]) -> list[tuple[str, PartnerOrder]]:
    """What completed ceases and changes make of live services. Returns what is new: ceased or changed, and by which."""
    altered = []
    for row in rows:
        found = ServiceRecord.objects.filter(pk=row.item.changes_service_id or 0, state="active")
        if row.item.action == "delete":
            done = found.update(state="ceased", ceased_at=row.completed_at or row.created_at)
        else:
            done = found.exclude(offering=row.item.offering_id).update(offering=row.item.offering_id)
        if done:
            altered.append(("ceased" if row.item.action == "delete" else "changed", row))
    return altered


def _service(row: PartnerOrder) -> ServiceRecord:
    return ServiceRecord(
        organisation_id=row.organisation_id,
        customer_id=row.order.customer_id,
        reference=f"SVC-{row.item_id:06d}",
        item=row.item,
        operator_id=row.operator_id,
        offering=row.item.offering,
        partner_ref=row.partner_ref,
        place_text=row.order.place_text,
        postcode=row.order.postcode,
        country=row.order.country,
        active_from=row.completed_at or row.created_at,
        simulated=row.simulated,
    )

"""Keep the board's entries as the fold says: what is wanted against what is there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ofx.orders.bulk import update_rows
from ofx.orders.models import BoardEntry, Order, PartnerOrder

COPIED = ("holder", "blocked_since", "value_monthly", "target_date", "silent_from")
Key = tuple[int, str]


def narrowing(operator: int | None, kind: str) -> str:
    """The key of a narrowing: `7:` an operator, `:device` a kind of product, `7:device` both."""
    return f"{operator or ''}:{kind}"


def enter(orders: Mapping[int, Order], parts: Mapping[int, Sequence[PartnerOrder]]) -> None:
    """Write the entries of these folded orders. Their rows are locked; `parts` know item and offering."""
    wanted = {(pk, key): order for pk, order in orders.items() for key in _keys(order, parts[pk])}
    there = {(row.order_id, row.narrowing): row for row in BoardEntry.objects.filter(order__in=orders)}
    gone = [row.pk for key, row in there.items() if key not in wanted]
    if gone:
        BoardEntry.objects.filter(pk__in=gone).delete()
    BoardEntry.objects.bulk_create(_entry(key, order) for key, order in wanted.items() if key not in there)
    update_rows(_changed(there, wanted), COPIED)


def _keys(order: Order, parts: Iterable[PartnerOrder]) -> set[str]:
    """What narrows to this order; nothing where it is over."""
    if order.closed_at:
        return set()
    open_at = {(row.operator_id, row.item.offering.kind) for row in parts if not row.ended_at}
    return {narrowing(*key) for operator, kind in open_at for key in ((operator, ""), (None, kind), (operator, kind))}


def _values(order: Order) -> dict[str, Any]:
    values = {name: getattr(order, name) for name in COPIED}
    return {**values, "target_date": None} if order.state == "completed" else values


def _entry(key: Key, order: Order) -> BoardEntry:
    return BoardEntry(organisation_id=order.organisation_id, order_id=key[0], narrowing=key[1], **_values(order))


def _changed(there: Mapping[Key, BoardEntry], wanted: Mapping[Key, Order]) -> list[BoardEntry]:
    found = []
    for key in there.keys() & wanted.keys():
        row, values = there[key], _values(wanted[key])
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            found.append(row)
    return found

"""An order's end proves what was said of its place true or false: written back to search."""

from datetime import datetime

from ofx.orders.models import Fact, PartnerOrder
from ofx.search.live.actions import judge

LINES = ("broadband", "ethernet")


def judge_partner_order(*, partner_order_id: int, confirmed: bool, at: datetime) -> bool:
    """Tell search how an order for a line ended. Returns whether that said anything about availability."""
    rows = PartnerOrder.objects.select_related("order__address", "order__organisation", "operator", "item__offering")
    row = rows.get(pk=partner_order_id)
    if row.item.action != "add" or row.item.offering.kind not in LINES:
        return False
    reason, text = ("", "") if confirmed else _why(row)
    order = row.order
    verdict = judge(
        organisation=order.organisation,
        operator=row.operator,
        country=order.country,
        code=order.postcode,
        premises=order.address.key if order.address else "",
        subject=f"partner_order:{row.pk}",
        order=order.reference,
        confirmed=confirmed,
        reason=reason,
        text=text,
        before=row.submitted_at or order.created_at,
        at=at,
        simulated=row.simulated,
    )
    return verdict is not None


def _why(row: PartnerOrder) -> tuple[str, str]:
    """Reason and words of the newest news that ended it."""
    facts = Fact.objects.filter(partner_order=row, update_type__in=["TERMINATED", "ERROR"])
    fact = facts.order_by("-issued_at", "-pk").first()
    data = fact.data if fact else {}
    return str(data.get("reason") or ""), str(data.get("text") or "")

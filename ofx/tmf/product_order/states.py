"""Our states in TMF622's words, both ways. The words themselves: orders.projection (docs/orders.md)."""

from django.db.models import Q

from ofx.orders.models import Order
from ofx.orders.projection import TMF, tmf622, tmf622_item
from ofx.tmf.rest.columns import Words
from ofx.tmf.rest.errors import invalid

BUYERS_DRAFT = ("draft", "validated")
V4_STATES: dict[str, list[str]] = {}
for _ours, (_word, _) in TMF.items():
    V4_STATES.setdefault(_word, []).append(str(_ours))
# A cancelProductOrder's states (TaskStateType)
TASK = {"acknowledged": "acknowledged", "in_progress": "inProgress", "done": "done", "failed": "terminatedWithError"}


def fell_out(order: Order) -> bool:
    """Whether a person must complete what a buyer's system ordered."""
    return bool(getattr(getattr(order, "buyer_order", None), "fallout", ""))


def is_draft(order: Order) -> bool:
    """Whether it is still the buyer's own draft: not submitted, and not waiting for our desk either."""
    return order.state in BUYERS_DRAFT and order.submitted_at is None and not fell_out(order)


def order_state(order: Order, version: str) -> str:
    """The state of a productOrder."""
    return "draft" if version == "v5" and is_draft(order) else tmf622(order.state)


def item_state(state: str, version: str) -> str:
    """The state of a productOrderItem; only v5 knows `partial` there."""
    return tmf622(state) if version == "v5" else tmf622_item(state)


class StateV5(Words):
    """The filter by state where a draft is told apart."""

    def q(self, path: str, op: str, value: str) -> Q:
        """As is_draft decides. Raises ValidationError."""
        if op != "eq":
            raise invalid(path, "It can only be compared for equality.")
        draft = Q(state__in=BUYERS_DRAFT, submitted_at=None) & ~Q(buyer_order__fallout__gt="")
        if value == "draft":
            return draft
        found = super().q(path, op, value)
        return found & ~draft if value == "acknowledged" else found


V4_STATE = Words("state", V4_STATES)
V5_STATE = StateV5("state", V4_STATES)

"""Our states in the words of TMF622 and TMF641; docs/orders.md prints the table.

Deliberate deviations (our transitions are wider than the standard's): acknowledged → rejected and → cancelled, held →
failed, submitted → rejected. What is not yet with a partner is `acknowledged` to a caller: we took the order.
"""

from ofx.orders.vocabulary import State

# state → (TMF622 v4 productOrder, TMF641 v4 serviceOrder)
TMF: dict[str, tuple[str, str]] = {
    State.DRAFT: ("acknowledged", "acknowledged"),
    State.VALIDATED: ("acknowledged", "acknowledged"),
    State.SUBMITTED: ("acknowledged", "acknowledged"),
    State.FAILED_TO_SEND: ("acknowledged", "acknowledged"),
    State.ACKNOWLEDGED: ("acknowledged", "acknowledged"),
    State.IN_PROGRESS: ("inProgress", "inProgress"),
    State.PENDING: ("pending", "pending"),
    State.HELD: ("held", "held"),
    State.ASSESSING_CHARGE: ("pending", "pending"),
    State.ASSESSING_AMEND: ("inProgress", "inProgress"),
    State.ASSESSING_CANCEL: ("assessingCancellation", "assessingCancellation"),
    State.COMPLETED: ("completed", "completed"),
    State.ACCEPTED: ("completed", "completed"),
    State.REJECTED: ("rejected", "rejected"),
    State.CANCELLED: ("cancelled", "cancelled"),
    State.FAILED: ("failed", "failed"),
    State.PARTIAL: ("partial", "partial"),
}
# A TMF622 item knows no `partial`.
ITEM = {"partial": "failed"}


def tmf622(state: str) -> str:
    """The state of a productOrder. Raises KeyError for a word that is not ours."""
    return TMF[State(state)][0]


def tmf622_item(state: str) -> str:
    """The state of a productOrderItem."""
    word = tmf622(state)
    return ITEM.get(word, word)


def tmf641(state: str) -> str:
    """The state of a serviceOrder."""
    return TMF[State(state)][1]

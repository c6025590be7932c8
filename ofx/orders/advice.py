"""The next action of an order, in a few words: a function of its folded state. Pure."""

from datetime import date, datetime

from ofx.core.ui.display import local, short, span
from ofx.orders.folded import Folded
from ofx.orders.vocabulary import REASON_LABELS

LIMIT = 120


def next_action(folded: Folded, operator: str, *, sent: bool = True, today: date | None = None) -> str:
    """What is to be done next about one partner order, at most 120 characters; empty when nothing is.

    `sent`: False while the item waits for another item of the same order, or was never submitted.
    """
    text = _waiting(folded, operator) or _moving(folded, operator, sent, today)
    if folded.contradictions and folded.ended_at:
        text = f"Check: {operator} sent news after the end"
    return text[:LIMIT]


def _waiting(folded: Folded, operator: str) -> str:
    why = REASON_LABELS.get(folded.blocked_reason, "")
    return {
        "failed_to_send": f"Retry the order to {operator}, or cancel it",
        "assessing_charge": f"Answer the charge of {operator}",
        "assessing_amend": f"Wait for {operator}'s answer to our change",
        "assessing_cancel": f"Wait for {operator}'s answer to our cancel",
        "pending": _pending(folded, operator, why),
        "held": _held(folded, operator, why),
    }.get(folded.state, "")


def _pending(folded: Folded, operator: str, why: str) -> str:
    if folded.blocked_cause == "REAPPOINT":
        return "Agree a new slot with the customer"
    if folded.blocked_cause in ("RESUBMIT", "ERROR"):
        return f"Correct the order and send it to {operator} again"
    if folded.holder == "end_customer":
        return f"Ask the customer: {why.lower() or 'something is missing'}"
    return f"Answer {operator}: {why.lower() or 'it asks for information'}"


def _held(folded: Folded, operator: str, why: str) -> str:
    if folded.blocked_cause == "CHARGE_LAPSED":
        return f"Charge not answered in time: ask {operator} whether the order goes on"
    if folded.holder == "third_party":
        return f"Follow up with the third party: {why.lower()}"
    if folded.holder == "force_majeure":
        return "Wait: force majeure is declared"
    return f"Ask {operator} for a date: {why.lower() or 'held without a reason'}"


def _moving(folded: Folded, operator: str, sent: bool, today: date | None) -> str:
    if folded.state in ("draft", "validated"):
        return "Waits for another item of this order" if sent else "Finish and submit the order"
    if folded.on_net and folded.state not in ("completed", "accepted"):
        return "" if folded.ended_at else "Do the work, then mark the item completed"
    if folded.by_hand and folded.state == "submitted":
        return f"Place it with {operator} by hand, then record the answer"
    if folded.in_jeopardy and folded.target_date:
        return f"Tell the customer: now expected {short(folded.target_date, today or folded.target_date)}"
    return {
        "submitted": f"Wait for {operator} to acknowledge",
        "acknowledged": f"Wait for {operator} to commit to a date",
        "in_progress": f"Wait for {operator} to {'complete' if folded.committed else 'commit to a date'}",
        "completed": "Test the service and accept it",
    }.get(folded.state, "")


def visit_lapses(state: str, soon: tuple[str, datetime] | None) -> str:
    """What to do about a reserved visit that lapses soon; empty where there is none, or a more urgent wait."""
    if soon is None or state in ("failed_to_send", "assessing_charge"):
        return ""
    operator, until = soon
    return f"Confirm or re-book the visit: {operator} holds it until {local(until):%-d %b %H:%M}"[:LIMIT]


def chase(operator: str, since: datetime, at: datetime) -> str:
    """What to do about a partner that has fallen silent (DOMAIN R28)."""
    return f"Chase {operator}: no news for {span(at - since)}"[:LIMIT]

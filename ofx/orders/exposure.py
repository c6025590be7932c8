"""What a cancel or a change would cost, by stage (R05, R06): shown before anybody confirms.

The stages are those Openreach publishes (DOMAIN P12). An operator's own rules win, all in `order_rules`:
`cancel` and `amend`: stage → words; `charges`: {"cancel": {stage: amount}, "amend": {stage: amount}, "currency": …};
`ponr_hours`: how long before the committed day nothing can be changed any more (48 at one published operator).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from ofx.core.ui.display import absolute, money
from ofx.orders.charging import amount_of
from ofx.orders.models import PartnerOrder
from ofx.orders.queries import Part
from ofx.orders.vocabulary import ENDED

WORDS = {
    "unsent": "Nothing was sent: withdrawn at once, free of charge.",
    "submitted": "Not acknowledged yet: usually free of charge.",
    "acknowledged": "Acknowledged (KCI1): a cancel charge may apply.",
    "committed": "Committed (KCI2): the connection charge may be due in full.",
    "charged": "Construction was agreed: its charge is lost once work began.",
    "ponr": "Past the point of no return: the partner will probably refuse, or charge in full.",
    "on_net": "On our own network: withdrawn at once.",
    "done": "Completed or ended: not touched by a cancel.",
}
AMEND_WORDS = {
    "unsent": "Nothing was sent yet: change the draft, free of charge.",
    "submitted": "Not acknowledged yet: usually free of charge.",
    "acknowledged": "Acknowledged (KCI1): usually free of charge.",
    "committed": "Committed (KCI2): the partner may charge for another date.",
    "charged": "Construction was agreed: a change may cost its charge anew.",
    "ponr": "Past the point of no return: the partner will probably refuse.",
    "on_net": "On our own network: free of charge.",
    "done": "Completed or ended: nothing to change.",
}
TONES = {"charged": "red", "committed": "amber", "ponr": "red", "acknowledged": "amber"}
SOURCE = "general rule"


@dataclass(frozen=True)
class Exposure:
    """One item's line. `amount`: None where nobody knows it."""

    part: Part
    stage: str
    text: str
    source: str
    tone: str
    amount: Decimal | None = None
    currency: str = "GBP"
    no_return: datetime | None = None

    @property
    def cost(self) -> str:
        """The amount in words, and whose it is."""
        return money(self.amount, self.currency) if self.amount is not None else ""

    @property
    def until(self) -> str:
        """When the point of no return is, in words; empty where it is not known or over."""
        return absolute(self.no_return) if self.no_return and self.stage != "ponr" else ""


def no_return(row: PartnerOrder) -> datetime | None:
    """The point of no return by the operator's rule (R06): so many hours before the committed day begins."""
    hours = row.operator.order_rules.get("ponr_hours")
    if hours is None or row.committed_date is None:
        return None
    return datetime.combine(row.committed_date, time(0), UTC) - timedelta(hours=float(hours))


def stage_of(part: Part, at: datetime | None = None) -> str:
    """How far the item is, in terms of what a cancel costs."""
    row, milestones = part.row, part.folded.milestones
    if row.state in (*ENDED, "completed"):
        return "done"
    if row.state in ("draft", "validated", "failed_to_send"):
        return "unsent"
    if part.folded.on_net:
        return "on_net"
    limit = no_return(row)
    if "VISIT_STARTED" in milestones or (at and limit and at >= limit):
        return "ponr"
    if "ECC_ACCEPTED" in milestones:
        return "charged"
    return "committed" if row.committed_at else "acknowledged" if row.acknowledged_at else "submitted"


def exposure(part: Part, at: datetime | None = None, act: str = "cancel") -> Exposure:
    """The item's stage and what the act (cancel, amend) would cost now; the operator's own rules win."""
    stage = stage_of(part, at)
    rules = part.row.operator.order_rules
    own = str(rules.get(act, {}).get(stage) or "")
    amount, currency, whose = _amount(part, stage, act)
    source = f"{part.row.operator}'s rule" if own or whose == "rule" else SOURCE
    text = own or (WORDS if act == "cancel" else AMEND_WORDS)[stage]
    tone = TONES.get(stage, "grey")
    return Exposure(part, stage, text, source, tone, amount, currency, no_return(part.row))


def _amount(part: Part, stage: str, act: str) -> tuple[Decimal | None, str, str]:
    """What it would cost: the operator's amount; else what the item itself says; nothing where neither does."""
    rules = part.row.operator.order_rules.get("charges", {})
    named = amount_of(rules.get(act, {}).get(stage))
    if named is not None:
        return named, str(rules.get("currency") or part.item.currency), "rule"
    free = stage in ("unsent", "on_net") or (stage == "submitted" and act == "cancel")
    if free:
        return Decimal(0), part.item.currency, ""
    if act == "cancel" and stage in ("committed", "charged", "ponr"):
        return _sunk(part, stage), part.item.currency, ""
    return None, part.item.currency, ""


def _sunk(part: Part, stage: str) -> Decimal | None:
    """The connection charge, and what was agreed for construction on top of it."""
    agreed = [row.amount for row in part.charges if row.state == "accepted" and row.amount and row.kind == "ecc"]
    known = [part.item.one_off, *(agreed if stage in ("charged", "ponr") else [])]
    total = sum((amount for amount in known if amount), Decimal(0))
    return total or None

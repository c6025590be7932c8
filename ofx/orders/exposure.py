"""What a cancel would cost, by stage (R05, R06): shown before anybody confirms.

The stages are those Openreach publishes (DOMAIN P12); an operator's own words in `order_rules["cancel"]` win:
`{"submitted": "…", "acknowledged": "…", "committed": "…", "charged": "…", "ponr": "…"}`.
"""

from dataclasses import dataclass

from ofx.core.ui.display import money
from ofx.orders.queries import Part
from ofx.orders.vocabulary import ENDED

WORDS = {
    "unsent": "Nothing was sent: withdrawn at once, free of charge.",
    "submitted": "Not acknowledged yet: usually free of charge.",
    "acknowledged": "Acknowledged (KCI1): a cancel charge may apply.",
    "committed": "Committed (KCI2): the connection charge may be due in full{amount}.",
    "charged": "Construction was agreed: its charge is lost once work began{amount}.",
    "ponr": "The engineer was on site: the partner will probably refuse.",
    "on_net": "On our own network: withdrawn at once.",
    "done": "Completed or ended: not touched by a cancel.",
}
SOURCE = "general rule"


@dataclass(frozen=True)
class Exposure:
    """One item's line."""

    part: Part
    stage: str
    text: str
    source: str
    tone: str


def stage_of(part: Part) -> str:
    """How far the item is, in terms of what a cancel costs."""
    row, milestones = part.row, part.folded.milestones
    if row.state in (*ENDED, "completed"):
        return "done"
    if row.state in ("draft", "validated", "failed_to_send"):
        return "unsent"
    if part.folded.on_net:
        return "on_net"
    if "VISIT_STARTED" in milestones:
        return "ponr"
    if "ECC_ACCEPTED" in milestones:
        return "charged"
    return "committed" if row.committed_at else "acknowledged" if row.acknowledged_at else "submitted"


def exposure(part: Part) -> Exposure:
    """The item's stage and what it would cost, by the operator's own words where it has any."""
    stage = stage_of(part)
    own = part.row.operator.order_rules.get("cancel", {})
    amount = f" ({money(part.item.one_off, part.item.currency)})" if part.item.one_off and stage == "committed" else ""
    text = str(own.get(stage) or WORDS[stage].format(amount=amount))
    source = f"{part.row.operator}'s rule" if own.get(stage) else SOURCE
    tone = {"charged": "red", "committed": "amber", "ponr": "red", "acknowledged": "amber"}.get(stage, "grey")
    return Exposure(part, stage, text, source, tone)

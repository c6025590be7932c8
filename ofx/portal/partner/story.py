"""What happened to a partner order, as both its parties know it: no verdict, note or other vendor of the provider."""

from datetime import date

from ofx.core.ui.display import absolute, money
from ofx.core.ui.timeline import Entry, merge
from ofx.orders.answers import REASONS
from ofx.orders.models import Fact, PartnerOrder
from ofx.orders.vocabulary import Milestone, UpdateType

# The provider's own acts that it has told the operator of.
TOLD = {
    "SUBMITTED": "Ordered", "AMEND_REQUESTED": "Change asked for", "CANCEL_REQUESTED": "Cancel asked for",
    "CHARGE_ACCEPTED": "Charge accepted", "CHARGE_DECLINED": "Charge declined", "ANSWERED": "Question answered",
    "ACCEPTED": "Accepted", "WITHDRAWN": "Withdrawn",
}  # fmt: skip
SAID = {
    "ACKNOWLEDGED": "Order taken", "COMMITTED": "Committed", "DELAY": "Delayed", "RESUMED": "Going on",
    "COMPLETED": "Done", "TERMINATED": "Not delivered", "INFORMATION_REQUIRED": "Information asked for",
    "REAPPOINT": "Visit proposed", "ADDITIONAL": "Note", "CHARGE_RAISED": "Charge raised",
    "CANCELLED": "Cancel accepted", "CANCEL_REFUSED": "Cancel refused", "AMENDED": "Change accepted",
    "AMEND_REFUSED": "Change refused",
}  # fmt: skip
DOORS = {"portal": "portal", "link": "link in a mail", "csv": "CSV", "api": "API"}
TONES = {"DELAY": "amber", "CHARGE_RAISED": "amber", "COMMITTED": "blue", "COMPLETED": "green", "TERMINATED": "red"}
KINDS = {"ACKNOWLEDGED": "milestone", "COMMITTED": "milestone", "COMPLETED": "milestone", "ADDITIONAL": "note"}


def story(row: PartnerOrder) -> list[Entry]:
    """Newest first."""
    facts = row.facts.select_related("actor").order_by("-issued_at", "-pk")
    return merge(_entry(row, fact) for fact in facts if fact.source == "partner" or fact.update_type in TOLD)


def _entry(row: PartnerOrder, fact: Fact) -> Entry:
    ours = fact.source != "partner"
    return Entry(
        at=fact.issued_at,
        kind=KINDS.get(fact.update_type, "state"),
        title=TOLD[fact.update_type] if ours else said_of(fact),
        who=str(row.order.organisation) if ours else who_of(fact),
        channel="" if ours else door_of(fact),
        body="" if ours and fact.update_type == "ACCEPTED" else words_of(fact),
        tone="grey" if ours else TONES.get(fact.update_type, "grey"),
    )


def said_of(fact: Fact) -> str:
    """What the operator said."""
    code = str(fact.data.get("milestone", ""))
    if fact.update_type == "MILESTONE" and code in Milestone.values:
        return str(Milestone(code).label)
    return SAID.get(fact.update_type) or str(UpdateType(fact.update_type).label)


def who_of(fact: Fact) -> str:
    """Which of the operator's people; its system where nobody is named."""
    return str(fact.actor) if fact.actor else "Your system" if not fact.data.get("channel") else "By mail"


def door_of(fact: Fact) -> str:
    """By which door it came."""
    return DOORS.get(str(fact.data.get("channel", "")), "connection")


def _day(words: str, value: object) -> str:
    """`to 2 Dec 2026`; nothing where there is no date."""
    return f"{words} {absolute(date.fromisoformat(str(value)[:10]))}" if value else ""


def words_of(fact: Fact) -> str:
    """Date, reason and text in a line."""
    data = fact.data
    charge = data.get("charge") or {}
    parts = [
        _day("to", data.get("committed_date")),
        "" if data.get("committed_date") else _day("target", data.get("target_date")),
        _day("wanted by", data.get("crd")),
        REASONS.get(str(data.get("reason", "")), ""),
        money(charge.get("amount"), charge.get("currency") or "GBP") if charge.get("amount") else "",
        f"your reference {data['partner_ref']}" if data.get("partner_ref") else "",
        str(data.get("text", "")),
    ]
    return " · ".join(dict.fromkeys(part for part in parts if part))

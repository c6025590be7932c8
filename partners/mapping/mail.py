"""The e-mail/CSV partner: a line of CSV out, a line of CSV in (docs/sandbox.md, E-mail with CSV)."""

import re
from dataclasses import dataclass, field
from typing import Any

from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical import News, OutboundOrder
from partners.mapping.engine import day, key_of, moment, number, reason_of, text

COLUMNS = ("our_key", "action", "product", "postcode", "address", "contact", "requested_date", "notes", "partner_ref")
# Their update types → ours. RECEIVED is not KCI1: the mail has arrived, nobody has looked at it.
SAME_WORD = (
    "CREATED",
    "ACKNOWLEDGED",
    "COMMITTED",
    "DELAY",
    "RESUMED",
    "REAPPOINTED",
    "REAPPOINT",
    "INFORMATION_REQUIRED",
    "ADDITIONAL",
    "WARNING",
    "AMENDED",
    "AMEND_REFUSED",
    "CANCELLED",
    "CANCEL_REFUSED",
    "TERMINATED",
    "COMPLETED",
    "RESUBMIT",
    "ERROR",
)
UPDATE_TYPES = {"RECEIVED": "UPDATE", "UPDATE": "UPDATE", **dict(zip(SAME_WORD, SAME_WORD, strict=True))}
ACTIONS = {"add": "add", "modify": "modify", "delete": "cease"}
CONSENT = {"accepted": "charge accept", "declined": "charge decline"}
MILESTONES = {"ACKNOWLEDGED": "ACKNOWLEDGED", "COMMITTED": "COMMITTED", "COMPLETED": "COMPLETED"}


@dataclass(frozen=True, kw_only=True)
class MailDialect:
    """What differs between e-mail partners."""

    version: str
    reasons: dict[str, str]
    update_types: dict[str, str] = field(default_factory=lambda: UPDATE_TYPES)


class MailMapping:
    """Both directions for one e-mail dialect."""

    def __init__(self, dialect: MailDialect) -> None:
        self.dialect = dialect
        self.version = dialect.version

    def outbound(self, verb: str, order: OutboundOrder) -> dict[str, Any]:
        """The line of the CSV attachment. Raises Unmappable."""
        if verb not in ("create", "amend", "answer", "cancel"):
            raise Unmappable(f"this partner's CSV has no way to {verb!r} an order")
        if verb == "create":
            if not order.items:
                raise Unmappable("product: the order has no item")
            if len(order.items) > 1:
                raise Unmappable("this partner takes one item an order: our key names one line")
            return _mail(order, _create_row(order))
        return _mail(order, _follow_up(verb, order))

    def inbound(self, record: ParsedRecord) -> Mapped:
        """One line of CSV as one piece of news. Raises Unmappable."""
        data = record.data
        word = text(data, "update_type", 40).upper()
        if not word:
            raise Unmappable("update_type is empty")
        at = moment(data, "issued_at")
        if at is None:
            raise Unmappable("issued_at is empty")
        unmapped = []
        kind = self.dialect.update_types.get(word, "")
        if not kind:
            unmapped.append(f"update_type {word}")
            kind = "UPDATE"
        raw = text(data, "reason_code", 120)
        reason, known = reason_of(raw, self.dialect.reasons)
        if not known:
            unmapped.append(f"reason {raw}")
        more = _details(kind, word, reason, data)
        sequence = number(data, "sequence")
        news = News(
            update_type=more.pop("update_type", kind),
            dedupe_key=key_of("mail", sequence if sequence is not None else at.isoformat(), word),
            issued_at=at,
            our_key=record.our_key,
            external_id=record.external_id,
            partner_ref=record.external_id,
            sequence=sequence,
            reason=reason,
            raw_reason=raw,
            milestone=MILESTONES.get(kind, ""),
            unmapped=tuple(unmapped),
            **more,
        )
        return Mapped([news], unmapped)


def _details(kind: str, word: str, reason: str, data: Any) -> dict[str, Any]:
    line = text(data, "text")
    made: dict[str, Any] = {"text": line, "extra": {"raw_update_type": word}}
    if kind == "CREATED" and (service := re.search(r"\bservice ([A-Za-z0-9._-]{1,80})", line)):
        made["extra"] |= {"service_ref": service[1], "action": "delete"}
    made["committed_date"] = day(data, "committed_date") if kind in ("COMMITTED", "AMENDED") else None
    made["target_date"] = day(data, "target_date")
    if kind == "TERMINATED":
        refused = ("ORDER_DATA_ERROR", "ADDRESS_MISMATCH", "NOT_FEASIBLE")
        made["outcome"] = "rejected" if reason in refused else "cancelled"
    elif kind in ("COMPLETED", "CANCELLED"):
        made["outcome"] = kind.lower()
    elif kind == "INFORMATION_REQUIRED" and reason == "ECC_APPROVAL":
        made |= {"update_type": "CHARGE_RAISED", "charge": _charge(line)}
    return made


def _charge(line: str) -> dict[str, str]:
    """This partner writes the price into the text only."""
    found = re.search(r"\b([A-Z]{3}) ?([0-9]+(?:\.[0-9]{1,2})?)\b", line)
    price = {"currency": found[1], "amount": found[2]} if found else {"currency": "", "amount": ""}
    return {"id": "1", "text": line, "blocking": "yes", **price}


def _mail(order: OutboundOrder, row: dict[str, str]) -> dict[str, Any]:
    """The line, and what the mail around it must know. Links are signed when the mail leaves and kept nowhere."""
    about = {
        "provider": order.provider_name,
        "links": order.answer_links,
        "until": order.answer_until.isoformat() if order.answer_until else "",
        "portal": order.portal_url,
    }
    return {"rows": [row], "answer": about, "to": list(order.recipients)}


def _create_row(order: OutboundOrder) -> dict[str, str]:
    item = order.items[0]
    notes = [order.access_notes, *order.notes]
    if order.simulated and order.scenario:
        notes.append(f"[scenario:{order.scenario}]")
    contact = ", ".join(part for part in (order.contact_name, order.contact_phone, order.contact_email) if part)
    return {
        "our_key": order.our_key,
        "action": ACTIONS[item.action],
        "product": item.offering_name or item.offering_code,
        "postcode": order.postcode,
        "address": order.address,
        "contact": contact,
        "requested_date": order.requested_date.isoformat() if order.requested_date else "",
        "notes": " | ".join(note for note in notes if note),
        "partner_ref": item.product_id,
    }


def _follow_up(verb: str, order: OutboundOrder) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    row |= {"our_key": order.our_key, "action": "cancel" if verb == "cancel" else "amend"}
    row["partner_ref"] = order.external_id
    changes = order.changes
    row["requested_date"] = (changes.get("requested_date") or "")[:10] if verb == "amend" else ""
    notes = [changes.get("information", ""), changes.get("text", ""), changes.get("note", ""), order.reason]
    response = (changes.get("response") or changes.get("charge") or "") if verb == "answer" else ""
    if response:
        if response not in CONSENT:
            raise Unmappable(f"answer: the response to a charge is accepted or declined, not {response!r}")
        notes.insert(0, CONSENT[response])
    row["notes"] = " | ".join(note for note in notes if note)
    if verb == "amend" and not row["requested_date"] and not row["notes"]:
        raise Unmappable("amend: nothing to change")
    return row

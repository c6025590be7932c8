"""The neutral model in the middle (HUB 1.7): what goes out to any partner, and what any partner's news becomes.

Connectors turn wire formats into plain parsed records; a mapping turns those into `News`, and `OutboundOrder` into the
partner's record. Nothing above this module ever sees a partner's own words, except as `raw_*` beside ours.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class OutboundItem:
    """One item of an order on its way out."""

    position: int
    action: str  # add, modify, delete
    offering_code: str
    offering_name: str
    kind: str
    technology: str = ""
    quantity: int = 1
    product_id: str = ""  # of a modify or delete: the live product, by the partner's id
    characteristics: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OutboundOrder:
    """An order as every mapping receives it. `our_key` is stamped on every create and found before any retry."""

    our_key: str
    reference: str
    items: tuple[OutboundItem, ...]
    country: str
    postcode: str
    address: str
    uprn: str = ""
    requested_date: date | None = None
    customer_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    access_notes: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""  # of a cancel or an amend
    external_id: str = ""  # the partner's id, once known
    changes: dict[str, str] = field(default_factory=dict)  # amend: field → new value
    scenario: str = ""  # for simulated partners only
    simulated: bool = False
    provider_name: str = ""
    answer_links: str = ""  # address below which signed links to answer by stand
    answer_until: date | None = None  # when they expire
    portal_url: str = ""  # where the partner sees the order after signing in
    recipients: tuple[str, ...] = ()  # who is told by mail, where the portal is the way

    def as_json(self) -> dict[str, Any]:
        """Plain values for Message.canonical."""
        data = asdict(self)
        data["answer_until"] = self.answer_until.isoformat() if self.answer_until else None
        data["requested_date"] = self.requested_date.isoformat() if self.requested_date else None
        data["items"] = [dict(item) for item in data["items"]]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "OutboundOrder":
        """The reverse of as_json. Raises KeyError or TypeError on a record that is not ours."""
        wanted = dict(data)
        wanted["items"] = tuple(OutboundItem(**item) for item in data["items"])
        wanted["notes"] = tuple(data.get("notes", ()))
        day = data.get("requested_date")
        wanted["requested_date"] = date.fromisoformat(day) if day else None
        until = data.get("answer_until")
        wanted["answer_until"] = date.fromisoformat(until) if until else None
        wanted["recipients"] = tuple(data.get("recipients", ()))
        return cls(**wanted)


@dataclass(frozen=True, kw_only=True)
class News:
    """One update from a partner about one case. `update_type` is a code of DOMAIN 5.3 (orders.vocabulary.UpdateType).

    `dedupe_key` is stable per piece of news, whatever the channel: the same news by webhook and by poll is one fact.
    """

    update_type: str
    dedupe_key: str
    issued_at: datetime
    our_key: str = ""
    external_id: str = ""
    sequence: int | None = None
    partner_ref: str = ""
    reason: str = ""  # canonical (DOMAIN 5.6), "" where none
    raw_reason: str = ""  # the partner's own word, always kept
    clock_owner: str = ""  # claimed, "" = the reason's default
    text: str = ""
    milestone: str = ""  # DOMAIN 5.4, "" where none
    committed_date: date | None = None
    target_date: date | None = None
    appointment: str = ""
    charge: dict[str, str] = field(default_factory=dict)  # id, amount, currency, text, blocking
    outcome: str = ""  # of TERMINATED: cancelled, rejected, failed; of COMPLETED: completed, partial
    unmapped: tuple[str, ...] = ()  # words that no map knew: drift (DOMAIN R10)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values for event payloads."""
        data = asdict(self)
        for name in ("issued_at", "committed_date", "target_date"):
            value = getattr(self, name)
            data[name] = value.isoformat() if value else None
        data["unmapped"] = list(self.unmapped)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "News":
        """The reverse of as_json."""
        wanted = dict(data)
        wanted["issued_at"] = datetime.fromisoformat(data["issued_at"])
        for name in ("committed_date", "target_date"):
            wanted[name] = date.fromisoformat(data[name]) if data.get(name) else None
        wanted["unmapped"] = tuple(data.get("unmapped", ()))
        return cls(**wanted)

"""The neutral model of faults and outages (HUB 1.7): what goes out to any partner, and what its news becomes.

Beside `canonical` (orders). Entities are told apart by `entity` in the stored payload; one without it is an order.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

TICKET_STATES = (
    "acknowledged", "in_progress", "pending", "held", "resolved", "closed", "rejected", "cancelled",
)  # fmt: skip


class _Plain:
    """Plain JSON values and back; times as ISO 8601."""

    entity: ClassVar[str] = ""
    _moments: ClassVar[tuple[str, ...]] = ()
    _tuples: ClassVar[tuple[str, ...]] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values for Message.canonical and event payloads."""
        data: dict[str, Any] = {"entity": self.entity, **asdict(self)}  # type: ignore[call-overload]
        for name in self._moments:
            value = getattr(self, name)
            data[name] = value.isoformat() if value else None
        for name in self._tuples:
            data[name] = list(data[name])
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reverse of as_json. Raises TypeError on a record of another kind."""
        wanted = {name: value for name, value in data.items() if name != "entity"}
        for name in cls._moments:
            wanted[name] = datetime.fromisoformat(wanted[name]) if wanted.get(name) else None
        for name in cls._tuples:
            wanted[name] = tuple(wanted.get(name) or ())
        return cls(**wanted)


@dataclass(frozen=True, kw_only=True)
class OutboundTicket(_Plain):
    """A fault as every mapping receives it. Verbs: create, note, answer, cancel, close, reopen, attach, and status
    (towards a customer's own system: `state` with `text`, of a resolved one `fix`, `cause` and `clear_code`)."""

    entity: ClassVar[str] = "ticket"
    _moments: ClassVar[tuple[str, ...]] = ("occurred_at", "last_worked_at")
    _tuples: ClassVar[tuple[str, ...]] = ("recipients",)

    our_key: str
    reference: str
    title: str
    description: str = ""
    fault_class: str = ""
    severity: str = ""  # minor, moderate, significant, extensive
    impact: str = ""  # degraded, intermittent, down
    priority: int = 3
    service_ref: str = ""  # the partner's id of the service
    product: str = ""
    country: str = "GB"
    postcode: str = ""
    address: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    access_notes: str = ""
    occurred_at: datetime | None = None
    last_worked_at: datetime | None = None
    characteristics: dict[str, str] = field(default_factory=dict)  # DOMAIN 4.3
    test: dict[str, str] = field(default_factory=dict)  # id, code, colour, at
    text: str = ""  # of a note, answer, cancel, close, reopen or status
    author: str = ""  # who wrote it, by name; empty: the provider
    state: str = ""  # of TICKET_STATES; verb status
    fix: str = ""
    cause: str = ""
    clear_code: str = ""
    note_key: str = ""  # stable id of that note, so that its echo is known as ours
    attachment: dict[str, str] = field(default_factory=dict)  # name, content_type, base64
    external_id: str = ""
    parent_id: str = ""  # the partner's id of the outage that this ticket is a child of
    scenario: str = ""  # for simulated partners only
    simulated: bool = False
    provider_name: str = ""
    answer_links: str = ""
    answer_until: str = ""  # the last day of those links, as 2026-03-31
    portal_url: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OutboundProblem(_Plain):
    """An outage as a party is told of it (TMF656 service problem, or a TMF621 parent). Verbs: create, note, clear,
    cancel."""

    entity: ClassVar[str] = "problem"
    _moments: ClassVar[tuple[str, ...]] = ("started_at", "expected_at", "ended_at")
    _tuples: ClassVar[tuple[str, ...]] = ("service_refs", "postcodes", "recipients")

    our_key: str
    reference: str
    title: str
    text: str = ""
    note_key: str = ""
    state: str = "in_progress"
    severity: str = "significant"
    impact: str = "down"
    planned: bool = False
    started_at: datetime | None = None
    expected_at: datetime | None = None
    ended_at: datetime | None = None
    affected: int = 0
    service_refs: tuple[str, ...] = ()  # of the party's own services
    postcodes: tuple[str, ...] = ()
    external_id: str = ""
    simulated: bool = False
    scenario: str = ""
    provider_name: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TicketNews(_Plain):
    """One update of a partner about one fault or outage.

    `update_type`: STATE (with `state`), NOTE, QUESTION (awaits our answer), RESOLVED (with clear_code, cause, fix),
    ATTACHMENT, ERROR. `dedupe_key` is stable per piece of news, whatever the channel.
    """

    entity: ClassVar[str] = "ticket"
    _moments: ClassVar[tuple[str, ...]] = ("issued_at", "expected_at")
    _tuples: ClassVar[tuple[str, ...]] = ("unmapped",)

    update_type: str
    dedupe_key: str
    issued_at: datetime
    our_key: str = ""
    external_id: str = ""
    sequence: int | None = None
    partner_ref: str = ""
    state: str = ""  # one of TICKET_STATES
    clock_owner: str = ""  # claimed
    reason: str = ""
    raw_reason: str = ""
    text: str = ""
    author: str = ""
    clear_code: str = ""
    cause: str = ""
    fix: str = ""
    chargeable: bool | None = None
    expected_at: datetime | None = None
    url: str = ""  # deep link to the partner's own ticket
    attachment: dict[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

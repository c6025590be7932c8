"""The one interface behind which every kind of partner system stands.

A connector does input and output only: it never touches the database, so that it may run in a thread. Endpoint and leg
are read, never written; what happened is told in the return value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from partners.mapping.base import ParsedRecord

SUCCESS, RETRY, NEVER, UNKNOWN = "success", "retry", "never", "unknown"


class EndpointLike(Protocol):
    """What a connector reads of an endpoint."""

    pk: int
    name: str
    dialect: str
    base_url: str
    address: str
    token: str
    hub_id: str
    timeout_seconds: int
    poll_cursor: str
    services: Any


@dataclass(frozen=True)
class Job:
    """One delivery as a connector sees it. `key` is stamped on every create; `message_key` is stable per message."""

    verb: str
    wire: dict[str, Any]
    key: str
    external_id: str = ""
    message_key: str = ""
    entity: str = "order"


@dataclass(frozen=True)
class Delivered:
    """How one try ended (HUB item 19), and what it means for the endpoint (items 21, 22).

    `fault`: auth (credentials refused), gone (the record is not there), slow (asked to slow down), down (broken).
    """

    outcome: str
    status: int | None = None
    external_id: str = ""
    echo: Any = None
    detail: str = ""
    retry_after: float | None = None
    fault: str = ""
    differences: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """What the partner says about a delivery whose outcome we do not know. `state`: done, absent or unsure."""

    state: str
    external_id: str = ""
    echo: Any = None
    detail: str = ""
    several: bool = False
    fault: str = ""
    retry_after: float | None = None
    status: int | None = None


@dataclass(frozen=True)
class Polled:
    """One record as it lies at the partner. `dedupe_key` names this version of it."""

    dedupe_key: str
    raw: bytes
    verb: str = "poll"
    headers: dict[str, str] = field(default_factory=dict)
    refused: str = ""  # why it must not be read (an unknown sender, too large)
    same_if: str = ""  # what tells a second reading of one file from a second mail


@dataclass(frozen=True)
class Page:
    """Some records, the cursor that is right once they are stored, and what to do after that commit."""

    items: list[Polled]
    cursor: str = ""
    after_commit: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Finding:
    """One line of a probe: what was tried, whether it went well, in words."""

    name: str
    ok: bool
    text: str


class NotReached(Exception):
    """A read failed. `fault` as in Delivered."""

    def __init__(self, text: str, fault: str = "down", status: int | None = None, retry_after: float | None = None):
        super().__init__(text)
        self.fault, self.status, self.retry_after = fault, status, retry_after


class Unreadable(ValueError):
    """The payload is not what this kind of system sends; the text says why."""


class Connector(Protocol):
    """One kind of system."""

    kind: str
    polls: bool
    repeats_safely: bool  # an unknown create may be sent again as it is (the other side knows it by message_key)

    def deliver(self, endpoint: Any, job: Job) -> Delivered:
        """Send once. Never raises for what the other side does."""

    def find(self, endpoint: Any, job: Job) -> Found:
        """Whether an earlier try of this delivery was done: creates are looked up by our key."""

    def fetch(self, endpoint: Any, external_id: str) -> Polled | None:
        """The record as it is now; None if it is not there. Raises NotReached."""

    def poll(self, endpoint: Any, at: datetime) -> Iterator[Page]:
        """What changed since endpoint.poll_cursor. Raises NotReached."""

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> list[ParsedRecord]:
        """Bytes into records. Raises Unreadable."""

    def subscribe(self, endpoint: Any, callback: str) -> str:
        """Make sure that the partner tells us of changes at `callback`. The subscription's id, "" where it sends
        nothing. Raises NotReached."""

    def probe(self, endpoint: Any, at: datetime) -> list[Finding]:
        """Try credentials, permissions and clocks by reading only."""

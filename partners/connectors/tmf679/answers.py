"""What is asked and what comes back, in our own words. Pure."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

ANSWERED, WAITING, AGAIN, REFUSED = "answered", "waiting", "again", "refused"


@dataclass(frozen=True)
class Product:
    """One product that is asked about, by the operator's own code."""

    code: str
    name: str
    technology: str = ""


@dataclass(frozen=True)
class Question:
    """A place as the partner reads it, and the products. `key` is ours; it changes nothing at the partner."""

    key: str
    country: str
    postcode: str
    text: str = ""
    uprn: str = ""
    products: tuple[Product, ...] = ()


@dataclass(frozen=True)
class Line:
    """What is said of one product, or of one technology where no product is named.

    `reason` is canonical (DOMAIN 5.6), OTHER for a word that we do not know; `raw_reason` is the partner's own.
    `transfer`: an active service is on the line, so the order must be a transfer (DOMAIN R27).
    """

    available: bool
    code: str = ""
    technology: str = ""
    down_mbps: float | None = None
    up_mbps: float | None = None
    reason: str = ""
    raw_reason: str = ""
    text: str = ""
    available_from: str = ""
    lead_days: int | None = None
    one_off: str = ""
    monthly: str = ""
    currency: str = ""
    transfer: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


@dataclass(frozen=True)
class Told:
    """How one call ended. `state`: answered, waiting (ask again by `external_id`), again (try once more), refused."""

    state: str
    lines: list[Line] = field(default_factory=list)
    valid_until: datetime | None = None
    external_id: str = ""
    detail: str = ""
    retry_after: float | None = None
    status: int | None = None
    unknown: tuple[str, ...] = ()
    alive: bool = True  # the other side spoke to us sensibly: its breaker need not open

"""What stands between a connector's records and the neutral model. A mapping is pure: no clock, file or database."""

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from partners.mapping.canonical import News
from partners.mapping.canonical_faults import TicketNews


@dataclass(frozen=True)
class ParsedRecord:
    """One record of a partner, its format taken off, its words untouched.

    `kind`: order (a whole order), cancel (a cancel task), row (one line of news), ticket, problem (whole ones), words
    (a mail's own text), maintenance (a notice of planned works). `our_key`, `external_id` and
    `reference` (our key by another way, such as a mail's thread) are what it is correlated by.
    """

    kind: str
    data: Pairs[str, Any]
    our_key: str = ""
    external_id: str = ""
    reference: str = ""
    version: str = ""
    entities: tuple[str, ...] = ()  # whose legs alone it may reach; empty: of any entity


class Unmappable(ValueError):
    """This record cannot be told in the neutral words; the text says which attribute is wrong."""


@dataclass(frozen=True)
class Mapped:
    """The news of one record, and the words in it that no table knows (drift)."""

    news: Sequence[News | TicketNews]
    unmapped: list[str] = field(default_factory=list)


class Mapping(Protocol):
    """One partner's dialect. `version` is written on every message that it handled."""

    version: str

    def outbound(self, verb: str, order: Any) -> dict[str, Any]:
        """Our order, ticket or problem in the partner's form. Raises Unmappable."""

    def inbound(self, record: ParsedRecord) -> Mapped:
        """The partner's record as news. Raises Unmappable."""

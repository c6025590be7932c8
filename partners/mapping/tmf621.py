"""The mappings of faults and outages to TMF621 and TMF656 systems: a dialect put behind the interface."""

from typing import Any

from partners.mapping import tmf621_out, tmf656_out
from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket
from partners.mapping.tmf621_in import raised, read_case, reported
from partners.mapping.tmf621_words import FaultDialect


class _Cases:
    """What tickets and problems have in common: they are read alike."""

    def __init__(self, dialect: FaultDialect) -> None:
        self.dialect = dialect
        self.version = dialect.version

    def inbound(self, record: ParsedRecord) -> Mapped:
        """A whole ticket or problem as news. Raises Unmappable."""
        if record.kind not in ("ticket", "problem"):
            raise Unmappable(f"there are no records of kind {record.kind} here")
        return read_case(record, self.dialect)

    def reported(self, record: ParsedRecord) -> dict[str, Any]:
        """A case that the other side began by itself, as plain values. Raises Unmappable."""
        return raised(record, self.dialect) if record.kind == "ticket" else reported(record, self.dialect)


class TicketMapping(_Cases):
    """A fault as a TMF621 ticket."""

    def outbound(self, verb: str, order: OutboundTicket) -> dict[str, Any]:
        """Our fault as the body of the call. Raises Unmappable."""
        return tmf621_out.ticket(verb, order, self.dialect)


class ParentMapping(_Cases):
    """An outage as a TMF621 parent ticket."""

    def outbound(self, verb: str, order: OutboundProblem) -> dict[str, Any]:
        """Our outage as the body of the call. Raises Unmappable."""
        return tmf621_out.parent(verb, order, self.dialect)


class ProblemMapping(_Cases):
    """An outage as a TMF656 problem."""

    def outbound(self, verb: str, order: OutboundProblem) -> dict[str, Any]:
        """Our outage as the body of the call. Raises Unmappable."""
        return tmf656_out.problem(verb, order, self.dialect)

"""The mapping of a TMF622 partner: its dialect put behind the interface."""

from typing import Any

from partners.mapping import tmf_out
from partners.mapping.base import Mapped, ParsedRecord, Unmappable
from partners.mapping.canonical import OutboundOrder
from partners.mapping.tmf_in import TmfDialect, read_cancel, read_order


class TmfMapping:
    """Both directions for one TMF622 dialect."""

    def __init__(self, dialect: TmfDialect) -> None:
        self.dialect = dialect
        self.version = dialect.version

    def outbound(self, verb: str, order: OutboundOrder) -> dict[str, Any]:
        """Our order as the body of the call. Raises Unmappable."""
        return tmf_out.body(verb, order, self.dialect.limits)

    def inbound(self, record: ParsedRecord) -> Mapped:
        """An order or a cancel task as news. Raises Unmappable."""
        if record.kind == "order":
            return read_order(record, self.dialect)
        if record.kind == "cancel":
            return read_cancel(record, self.dialect)
        raise Unmappable(f"TMF622 has no records of kind {record.kind}")

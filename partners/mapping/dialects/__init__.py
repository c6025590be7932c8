"""Every partner's dialect: data, and where needed a few lines of code. Looked up by Endpoint.dialect."""

from partners.mapping.base import Mapping
from partners.mapping.dialects.eastwave import EASTWAVE
from partners.mapping.dialects.faults import FAULTS, PLAIN
from partners.mapping.dialects.mailtel import MAILTEL
from partners.mapping.dialects.northfibre import NORTHFIBRE
from partners.mapping.dialects.southlink import SOUTHLINK
from partners.mapping.dialects.standard import STANDARD
from partners.mapping.entities import ORDER, PROBLEM, TICKET
from partners.mapping.mail import MailMapping
from partners.mapping.mail_faults import MailFaultMapping
from partners.mapping.tmf import TmfMapping
from partners.mapping.tmf621 import ParentMapping, ProblemMapping, TicketMapping

MAPPINGS: dict[str, Mapping] = {
    "northfibre": TmfMapping(NORTHFIBRE),
    "southlink": TmfMapping(SOUTHLINK),
    "eastwave": TmfMapping(EASTWAVE),
    "mailtel": MailMapping(MAILTEL),
    "tmf622": TmfMapping(STANDARD),
    "email": MailMapping(MAILTEL),
    "portal": MailMapping(MAILTEL),
}
BY_MAIL = MailFaultMapping()
CASES: dict[tuple[str, str], type[TicketMapping | ParentMapping | ProblemMapping]] = {
    ("tmf621", TICKET): TicketMapping,
    ("tmf621", PROBLEM): ParentMapping,
    ("tmf656", PROBLEM): ProblemMapping,
}


def mapping_for(dialect: str, kind: str, entity: str = ORDER) -> Mapping:
    """The mapping of an endpoint for orders, tickets or problems: its dialect's, else the plain one of its kind.
    Raises KeyError where this kind of system has no words for it."""
    if entity == ORDER:
        return MAPPINGS.get(dialect) or MAPPINGS[kind]
    return BY_MAIL if kind in ("email", "portal") else cases_for(dialect, kind, entity)


def cases_for(dialect: str, kind: str, entity: str) -> TicketMapping | ParentMapping | ProblemMapping:
    """The mapping of tickets or problems at a TMF621 or TMF656 system. Raises KeyError for other kinds."""
    words = FAULTS.get(dialect, PLAIN)
    return CASES[kind, entity](words)

"""Every partner's dialect: data, and where needed a few lines of code. Looked up by Endpoint.dialect."""

from partners.mapping.base import Mapping
from partners.mapping.dialects.eastwave import EASTWAVE
from partners.mapping.dialects.mailtel import MAILTEL
from partners.mapping.dialects.northfibre import NORTHFIBRE
from partners.mapping.dialects.southlink import SOUTHLINK
from partners.mapping.dialects.standard import STANDARD
from partners.mapping.mail import MailMapping
from partners.mapping.tmf import TmfMapping

MAPPINGS: dict[str, Mapping] = {
    "northfibre": TmfMapping(NORTHFIBRE),
    "southlink": TmfMapping(SOUTHLINK),
    "eastwave": TmfMapping(EASTWAVE),
    "mailtel": MailMapping(MAILTEL),
    "tmf622": TmfMapping(STANDARD),
    "email": MailMapping(MAILTEL),
    "portal": MailMapping(MAILTEL),
}


def mapping_for(dialect: str, kind: str) -> Mapping:
    """The mapping of an endpoint: its dialect's, else the plain one of its kind. Raises KeyError for neither."""
    return MAPPINGS.get(dialect) or MAPPINGS[kind]

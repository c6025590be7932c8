"""Which connector serves which kind of endpoint."""

from partners.connectors.base import Connector
from partners.connectors.email.client import Email
from partners.connectors.portal.client import Portal
from partners.connectors.tmf622.client import Tmf622

CONNECTORS: dict[str, Connector] = {"tmf622": Tmf622(), "email": Email(), "portal": Portal()}
KINDS = [("tmf622", "TMF622 v4"), ("email", "E-mail with CSV"), ("portal", "Partner portal")]


def connector_for(kind: str) -> Connector:
    """The connector of a kind. Raises KeyError for an unknown one."""
    return CONNECTORS[kind]

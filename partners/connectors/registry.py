"""Which connector serves which kind of endpoint."""

from partners.connectors.base import Connector
from partners.connectors.email.client import Email
from partners.connectors.portal.client import Portal
from partners.connectors.tmf621.client import Tmf621
from partners.connectors.tmf622.client import Tmf622
from partners.connectors.tmf656.client import Tmf656

CONNECTORS: dict[str, Connector] = {
    "tmf622": Tmf622(),
    "tmf621": Tmf621(),
    "tmf656": Tmf656(),
    "email": Email(),
    "portal": Portal(),
}
KINDS = [
    ("tmf622", "TMF622 v4"),
    ("tmf621", "TMF621 v4"),
    ("tmf656", "TMF656 v4"),
    ("email", "E-mail with CSV"),
    ("portal", "Partner portal"),
]
# Kinds that are called over HTTP: they have an address, a token, a hub and are found by our key.
APIS = ("tmf622", "tmf621", "tmf656")


def connector_for(kind: str) -> Connector:
    """The connector of a kind. Raises KeyError for an unknown one."""
    return CONNECTORS[kind]

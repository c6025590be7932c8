"""TMF656 v4 as a client: create, note, clear, cancel, get, list, hub."""

from typing import Any

from partners.connectors.cases import Cases
from partners.connectors.tmf622.parse import word
from partners.mapping.tmf656_out import OWNER


class Tmf656(Cases):
    """The connector of kind `tmf656`. Our key is one of a problem's external identifiers."""

    kind = "tmf656"
    resource = "serviceProblem"
    record_kind = "problem"
    by_key = "externalIdentifier.id"
    what = "problems"

    def key_of(self, row: dict[str, Any]) -> str:
        """The identifier that names us as its owner; empty where there is none."""
        given = row.get("externalIdentifier")
        for one in given if isinstance(given, list) else []:
            if isinstance(one, dict) and one.get("owner") == OWNER and one.get("id"):
                return word(one["id"], "externalIdentifier.id")
        return ""

"""A version's face of a resource: which attributes it has, how each is read, and which of them are columns."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings

from ofx.tmf.rest.columns import Text

Reader = Callable[[Any], Any]


class Face:
    """One resource in one version.

    `attributes`: every first-level attribute of the standard → how it is read from a row; None: never filled here.
    `columns`: attribute path → the column that answers filters and sort for it.
    `typed`: whether the version demands `@type` on every object (v5).
    """

    type = ""
    api = ""
    version = "v4"
    name = ""
    typed = False
    attributes: Mapping[str, Reader | None] = {}
    columns: Mapping[str, Text] = {}

    def href(self, identifier: Any) -> str:
        """Where the resource with this id is read."""
        return f"{base(self.api, self.version)}/{self.name}/{quote(str(identifier), safe='')}"

    def known(self) -> Iterable[str]:
        """Every first-level attribute that may be named in a query."""
        return (*self.attributes, "id", "href", "@type", "@baseType", "@schemaLocation")

    def identify(self, row: Any) -> str:
        """The id of a row."""
        return str(row.pk)

    def document(self, row: Any, names: set[str] | None = None) -> dict[str, Any]:
        """The row as the standard writes it; `names`: only these attributes are worked out. None is left out."""
        identifier = self.identify(row)
        made: dict[str, Any] = {"id": identifier, "href": self.href(identifier)}
        for name, reader in self.attributes.items():
            if reader is None or (names is not None and name not in names):
                continue
            value = reader(row)
            if value is not None:
                made[name] = value
        if self.typed or names is None or "@type" in names:
            made["@type"] = self.type
        return made


def base(api: str, version: str) -> str:
    """The address of an API's version, without a slash at its end."""
    return f"{settings.OFX_BASE_URL}/tmf-api/{api}/{version}"


def reference(identifier: str, kind: str, href: str = "", **more: Any) -> dict[str, Any]:
    """A reference to another entity: id, href, `@referredType`, and what else is given and not None."""
    made = {"id": identifier, "href": href or None, **more, "@referredType": kind}
    return {name: value for name, value in made.items() if value is not None}

"""What may come in: JSON for POST; JSON or a JSON merge patch (RFC 7396) for PATCH. Anything else is a 415."""

from typing import Any

from django.conf import settings

from ofx.core.api import StrictJSONParser
from ofx.tmf.rest.errors import TooLarge


class Json(StrictJSONParser):
    """application/json, bounded."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The document's value. Raises ParseError (400) or TooLarge (413)."""
        given = str(getattr(stream, "META", {}).get("CONTENT_LENGTH") or "0")
        if given.isdigit() and int(given) > settings.INBOUND_MAX_BYTES:
            raise TooLarge(f"At most {settings.INBOUND_MAX_BYTES} bytes.")
        return super().parse(stream, media_type, parser_context)


class MergePatch(Json):
    """application/merge-patch+json."""

    media_type = "application/merge-patch+json"

"""What every API answer has in common: rendering, paging, problems that name the field and the fix."""

from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from ofx.core.transitions import IllegalTransition


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: dates as ISO 8601, decimals as text."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Bytes of the JSON document; empty for no content."""
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


class StrictJSONParser(BaseParser):
    """JSON by orjson: bounded depth, no NaN, UTF-8 only; anything else is a 400 with the place of the error."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The document's value. Raises ParseError (400)."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(f"The body is not JSON that we can read: {error}") from error


class Pages(LimitOffsetPagination):
    """`limit` (50, at most 500) and `offset`, with the total."""

    default_limit = 50
    max_limit = 500


# Below the classes: rest_framework.views asks for them while it is imported, and may be imported by us first.
from rest_framework.views import exception_handler  # noqa: E402


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """One shape for every refusal: `{code, reason, fields?}`; None lets a real defect be a 500."""
    if isinstance(error, IllegalTransition):
        return Response({"code": "conflict", "reason": str(error)}, status=409)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is no such record, or it is not yours.")
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    if isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "reason": "Some fields need a fix.", "fields": response.data}
    else:
        response.data = {"code": error.get_codes(), "reason": str(error.detail)}
    return response

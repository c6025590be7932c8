"""Refusals in the standard's shape: {code, reason, message, status, @type} (TMF630 part 1)."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from ofx.core.transitions import IllegalTransition

log = logging.getLogger(__name__)
CODES = {
    400: "invalid",
    401: "notAuthenticated",
    403: "notPermitted",
    404: "notFound",
    405: "methodNotAllowed",
    406: "notAcceptable",
    409: "conflict",
    413: "tooLarge",
    415: "unsupportedMediaType",
    500: "internalError",
}
MOST = 500  # characters of a reason


class Conflict(exceptions.APIException):
    """409: it contradicts what is there. `reference` is the href of what it contradicts."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "It contradicts what is there."

    def __init__(self, detail: str, reference: str = "") -> None:
        super().__init__(detail)
        self.reference = reference


class TooLarge(exceptions.APIException):
    """413: the body is longer than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too long."


def invalid(attribute: str, text: str) -> exceptions.ValidationError:
    """400 that names the attribute."""
    return exceptions.ValidationError({attribute: [text]})


def body(number: int, reason: str, message: str = "", reference: str = "") -> dict[str, str]:
    """An Error of the standard."""
    made = {"code": CODES.get(number, "error"), "reason": reason[:MOST], "status": str(number), "@type": "Error"}
    if message and message != reason:
        made["message"] = message[: 4 * MOST]
    if reference:
        made["referenceError"] = reference
    return made


def flat(detail: Any, path: str = "") -> Iterator[str]:
    """`productOrderItem[0].action: This field is required.` from the nested errors of serializers."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            inside = f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}" if path else str(name)
            outer = path if name == "non_field_errors" else inside
            yield from flat(inner, outer)
    elif isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        for number, inner in enumerate(detail):
            yield from flat(inner, f"{path}[{number}]")
    elif isinstance(detail, list):
        for text in detail:
            yield f"{path}: {text}" if path else str(text)
    else:
        yield f"{path}: {detail}" if path else str(detail)


def problem(error: Exception, context: dict[str, Any]) -> Response:
    """What every refusal answers. A defect of ours is a 500 with the same shape, and is logged."""
    set_rollback()
    if isinstance(error, IllegalTransition):
        error = Conflict(str(error))
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is no such resource, or it is not yours.")
    if not isinstance(error, exceptions.APIException):
        log.error("a TM Forum resource failed", exc_info=error)
        return Response(body(500, "Something went wrong on our side; nothing was changed."), status=500)
    reasons = list(flat(error.detail))
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    document = body(error.status_code, reasons[0], "; ".join(reasons), getattr(error, "reference", ""))
    return Response(document, status=error.status_code, headers=headers)

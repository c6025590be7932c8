"""Error pages that say what, why and the next step, and the kit page."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template

from ofx.core.clock import now
from ofx.core.request import UserRequest
from ofx.core.ui.kit import KitForm, KitTable, context
from ofx.core.ui.tables import table_page


def _answer(request: HttpRequest, status: int, code: str, reason: str, template: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "reason": reason}, status=status)
    return render(request, template, {"reason": reason}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request could not be read."""
    reason = "The request could not be read. Nothing was changed."
    return _answer(request, 400, "bad_request", reason, "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: seen, but not allowed; the action's own words where it gave some."""
    reason = str(exception) or "Your role may not do this. Ask an administrator of your organisation."
    return _answer(request, 403, "permission_denied", reason, "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or a record that is not theirs."""
    return _answer(request, 404, "not_found", "There is no such page, or it is not yours.", "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: drawn without database, session or context processors."""
    request_id = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        reason = "A defect on our side. It is logged under this request id."
        return JsonResponse({"code": "server_error", "reason": reason, "request_id": request_id}, status=500)
    return HttpResponse(get_template("500.html").render({"request_id": request_id}), status=500)


@login_required
def kit(request: UserRequest) -> HttpResponseBase:
    """Every component on one page, for the people who build pages and for those who look at them. Staff only."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind == "customer":
        raise PermissionDenied("This page is for staff.")
    form = KitForm(request.POST) if request.method == "POST" else KitForm()
    extra: dict[str, Any] = {**context(now()), "form": form}
    return table_page(request, KitTable, KitTable.rows_for(request.user), "core/kit.html", extra)


@login_required
def kit_part(request: HttpRequest) -> HttpResponse:
    """The live part of the kit page: it changes every two seconds."""
    moment = now()
    step = moment - timedelta(seconds=moment.second % 2, microseconds=moment.microsecond)
    return render(request, "core/kit_part.html", {"step": step, "done": moment.second // 10, "moment": moment})

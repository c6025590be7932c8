"""Copies and erasures of personal data: one's own, and as an administrator one's people's and contacts'."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ofx.core.clock import now
from ofx.core.personal import actions
from ofx.core.personal.models import PersonalRequest
from ofx.core.request import UserRequest
from ofx.core.scoping import may, permit


def _context(request: UserRequest) -> dict[str, Any]:
    rows = PersonalRequest.objects.visible_to(request.user).select_related("organisation")[:50]
    at = now()
    listed = [{"row": row, "ready": row.ready(at), "look": row.STATE_LOOK[row.state]} for row in rows]
    return {"requests": listed, "running": any(row.state in {"waiting", "running"} for row in rows)}


@login_required
@never_cache
def data(request: UserRequest) -> HttpResponse:
    """What is held on me, and how do I get it, or get rid of it?"""
    context = {**_context(request), "may_ask": may(request.user, "member.write"), "title": "Personal data"}
    return render(request, "account/data.html", context)


@login_required
@never_cache
def live(request: UserRequest) -> HttpResponse:
    """The list while requests are under way."""
    return render(request, "account/data_live.html", _context(request))


@require_POST
@login_required
def ask(request: UserRequest, kind: str) -> HttpResponse:
    """Ask: about oneself everywhere; with an e-mail, as an administrator, within one's organisation."""
    email = request.POST.get("email", "").strip()[:254]
    organisation = None
    if email:
        permit(request.user, "member.write")
        organisation = request.user.acting.organisation if request.user.acting else None
        try:
            validate_email(email)
        except ValidationError:
            messages.error(request, "E-mail: give a whole address, such as name@example.com.")
            return redirect("personal_data")
    actions.ask(kind=kind, email=email or request.user.email, organisation=organisation, actor=request.user, at=now())
    messages.info(request, "It is under way; this page says when it is done.")
    return redirect("personal_data")


@login_required
@never_cache
def download(request: UserRequest, pk: int) -> HttpResponseBase:
    """The copy, while it is kept."""
    row = get_object_or_404(PersonalRequest.objects.visible_to(request.user), pk=pk)
    if not row.ready(now()):
        raise Http404
    actions.note_download(request=row, actor=request.user, at=now())
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=f"personal-data-{row.pk}.zip")

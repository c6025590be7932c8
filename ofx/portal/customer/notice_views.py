"""What a customer wants to be told, and the link in a mail that turns its kind off."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ofx.core.clock import now
from ofx.core.models import Organisation
from ofx.core.notices import actions, queries
from ofx.core.notices.links import BadLink, StopLink, read
from ofx.core.notices.models import Channel
from ofx.core.notices.registry import KINDS, Kind, kinds
from ofx.core.request import UserRequest
from ofx.portal.customer.door import customer_only
from partners.conversations.actions import customer_endpoint


@dataclass(frozen=True)
class Choice:
    """One box of the page. `why`: it cannot be turned off, and why."""

    name: str
    label: str
    on: bool
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One kind of news."""

    kind: Kind
    choices: list[Choice]

    @property
    def whys(self) -> list[str]:
        """Each reason once."""
        return list(dict.fromkeys(one.why for one in self.choices if one.why))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: UserRequest) -> HttpResponse:
    """What am I told, and how?"""
    acting = customer_only(request)
    provider = acting.organisation.provider
    lines = _lines(request, provider, acting.role == "admin")
    if request.method == "POST":
        _keep(request, provider, lines)
        messages.success(request, _("Kept. It holds from the next news on."))
        return redirect("my-notifications")
    context = {
        "title": _("Notifications"),
        "question": _("What am I told, and how?"),
        "lines": lines,
        "channels": [str(label) for label in Channel.labels],
        "provider": provider,
        "manager": acting.role == "admin",
        "own_system": customer_endpoint(customer=acting.organisation, entity="ticket"),
    }
    return render(request, "ofx/customer/notifications.html", context)


def _lines(request: UserRequest, provider: Organisation, manager: bool) -> list[Line]:
    chosen = queries.choices_of(organisation_id=provider.pk, user=request.user)
    return [
        Line(
            kind,
            [
                Choice(
                    f"{kind.code}-{channel}",
                    f"{kind.label}: {Channel(channel).label}",
                    chosen[kind.code, channel],
                    str(kind.fixed.get(channel, "")),
                )
                for channel in Channel.values
                if channel in kind.channels
            ],
        )
        for kind in kinds(manager=manager)
    ]


def _keep(request: UserRequest, provider: Organisation, lines: list[Line]) -> None:
    """What has changed; what cannot be turned off is left alone."""
    for line in lines:
        for one in line.choices:
            wanted = one.name in request.POST
            if one.why or wanted == one.on:
                continue
            channel = one.name.removeprefix(f"{line.kind.code}-")
            actions.choose(
                actor=request.user,
                at=now(),
                organisation=provider,
                kind=line.kind.code,
                channel=channel,
                wanted=wanted,
            )


@csrf_exempt  # a mail program presses it for its reader (RFC 8058); the signed link is the authority, no session is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Do I want no more mails of this kind? Looking never writes."""
    try:
        link = read(token)
        provider = Organisation.objects.get(pk=link.organisation_id)
    except (BadLink, Organisation.DoesNotExist):
        text = _("Parts of it may be missing. Open it from the mail once more, or copy it whole.")
        return _shown(request, {"title": _("This link is not one of ours"), "closed": text}, 404)
    if link.kind not in KINDS or "email" in KINDS[link.kind].fixed:
        text = str(KINDS[link.kind].fixed["email"]) if link.kind in KINDS else _("There are no such mails any more.")
        return _shown(request, {"title": _("These mails cannot be turned off"), "closed": text}, 410)
    if request.method == "POST":
        actions.answer_link(link=link, at=now(), wanted=request.POST.get("wanted") == "again")
    return _shown(request, _context(link, provider))


def _context(link: StopLink, provider: Organisation) -> dict[str, Any]:
    wanted = queries.wants(organisation_id=provider.pk, email=link.email, kind=link.kind)
    return {
        "title": _("Mails about: %s") % KINDS[link.kind].label,
        "kind": KINDS[link.kind],
        "provider": provider,
        "email": link.email,
        "wanted": wanted,
    }


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "ofx/customer/notice_stop.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response

"""An administrator's pages: people, invitations, one person, tokens and programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ofx.core.accounts import actions
from ofx.core.accounts.forms import VALIDITY
from ofx.core.accounts.models import VISITORS, Invitation, Membership
from ofx.core.accounts.people_forms import InviteForm, LeaverForm, RoleForm, ServiceForm
from ofx.core.accounts.people_queries import programs_managed, tokens_managed
from ofx.core.accounts.queries import managed_organisations, sessions_of, with_sign_in
from ofx.core.accounts.tables import InvitationTable, PersonTable, TokenTable
from ofx.core.audit.models import LogEntry
from ofx.core.clock import now
from ofx.core.personal.actions import ask
from ofx.core.personal.registry import holdings_of
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.ui.tables import table_page
from ofx.core.ui.timeline import Entry, from_log, merge


def _scope(request: UserRequest) -> dict[str, Any]:
    """What the forms need: one's own organisation, and those whose people one manages."""
    permit(request.user, "member.write")
    assert request.user.acting is not None
    return {"own": request.user.acting.organisation, "managed": managed_organisations(request.user)}


def _posted(request: UserRequest) -> QueryDict | None:
    """What was sent; an empty form is a form, too."""
    return request.POST if request.method == "POST" else None


@login_required
def people(request: UserRequest) -> HttpResponseBase:
    """Who may act for us, and how?"""
    permit(request.user, "member.write")
    rows = with_sign_in(Membership.objects.visible_to(request.user).exclude(user__email__endswith=VISITORS))
    waiting = Invitation.objects.visible_to(request.user).open().count()
    context = {"title": "People", "question": "Who may act for us, and how?", "waiting": waiting}
    return table_page(request, PersonTable, rows, "account/people.html", context)


@login_required
def invite(request: UserRequest) -> HttpResponse:
    """Ask somebody by e-mail."""
    form = InviteForm(_posted(request), **_scope(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.invite(**form.cleaned_data, actor=request.user, at=now())
        except actions.NotPossible as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"The invitation is on its way to {row.email}.")
            return redirect("people")
    context = {"form": form, "title": "Invite somebody", "button": "Send the invitation", "back": "people"}
    return render(request, "account/people_form.html", context, status=422 if form.errors else 200)


@login_required
def invitations(request: UserRequest) -> HttpResponseBase:
    """Who was asked, and what became of it?"""
    permit(request.user, "member.write")
    rows = Invitation.objects.visible_to(request.user).select_related("organisation", "invited_by")
    context = {"title": "Invitations", "question": "Who was asked, and what became of it?"}
    return table_page(request, InvitationTable, rows, "account/invitations.html", context)


def _invitation(request: UserRequest, pk: int) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("organisation", "invited_by", "accepted_by")
    row: Invitation = get_object_or_404(rows, pk=pk)
    permit(request.user, "member.write")
    return row


@login_required
def one_invitation(request: UserRequest, pk: int) -> HttpResponse:
    """What became of this invitation?"""
    row = _invitation(request, pk)
    look = row.STATE_LOOK[row.state_at(now())]
    context = {"invitation": row, "look": look, "state": row.state_at(now()), "title": f"Invitation of {row.email}"}
    return render(request, "account/one_invitation.html", context)


@require_POST
@login_required
def resend_invitation(request: UserRequest, pk: int) -> HttpResponse:
    """Send a fresh link."""
    row = _invitation(request, pk)
    try:
        actions.resend(invitation=row, actor=request.user, at=now())
        messages.success(request, f"A fresh link is on its way to {row.email}; the older one works no more.")
    except actions.NotPossible as error:
        messages.error(request, str(error))
    return redirect(row)


@require_POST
@login_required
def revoke_invitation(request: UserRequest, pk: int) -> HttpResponse:
    """Take it back."""
    row = _invitation(request, pk)
    try:
        actions.revoke_invitation(invitation=row, actor=request.user, at=now())
        messages.info(request, f"The invitation of {row.email} is taken back; its link works no more.")
    except actions.NotPossible as error:
        messages.error(request, str(error))
    return redirect(row)


def _membership(request: UserRequest, pk: int) -> Membership:
    member: Membership = get_object_or_404(with_sign_in(Membership.objects.visible_to(request.user)), pk=pk)
    permit(request.user, "member.write")
    return member


@login_required
@never_cache
def person(request: UserRequest, pk: int) -> HttpResponse:
    """What may this person do here, how do they sign in, and what did they do last?"""
    return _person_page(request, _membership(request, pk))


def _person_page(request: UserRequest, row: Membership, secret: str = "", role: Any = None) -> HttpResponse:
    context = {
        "member": row,
        "role": role or RoleForm(membership=row),
        "leaver": LeaverForm(membership=row),
        "holdings": holdings_of(row),
        "tokens": row.tokens.order_by("revoked_at", "-created_at")[:50],
        "sessions": sessions_of(row.user).count(),
        "entries": _history(request, row),
        "validity": VALIDITY,
        "secret": secret,
        "now": now(),
        "title": str(row.user),
    }
    return render(request, "account/person.html", context)


def _history(request: UserRequest, row: Membership) -> list[Entry]:
    """The newest acts of and about a person; two reads, each by its own index."""
    log = LogEntry.objects.visible_to(request.user).filter(organisation_id=row.organisation_id)
    subject = f"user:{row.user_id}"
    did = log.filter(actor_id=row.user_id).exclude(subject=subject).order_by("-at", "-id")
    return merge(map(from_log, log.about(subject)[:30]), map(from_log, did[:30]))[:30]


@require_POST
@login_required
@never_cache
def person_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    """One act about a person; a refusal says why and changes nothing."""
    row = _membership(request, pk)
    try:
        return ACTS[act](request, row, now())
    except actions.NotPossible as error:
        messages.error(request, str(error))
        return redirect(row)


def _role(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
    form = RoleForm(request.POST, membership=row)
    if not form.is_valid():
        return _person_page(request, row, role=form)
    actions.change_role(membership=row, role=form.cleaned_data["role"], actor=request.user, at=at)
    messages.success(request, f"{row.user} is {row.get_role_display()} at {row.organisation} now.")
    return redirect(row)


def _remove(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
    form = LeaverForm(request.POST, membership=row)
    successor = form.cleaned_data["successor"] if form.is_valid() else None
    actions.remove_member(membership=row, actor=request.user, at=at, successor=successor)
    messages.info(request, f"{row.user} does not act for {row.organisation} any more and is signed out everywhere.")
    return redirect("people")


def _end_sessions(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
    actions.end_sessions(membership=row, actor=request.user, at=at)
    messages.info(request, f"{row.user} is signed out everywhere.")
    return redirect(row)


def _reset_factor(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
    actions.reset_second_factor(membership=row, actor=request.user, at=at)
    messages.info(request, f"{row.user} signs in without a code now, and was told so by e-mail.")
    return redirect(row)


def _token(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
    if not row.user.is_service:
        raise actions.NotPossible("People make their own tokens. For a program, add one under Tokens.")
    days = request.POST.get("days", "")
    expires = at + timedelta(days=int(days)) if days in {"30", "90", "365"} else None
    label = request.POST.get("label", "").replace("\x00", "").strip()[:80]
    _, secret = actions.issue_token(membership=row, label=label, actor=request.user, at=at, expires_at=expires)
    return _person_page(request, row, secret=secret)


def _ask(kind: str) -> Callable[[UserRequest, Membership, datetime], HttpResponse]:
    def act(request: UserRequest, row: Membership, at: datetime) -> HttpResponse:
        ask(kind=kind, email=row.user.email, organisation=row.organisation, actor=request.user, at=at)
        return redirect("personal_data")

    return act


ACTS: dict[str, Callable[[UserRequest, Membership, datetime], HttpResponse]] = {
    "role": _role,
    "remove": _remove,
    "end-sessions": _end_sessions,
    "reset-factor": _reset_factor,
    "token": _token,
    "export": _ask("export"),
    "erase": _ask("erasure"),
}


@login_required
def all_tokens(request: UserRequest) -> HttpResponseBase:
    """Which programs act for us?"""
    permit(request.user, "member.write")
    context = {
        "title": "Tokens",
        "question": "Which programs act for us?",
        "programs": programs_managed(request.user)[:20],
    }
    return table_page(request, TokenTable, tokens_managed(request.user), "account/all_tokens.html", context)


@require_POST
@login_required
def revoke_tokens(request: UserRequest) -> HttpResponse:
    """Revoke the chosen tokens; those of others are left out as if they did not exist."""
    permit(request.user, "member.write")
    chosen = [int(pk) for pk in request.POST.getlist("selected") if pk.isascii() and pk.isdigit() and len(pk) < 18]
    rows = list(tokens_managed(request.user).filter(pk__in=chosen[:500], revoked_at=None))
    for token in rows:
        actions.revoke_token(token=token, actor=request.user, at=now())
    messages.info(request, f"{len(rows)} of the chosen tokens revoked." if rows else "No valid token was chosen.")
    return redirect("all_tokens")


@login_required
def new_program(request: UserRequest) -> HttpResponse:
    """Add a program that acts by tokens."""
    form = ServiceForm(_posted(request), **_scope(request))
    if request.method == "POST" and form.is_valid():
        row = actions.create_service(**form.cleaned_data, actor=request.user, at=now())
        messages.success(request, f"{row.user} is added. Make its first token below.")
        return redirect(row)
    context = {"form": form, "title": "Add a program", "button": "Add it", "back": "all_tokens"}
    return render(request, "account/people_form.html", context, status=422 if form.errors else 200)

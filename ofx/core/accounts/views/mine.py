"""Switch organisation, my account, my API tokens, my sessions, saved views."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ofx.core.accounts import actions
from ofx.core.accounts.devices import device
from ofx.core.accounts.forms import EmailForm, ProfileForm, SavedViewForm, TokenForm
from ofx.core.accounts.middleware import SESSION_KEY
from ofx.core.accounts.models import ApiToken, Membership, SavedView
from ofx.core.accounts.queries import has_second_factor, sessions_of
from ofx.core.clock import now
from ofx.core.request import UserRequest


def _back(request: HttpRequest, default: str = "/") -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else default)


@require_POST
@login_required
def switch(request: UserRequest) -> HttpResponse:
    """Act for another of one's own organisations; anything else is 404 and changes nothing."""
    text = request.POST.get("membership", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    own = Membership.objects.filter(user=request.user.pk)
    membership = get_object_or_404(own.select_related("organisation"), pk=number)
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, f"You act for {membership.organisation} now.")
    return redirect("/")


@login_required
def me(request: UserRequest) -> HttpResponse:
    """My account: how I am called, my time zone, where I may act."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=request.user, actor=request.user, at=now(), **form.cleaned_data)
        messages.success(request, "Your account is saved.")
        return redirect("account_me")
    mine = Membership.objects.filter(user=request.user.pk).select_related("organisation")
    context = {"form": form, "mine": mine, "factor": has_second_factor(request.user), "title": "My account"}
    return render(request, "account/me.html", context)


@login_required
@reauthentication_required
def email(request: UserRequest) -> HttpResponse:
    """Ask for another e-mail; the same words whether the new address is free or taken."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_email_change(user=request.user, email=form.cleaned_data["email"], at=now())
        except actions.NotPossible as error:
            form.add_error("email", str(error))
        else:
            messages.info(request, f"We sent a link to {form.cleaned_data['email']}. Until you use it nothing changes.")
            return redirect("account_me")
    return render(request, "account/email.html", {"form": form, "title": "Change my e-mail"})


@login_required
@never_cache
def confirm_email(request: UserRequest, token: str) -> HttpResponse:
    """The link of the mail: a button, because some mail programs open links by themselves."""
    if request.method == "POST":
        try:
            new = actions.change_email(token=token, user=request.user, at=now())
        except actions.NotPossible as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"You sign in with {new} from now on.")
        return redirect("account_me")
    return render(request, "account/email_confirm.html", {"title": "Change my e-mail"})


@login_required
@never_cache
def sessions(request: UserRequest) -> HttpResponse:
    """Where I am signed in."""
    rows = [(row, device(row.user_agent)) for row in sessions_of(request.user) if not row.purge()]
    context = {"sessions": rows, "current": request.session.session_key, "title": "Where I am signed in"}
    return render(request, "account/sessions.html", context)


@require_POST
@login_required
def end_session(request: UserRequest, pk: int) -> HttpResponse:
    """End one of my other sessions; anyone else's, and the present one, is 404."""
    row = sessions_of(request.user).exclude(session_key=request.session.session_key or "").filter(pk=pk).first()
    if row is None:
        raise Http404
    actions.end_own_sessions(user=request.user, sessions=[row], at=now())
    messages.info(request, "That session is ended.")
    return redirect("account_sessions")


@require_POST
@login_required
def end_other_sessions(request: UserRequest) -> HttpResponse:
    """End all my sessions but this one."""
    rows = sessions_of(request.user).exclude(session_key=request.session.session_key or "")
    actions.end_own_sessions(user=request.user, sessions=list(rows), at=now())
    messages.info(request, "You are signed in here only.")
    return redirect("account_sessions")


class RecoveryCodes(ViewRecoveryCodesView):
    """My recovery codes; somebody without a second factor is led to setting one up."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The codes, shown to their owner (request.user) after the password was asked for again."""
        if not has_second_factor(request.user):  # type: ignore[arg-type]
            return redirect("mfa_index")
        return super().get(request, *args, **kwargs)


@login_required
@never_cache
def tokens(request: UserRequest) -> HttpResponse:
    """My API tokens; a new one's secret is shown in the answer to its creation and never again."""
    form = TokenForm(request.POST or None, user=request.user)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _, secret = actions.issue_token(**form.given(now()), actor=request.user, at=now())
        form = TokenForm(user=request.user)
    own = ApiToken.objects.filter(membership__user=request.user.pk)
    rows = own.select_related("membership__organisation").order_by("revoked_at", "-created_at")
    context = {"form": form, "secret": secret, "tokens": rows, "now": now(), "title": "My API tokens"}
    return render(request, "account/tokens.html", context)


@require_POST
@login_required
def revoke(request: UserRequest, pk: int) -> HttpResponse:
    """Revoke one of my tokens; anyone else's is 404."""
    own = ApiToken.objects.filter(membership__user=request.user.pk).select_related("membership")
    token = get_object_or_404(own, pk=pk)
    actions.revoke_token(token=token, actor=request.user, at=now())
    messages.info(request, f"{token} is revoked: requests with it are refused from now on.")
    return redirect("account_tokens")


@require_POST
@login_required
def add_view(request: UserRequest) -> HttpResponse:
    """Keep a list's filter under a name; the same name replaces the old filter."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        why = " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        messages.error(request, f"The view was not saved. {why}")
        return _back(request)
    view = actions.save_view(user=request.user, at=now(), **form.cleaned_data)
    undo = reverse("saved_view_delete", args=[view.pk])
    messages.success(request, f"View “{view.name}” is saved.", extra_tags=f"undo:{undo}")
    return redirect(f"{view.path}?{view.query}" if view.query else view.path)


@require_POST
@login_required
def delete_view(request: UserRequest, pk: int) -> HttpResponse:
    """Remove one of my saved views; anyone else's is 404."""
    own = SavedView.objects.visible_to(request.user).filter(user=request.user.pk)
    view = get_object_or_404(own, pk=pk)
    path = view.path
    actions.delete_view(view=view, actor=request.user, at=now())
    messages.info(request, f"View “{view.name}” is gone.")
    return redirect(path)

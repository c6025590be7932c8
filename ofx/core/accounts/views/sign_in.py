"""Sign in by password or by the organisation, and accept an invitation."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from ofx.core.accounts import actions
from ofx.core.accounts.forms import SignInForm
from ofx.core.accounts.middleware import SESSION_KEY
from ofx.core.accounts.models import Invitation, Membership, SingleSignOn, User
from ofx.core.accounts.oidc import Client
from ofx.core.accounts.people_forms import AcceptForm
from ofx.core.accounts.people_queries import invitation_of
from ofx.core.accounts.queries import doors_for
from ofx.core.clock import now

ENDED = {
    "accepted": ("This invitation was accepted already", "Sign in with the account that you made."),
    "revoked": ("This invitation was taken back", "Ask the administrator who invited you whether that was meant."),
    "expired": ("This invitation is too old", "It was good for a week. Ask the administrator to send it again."),
    "renewed": ("There is a newer invitation", "Use the link of the newest e-mail that you got from us."),
    "unknown": ("This link is not one of ours", "Open it again from the e-mail; perhaps a part of it was lost."),
}


class SignIn(LoginView):
    """allauth's sign-in with its rate limits, without the links to pages that we do not offer."""

    form_class = SignInForm


def organisation_sign_in(request: HttpRequest) -> HttpResponse:
    """Which organisation's sign-in an e-mail leads to. The answer depends on the domain only, never on an account."""
    email = request.GET.get("email", "").strip()[:254]
    problem, doors = "", []
    if email:
        try:
            validate_email(email)
            doors = doors_for(email)
        except ValidationError:
            problem = "Give your whole work e-mail, such as name@example.com."
    context = {"email": email, "doors": doors, "problem": problem, "next": request.GET.get("next", "")}
    return render(request, "account/sso.html", context)


def to_provider(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Off to the organisation's provider."""
    return _by_client(OAuth2LoginView, request, provider_id)


@never_cache
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from there: with our own client, whose checks allauth's view would leave out."""
    return _by_client(OAuth2CallbackView, request, provider_id)


def _by_client(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        answer: HttpResponseBase = view.adapter_view(Client(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with a new account, or as who one is signed in; every other case says what to do."""
    row, newest = invitation_of(token)
    state = "unknown" if row is None else row.state_at(now())
    if row is None or state != "waiting" or not newest:
        return _ended(request, "renewed" if state == "waiting" else state)
    signed_in = request.user.is_authenticated
    if signed_in and request.user.email.lower() == row.email.lower():  # type: ignore[union-attr]
        return _join_signed_in(request, row)
    door = _door(row)
    known = User.objects.filter(email__iexact=row.email, is_active=True).exists()
    context = {"invitation": row, "door": door, "known": known, "other": signed_in}
    if signed_in or known or (door and door.only):
        return render(request, "account/invitation.html", context)
    return _make_account(request, row, context)


def _ended(request: HttpRequest, why: str) -> HttpResponse:
    title, words = ENDED[why]
    return render(request, "account/invitation_ended.html", {"heading": title, "words": words}, status=410)


def _door(row: Invitation) -> SingleSignOn | None:
    return SingleSignOn.objects.filter(organisation_id=row.organisation_id, active=True).first()


def _join_signed_in(request: HttpRequest, row: Invitation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/invitation.html", {"invitation": row, "join": True})
    user: User = request.user  # type: ignore[assignment]
    try:
        membership = actions.accept(invitation=row, user=user, at=now())
    except actions.NotPossible:
        return _ended(request, "accepted")
    user.refresh_from_db()
    update_session_auth_hash(request, user)
    return _act_for(request, membership)


def _make_account(request: HttpRequest, row: Invitation, context: dict) -> HttpResponse:
    form = AcceptForm(request.POST or None, email=row.email)
    if request.method == "POST" and form.is_valid():
        try:
            membership = actions.accept(invitation=row, at=now(), **form.cleaned_data)
        except actions.NotPossible:
            return redirect(request.path)
        record_authentication(request, membership.user, method="password", email=row.email)
        response: HttpResponse = perform_login(request, membership.user)
        request.session[SESSION_KEY] = membership.pk
        return response
    return render(request, "account/invitation.html", {**context, "form": form})


def _act_for(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session[SESSION_KEY] = membership.pk
    return redirect("/")

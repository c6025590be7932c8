"""The audit of signing in: what allauth tells by its signals, as entries of the person's organisations."""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from ofx.core.accounts.middleware import SEEN_KEY, SIGN_ON_KEY
from ofx.core.accounts.models import User
from ofx.core.accounts.queries import has_second_factor
from ofx.core.audit.actions import record
from ofx.core.clock import now

CODES = "recovery_codes"  # how allauth calls them


def trace(user: User, verb: str, *, request: HttpRequest | None, actor: User | None, **data: Any) -> None:
    """One entry for every organisation that the person acts for, so that each sees it; one without where none."""
    ip = get_adapter(request).get_client_ip(request) if request else ""
    homes: list[int | None] = list(user.memberships.values_list("organisation_id", flat=True)) or [None]
    for organisation in homes:
        record(actor=actor, subject=f"user:{user.pk}", verb=verb, at=now(), organisation_id=organisation, ip=ip, **data)


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A session began."""
    login = kwargs.get("sociallogin")
    request.session[SEEN_KEY] = int(now().timestamp())
    if login is not None:
        request.session[SIGN_ON_KEY] = login.account.provider
    trace(user, "signed in", request=request, actor=user, way="organisation's sign-in" if login else "password")
    if login is None:
        _remind(request, user)


def _remind(request: HttpRequest, user: User) -> None:
    """Say in time that a second factor will be required."""
    home = user.acting.organisation if user.acting else None
    since = home.second_factor_from if home else None
    if since and since > now() and not has_second_factor(user):
        day = f"{since:%A} {since.day} {since:%B}"
        messages.warning(request, f"{home} requires a second factor from {day} on. Set it up on your account page.")


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """A session ended by its owner."""
    if user is not None and SEEN_KEY in request.session:
        trace(user, "signed out", request=request, actor=user)


@receiver(account.password_changed)
@receiver(account.password_set)
def password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The owner chose another password."""
    trace(user, "changed the password", request=request, actor=user)


@receiver(account.password_reset)
def password_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The link of a reset mail was used."""
    trace(user, "set a new password by e-mail", request=request, actor=user)


@receiver(mfa.authenticator_added)
def factor_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """A second factor is on."""
    verb = "got recovery codes" if authenticator.type == CODES else "set up a second factor"
    trace(user, verb, request=request, actor=user)


@receiver(mfa.authenticator_removed)
def factor_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """A second factor is off."""
    if authenticator.type != CODES:  # they go with it
        trace(user, "switched off the second factor", request=request, actor=user)


@receiver(mfa.authenticator_reset)
def codes_renewed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """New recovery codes replaced the old."""
    trace(user, "made new recovery codes", request=request, actor=user)


@receiver(mfa.authentication_failed)
def factor_refused(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The password was right, the code was not."""
    trace(user, "gave a wrong code", request=request, actor=None)

"""How an organisation's people sign in: its own provider, and the second factor that it requires."""

import secrets
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import F

from ofx.core.accounts.actions.invitations import announce, join
from ofx.core.accounts.actions.people import NotPossible, check_role, permit_over
from ofx.core.accounts.models import Invitation, Membership, Organisation, SingleSignOn, User
from ofx.core.audit.actions import record


class Refused(Exception):
    """The provider vouched for somebody whom it may not bring in here; the text says so to that person."""


def require_second_factor(
    *, organisation: Organisation, since: datetime | None, actor: User | None, at: datetime
) -> None:
    """Require a second factor of all the organisation's people from a moment on; None asks nobody."""
    permit_over(actor, organisation)
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(second_factor_from=since)
        record(
            actor=actor,
            subject=f"organisation:{organisation.pk}",
            verb="required a second factor" if since else "no longer requires a second factor",
            at=at,
            organisation_id=organisation.pk,
            since=since.isoformat() if since else None,
        )
    organisation.second_factor_from = since


def configure_sign_on(
    *, organisation: Organisation, fields: dict[str, Any], actor: User | None, at: datetime
) -> SingleSignOn:
    """Set the organisation's provider: name, issuer, client_id, client_secret (empty keeps it), domains,
    default_role, only, active. Another issuer or client forgets who was linked by the old one.
    """
    permit_over(actor, organisation)
    if fields["default_role"]:
        check_role(organisation, fields["default_role"])
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        row = SingleSignOn.objects.filter(organisation=organisation).first()
        row = row or SingleSignOn(organisation=organisation, key=secrets.token_hex(6))
        was_only = row.only
        if (row.issuer, row.client_id) != (fields["issuer"], fields["client_id"]):
            SocialAccount.objects.filter(provider=row.key).delete()
            row.proven_at = None
        if not fields["client_secret"]:
            fields = {**fields, "client_secret": row.client_secret}
        for name, value in fields.items():
            setattr(row, name, value)
        _check(row, actor)
        row.updated_at = at
        row.save()
        if row.only and row.active and not was_only:
            _end_password_sessions(organisation, actor)
        told = {name: value for name, value in fields.items() if name != "client_secret"}
        _log(organisation, actor, at, "set up the organisation's sign-in", **told)
    return row


def remove_sign_on(*, organisation: Organisation, actor: User | None, at: datetime) -> None:
    """Forget the provider and who was linked by it; passwords work again."""
    permit_over(actor, organisation)
    with transaction.atomic():
        row = SingleSignOn.objects.filter(organisation=organisation).first()
        if row:
            SocialAccount.objects.filter(provider=row.key).delete()
            row.delete()
            _log(organisation, actor, at, "removed the organisation's sign-in")


def welcome(*, login: Any, at: datetime) -> User:
    """Who comes in by a provider's word (allauth's SocialLogin, its token checked). Raises Refused.

    Only into the provider's own organisation; only with an e-mail of its domains; never a person who also acts for
    another organisation, whose own ways of signing in could be got round so; never back for a leaver uninvited.
    """
    door = SingleSignOn.objects.select_related("organisation").get(key=login.account.provider)
    email = _vouched_email(login, door)
    with transaction.atomic():
        user = login.user if login.is_existing else User.objects.filter(email__iexact=email).first()
        if user is None:
            user = _newcomer(door, email, login.user.name, at)
        else:
            _check_member(door, user, email, at)
        login.user = login.account.user = user
        login.account.extra_data = {"email": email}
        login.account.save()
        SingleSignOn.objects.filter(pk=door.pk).update(proven_at=at)
    return user


def _vouched_email(login: Any, door: SingleSignOn) -> str:
    data = {**login.account.extra_data.get("id_token", {}), **login.account.extra_data.get("userinfo", {})}
    email = str(data.get("email") or "").strip().lower()
    if "@" not in email:
        raise Refused(f"{door.name} did not say what your e-mail is. Ask whoever runs it to send the e-mail claim.")
    if data.get("email_verified") in (False, "false"):
        raise Refused(f"{door.name} has not confirmed your e-mail {email} yet.")
    if email.rpartition("@")[2] not in door.domains:
        raise Refused(f"{door.name} does not speak for addresses such as {email}.")
    return email


def _open_invitation(door: SingleSignOn, email: str, at: datetime) -> Invitation | None:
    rows = Invitation.objects.open().filter(organisation_id=door.organisation_id, email__iexact=email)
    return rows.filter(expires_at__gt=at).select_for_update().first()


def _newcomer(door: SingleSignOn, email: str, name: str, at: datetime) -> User:
    invitation = _open_invitation(door, email, at)
    if invitation is None and not door.default_role:
        raise Refused(f"{door.organisation} has no account for {email}. Ask its administrator to invite you.")
    user = User.objects.create_user(email, None, name=name)
    if invitation:
        join(invitation=invitation, user=user, at=at)
    else:
        membership = Membership.objects.create(user=user, organisation_id=door.organisation_id, role=door.default_role)
        announce(membership=membership, at=at, way="organisation's sign-in")
    return user


def _check_member(door: SingleSignOn, user: User, email: str, at: datetime) -> None:
    homes = set(user.memberships.values_list("organisation_id", flat=True))
    if homes - {door.organisation_id}:
        raise Refused("You act for another organisation, too. Sign in with your e-mail and password.")
    if user.is_service:
        raise Refused("This account belongs to a program.")
    if not homes:
        invitation = _open_invitation(door, email, at)
        if invitation is None:
            raise Refused(f"You do not act for {door.organisation} any more. Ask its administrator to invite you.")
        User.objects.filter(pk=user.pk).update(is_active=True)
        user.is_active = True
        join(invitation=invitation, user=user, at=at)
    elif not user.is_active:
        raise Refused("Your account is switched off. Ask your administrator.")


def _check(row: SingleSignOn, actor: User | None) -> None:
    """A domain is claimed by somebody who has an address in it; only-SSO needs one sign-in that worked."""
    admins = Membership.objects.filter(organisation_id=row.organisation_id, role="admin").select_related("user")
    known = {membership.user.email.rpartition("@")[2].lower() for membership in admins}
    by_exchange = actor is None or (actor.acting is not None and actor.acting.organisation.kind == "exchange")
    foreign = sorted(set(row.domains) - known)
    if foreign and not by_exchange:
        raise NotPossible(f"No administrator of yours has an address at {', '.join(foreign)}; the exchange can add it.")
    if row.only and row.proven_at is None:
        raise NotPossible("Sign in by this provider once before you close the door for passwords.")


def _end_password_sessions(organisation: Organisation, actor: User | None) -> None:
    people = User.objects.filter(memberships__organisation=organisation).exclude(pk=actor.pk if actor else 0)
    User.objects.filter(pk__in=people.values("pk")).update(session_epoch=F("session_epoch") + 1)


def _log(organisation: Organisation, actor: User | None, at: datetime, verb: str, **data: Any) -> None:
    subject = f"organisation:{organisation.pk}"
    record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=organisation.pk, **data)

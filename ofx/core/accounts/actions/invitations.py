"""Invite somebody by e-mail, and what becomes of it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from ofx.core.accounts.actions.people import NotPossible, check_role, close_sessions, permit_over
from ofx.core.accounts.models import Invitation, Membership, Organisation, User
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.mail.actions import post_template

SALT = "ofx.invitation"
VALID = timedelta(days=7)


def invite(
    *, organisation: Organisation, email: str, role: str, message: str, actor: User | None, at: datetime
) -> Invitation:
    """Ask somebody to act for an organisation. An open invitation of the same address is renewed, not doubled."""
    permit_over(actor, organisation)
    check_role(organisation, role)
    email = email.strip().lower()
    if Membership.objects.filter(organisation=organisation, user__email__iexact=email).exists():
        raise NotPossible(f"{email} acts for {organisation} already.")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        row = Invitation.objects.open().filter(organisation=organisation, email__iexact=email).first()
        row = row or Invitation(organisation=organisation, email=email, created_at=at, serial=0)
        row.role, row.message, row.invited_by = role, message, actor
        _send(row, at)
        _log(row, actor, at, "invited somebody")
        publish("member.invited", f"organisation:{organisation.pk}", at=at, organisation_id=organisation.pk, id=row.pk)
    return row


def resend(*, invitation: Invitation, actor: User | None, at: datetime) -> None:
    """Send a fresh link for another week; the older one stops working."""
    permit_over(actor, invitation.organisation)
    with transaction.atomic():
        row = _locked(invitation)
        _refuse_ended(row)
        _send(row, at)
        _log(row, actor, at, "sent an invitation again")


def revoke_invitation(*, invitation: Invitation, actor: User | None, at: datetime) -> None:
    """Take an invitation back; a second call changes nothing."""
    permit_over(actor, invitation.organisation)
    with transaction.atomic():
        row = _locked(invitation)
        if row.accepted_at:
            raise NotPossible("It was accepted already. Remove the person instead.")
        if row.revoked_at is None:
            row.revoked_at = at
            row.save(update_fields=["revoked_at"])
            _log(row, actor, at, "revoked an invitation")


def accept(
    *, invitation: Invitation, at: datetime, user: User | None = None, name: str = "", password: str | None = None
) -> Membership:
    """Join. `user` is who is signed in; without one the account is made (or brought back) with name and password.

    Raises NotPossible where the invitation was accepted, revoked or has expired meanwhile.
    """
    with transaction.atomic():
        row = _locked(invitation)
        if row.state_at(at) != "waiting":
            raise NotPossible("This invitation does not work any more.")
        if user is None:
            user = _account(row.email, name, password)
        else:
            close_sessions(user)
        return join(invitation=row, user=user, at=at)


def join(*, invitation: Invitation, user: User, at: datetime) -> Membership:
    """Make the membership of an invitation that was checked and locked by the caller."""
    membership, made = Membership.objects.get_or_create(
        user=user, organisation_id=invitation.organisation_id, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    if made:
        announce(membership=membership, at=at, way="invitation")
    return membership


def announce(*, membership: Membership, at: datetime, way: str) -> None:
    """Audit and event of a new member."""
    subject, organisation = f"user:{membership.user_id}", membership.organisation_id
    record(
        actor=membership.user,
        subject=subject,
        verb="joined",
        at=at,
        organisation_id=organisation,
        role=membership.role,
        way=way,
    )
    publish(
        "member.joined",
        subject,
        at=at,
        organisation_id=organisation,
        membership_id=membership.pk,
        role=membership.role,
    )


def _account(email: str, name: str, password: str | None) -> User:
    """A new account, or that of somebody who had left; an active one is never touched without its owner."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return User.objects.create_user(email, password, name=name)
    if user.is_active:
        raise NotPossible("There is an account with this e-mail. Sign in with it to accept.")
    user.name, user.is_active = name, True
    user.set_password(password)
    user.save()
    return user


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=invitation.pk)


def _refuse_ended(row: Invitation) -> None:
    if row.accepted_at or row.revoked_at:
        raise NotPossible("It was accepted or revoked already. Invite them again if that is what you want.")


def _send(row: Invitation, at: datetime) -> None:
    row.serial += 1
    row.expires_at = at + VALID
    row.save()
    token = signing.dumps([row.pk, row.serial], salt=SALT)
    url = settings.OFX_BASE_URL + reverse("invitation", args=[token])
    post_template(to=row.email, template="invitation", context={"invitation": row, "url": url}, at=at)


def _log(row: Invitation, actor: User | None, at: datetime, verb: str) -> None:
    record(
        actor=actor,
        subject=f"invitation:{row.pk}",
        verb=verb,
        at=at,
        organisation_id=row.organisation_id,
        email=row.email,
        role=row.role,
    )

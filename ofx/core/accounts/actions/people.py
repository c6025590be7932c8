"""Roles, leavers, sessions: what an administrator does about a person."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from ofx.core.accounts.models import ROLES, ApiToken, Invitation, Membership, Organisation, User
from ofx.core.accounts.queries import managed_organisations
from ofx.core.alerts.models import Watch
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.mail.actions import post_template
from ofx.core.scoping import permit


class NotPossible(Exception):
    """The act cannot be done as things stand; the text says why and what to do."""


def permit_over(actor: User | None, organisation: Organisation) -> None:
    """Raise PermissionDenied (403) unless the actor manages the organisation's people."""
    permit(actor, "member.write")
    if actor is not None and not managed_organisations(actor).filter(pk=organisation.pk).exists():
        raise PermissionDenied("The people of this organisation are managed by somebody else.")


def check_role(organisation: Organisation, role: str) -> None:
    """Raise NotPossible for a role that the organisation's kind does not know."""
    if role not in ROLES[organisation.kind]:
        raise NotPossible(f"An organisation of this kind has no role {role}. Choose one of the list.")


def change_role(*, membership: Membership, role: str, actor: User | None, at: datetime) -> None:
    """Give a member another role. The last administrator cannot be demoted."""
    permit_over(actor, membership.organisation)
    check_role(membership.organisation, role)
    with transaction.atomic():
        row = _locked(membership)
        if row.role == role:
            return
        _keep_an_administrator(row, role)
        was, row.role = row.role, role
        row.save(update_fields=["role"])
        _tell("member.role_changed", row, actor, at, "changed the role", was=was, role=role)
    membership.role = role


def remove_member(
    *, membership: Membership, actor: User | None, at: datetime, successor: Membership | None = None
) -> None:
    """A leaver: sessions end at once, tokens die, the membership goes; without any other the account is switched off.

    `member.removed` tells other packages; `successor`, a colleague, takes over what they own. The last
    administrator cannot be removed.
    """
    permit_over(actor, membership.organisation)
    if successor is not None and (
        successor.organisation_id != membership.organisation_id or successor.user_id == membership.user_id
    ):
        raise NotPossible("Hand over to a colleague of the same organisation.")
    with transaction.atomic():
        row = _locked(membership)
        _keep_an_administrator(row, "")
        tokens = ApiToken.objects.filter(membership=row, revoked_at=None).update(revoked_at=at)
        _tell(
            "member.removed",
            row,
            actor,
            at,
            "removed a member",
            role=row.role,
            tokens=tokens,
            successor_id=successor.user_id if successor else None,
        )
        _detach(row)


def leave(*, membership: Membership, at: datetime) -> None:
    """The system takes a membership away (erasure). The last administrator cannot leave: NotPossible."""
    remove_member(membership=membership, actor=None, at=at)


def _detach(row: Membership) -> None:
    user = row.user
    Watch.objects.filter(user_id=user.pk, organisation_id=row.organisation_id).delete()
    Invitation.objects.open().filter(organisation_id=row.organisation_id, email__iexact=user.email).delete()
    key = getattr(getattr(row.organisation, "sign_on", None), "key", "")
    SocialAccount.objects.filter(user_id=user.pk, provider=key).delete()
    row.delete()
    if not user.memberships.exists():
        User.objects.filter(pk=user.pk).update(is_active=False)
    close_sessions(user)


def close_sessions(user: User) -> None:
    """End every session of a person, in the caller's transaction."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    for session in UserSession.objects.filter(user_id=user.pk):
        session.end()


def end_sessions(*, membership: Membership, actor: User | None, at: datetime) -> None:
    """Sign a person out everywhere: a lost laptop, a doubt."""
    permit_over(actor, membership.organisation)
    with transaction.atomic():
        close_sessions(membership.user)
        _log(membership, actor, at, "ended all sessions")


def end_own_sessions(*, user: User, sessions: list[UserSession], at: datetime) -> None:
    """End some of one's own sessions."""
    with transaction.atomic():
        for session in sessions:
            session.end()
        if sessions:
            home = user.acting.organisation_id if user.acting else None
            subject = f"user:{user.pk}"
            record(actor=user, subject=subject, verb="ended sessions", at=at, organisation_id=home, count=len(sessions))


def reset_second_factor(*, membership: Membership, actor: User | None, at: datetime) -> None:
    """Take a lost second factor away, so that the person can set up a new one; they are told by e-mail.

    Refused for a person who acts for other organisations, too: their factor guards those as well.
    """
    permit_over(actor, membership.organisation)
    others = Membership.objects.filter(user_id=membership.user_id).exclude(organisation_id=membership.organisation_id)
    if actor is not None and others.exclude(organisation__in=managed_organisations(actor)).exists():
        raise NotPossible("They act for another organisation, too, so only the exchange can reset their factor.")
    with transaction.atomic():
        gone, _ = Authenticator.objects.filter(user_id=membership.user_id).delete()
        if gone:
            close_sessions(membership.user)
            _log(membership, actor, at, "reset the second factor")
            post_template(to=membership.user.email, template="factor_reset", context={"user": membership.user}, at=at)


def _locked(membership: Membership) -> Membership:
    """The row, read again behind the organisation's lock, so that two administrators cannot remove each other."""
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    row = Membership.objects.select_related("user", "organisation").filter(pk=membership.pk).first()
    if row is None:
        raise NotPossible("They have left already; nothing is to be done.")
    return row


def _keep_an_administrator(row: Membership, role: str) -> None:
    if row.role != "admin" or role == "admin" or row.user.is_service:
        return
    others = Membership.objects.filter(
        organisation_id=row.organisation_id, role="admin", user__is_active=True, user__is_service=False
    )
    if not others.exclude(pk=row.pk).exists():
        raise NotPossible(f"They are the last administrator of {row.organisation}. Make somebody else one first.")


def _log(row: Membership, actor: User | None, at: datetime, verb: str, **data: object) -> None:
    record(actor=actor, subject=f"user:{row.user_id}", verb=verb, at=at, organisation_id=row.organisation_id, **data)


def _tell(name: str, row: Membership, actor: User | None, at: datetime, verb: str, **data: object) -> None:
    """The audit entry and the event of a change to a membership."""
    _log(row, actor, at, verb, **data)
    publish(
        name,
        f"user:{row.user_id}",
        at=at,
        organisation_id=row.organisation_id,
        user_id=row.user_id,
        membership_id=row.pk,
        by=actor.pk if actor else None,
        **data,
    )

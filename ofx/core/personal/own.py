"""The kernel's own part of what is held on a person: account, sign-in, audit, mails."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.db.models import Q, QuerySet

from ofx.core.accounts.actions import NotPossible, leave
from ofx.core.accounts.actions.people import close_sessions
from ofx.core.accounts.models import ApiToken, Invitation, Membership, SavedView, User
from ofx.core.accounts.queries import sessions_of
from ofx.core.alerts.models import Alert, Watch
from ofx.core.audit.models import LogEntry
from ofx.core.mail.models import Mail
from ofx.core.personal.registry import Person, erases, exports

# What an audit entry says of a person beyond that it was they: gone when they are erased.
FORGET = """
UPDATE core_logentry SET data = data - 'name' - 'email' - 'ip'
WHERE data ?| array['name', 'email', 'ip'] AND (actor_id = %(user)s OR subject = %(subject)s)
"""


def _memberships(person: Person) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=person.user).select_related("organisation")
    return rows.filter(organisation_id=person.organisation_id) if person.organisation_id else rows


def _whole(person: Person) -> bool:
    """Whether the account itself is in question: asked everywhere, or it acts nowhere but in this organisation."""
    if person.user is None:
        return False
    if person.organisation_id is None:
        return True
    elsewhere = Membership.objects.filter(user=person.user).exclude(organisation_id=person.organisation_id)
    return not elsewhere.exists()


@exports("account")
def account(person: Person) -> Iterator[dict[str, Any]]:
    """Who they are here."""
    user = person.user
    if user:
        yield {
            "email": user.email,
            "name": user.name,
            "time_zone": user.time_zone,
            "created": user.created_at,
            "last_signed_in": user.last_login,
            "active": user.is_active,
        }


@exports("memberships")
def memberships(person: Person) -> Iterator[dict[str, Any]]:
    """For whom they act."""
    for row in _memberships(person):
        yield {"organisation": row.organisation.name, "role": row.get_role_display()}


@exports("sign-in")
def sign_in(person: Person) -> Iterator[dict[str, Any]]:
    """Sessions, second factors, links to an organisation's sign-in, tokens (never their secrets)."""
    if person.user is None:
        return
    tokens = ApiToken.objects.filter(membership__in=_memberships(person))
    for token in tokens:
        yield {"what": "API token", "name": str(token), "created": token.created_at, "last_seen": token.last_used_on}
    if not _whole(person):
        return
    for session in sessions_of(person.user):
        name = f"{session.ip} {session.user_agent}"
        yield {"what": "session", "name": name, "created": session.created_at, "last_seen": session.last_seen_at}
    for factor in Authenticator.objects.filter(user_id=person.user.pk):
        kind = factor.get_type_display()
        yield {"what": "second factor", "name": kind, "created": factor.created_at, "last_seen": factor.last_used_at}
    for link in SocialAccount.objects.filter(user_id=person.user.pk):
        yield {"what": "sign-in link", "name": link.uid, "created": link.date_joined, "last_seen": link.last_login}


@exports("saved-views")
def saved_views(person: Person) -> Iterator[dict[str, Any]]:
    """Filters they keep, and things they watch."""
    if person.user is None:
        return
    scope = {"organisation_id": person.organisation_id} if person.organisation_id else {}
    for view in SavedView.objects.filter(user=person.user, **scope):
        yield {"what": "saved view", "name": view.name, "where": view.path}
    for watch in Watch.objects.filter(user=person.user, **scope):
        yield {"what": "watch", "name": watch.subject, "where": ""}


@exports("invitations")
def invitations(person: Person) -> Iterator[dict[str, Any]]:
    """Invitations to them."""
    rows = Invitation.objects.filter(email__iexact=person.email).select_related("organisation")
    for row in rows.filter(organisation_id=person.organisation_id) if person.organisation_id else rows:
        yield {"organisation": row.organisation.name, "sent": row.created_at, "accepted": row.accepted_at}


@exports("audit")
def audit(person: Person) -> Iterator[dict[str, Any]]:
    """What they did, and what was done about them."""
    if person.user is None:
        return
    rows = LogEntry.objects.filter(Q(actor=person.user) | Q(subject=f"user:{person.user.pk}")).order_by("-at")
    for row in rows.filter(organisation_id=person.organisation_id) if person.organisation_id else rows:
        yield {"at": row.at, "who": row.actor_name, "did": row.verb, "about": row.subject, "details": row.data}


@erases("audit", position=80)
def forget_in_audit(person: Person, at: datetime) -> list[str]:
    """The audit keeps what happened, under the alias."""
    Invitation.objects.open().filter(email__iexact=person.email).delete()
    Mail.objects.filter(to__iexact=person.email).update(to=person.alias)
    if person.user is None or not _whole(person):
        return []
    Invitation.objects.filter(email__iexact=person.email).update(email=person.alias)
    LogEntry.objects.filter(actor=person.user).update(actor_name=_name(person.user))
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"user": person.user.pk, "subject": f"user:{person.user.pk}"})
        cursor.execute(
            "UPDATE core_logentry SET data = data - 'email' WHERE subject LIKE 'invitation:%%' AND data->>'email' = %s",
            [person.email],
        )
    return [f"The audit keeps what happened, under the name {_name(person.user)}."]


@erases("account", position=90)
def erase_account(person: Person, at: datetime) -> list[str]:
    """Take the memberships away, then make the account nobody's."""
    if person.user is None:
        return ["There is no account with this e-mail."]
    whole, kept = _whole(person), []
    for membership in list(_memberships(person)):
        try:
            leave(membership=membership, at=at)
        except NotPossible as error:
            kept.append(f"The account is kept: {error}")
    if kept:
        return kept
    if not whole:
        return ["The account acts for another organisation, too; only this membership was removed."]
    _make_nobodys(person.user, person.alias)
    return ["The account was made anonymous; its sign-in, tokens, views and sessions are gone."]


def _name(user: User) -> str:
    return f"Erased person {user.pk}"


def _make_nobodys(user: User, alias: str) -> None:
    held: tuple[type[Any], ...] = (Authenticator, SocialAccount, SavedView, Watch, Alert)
    for model in held:
        model.objects.filter(user_id=user.pk).delete()
    close_sessions(user)
    user.refresh_from_db()
    user.email, user.name, user.is_active, user.time_zone = alias, _name(user), False, "UTC"
    user.set_unusable_password()
    user.save()

"""Small reads about people."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet

from ofx.core.accounts.models import ROLES, Membership, Organisation, SingleSignOn, User


def display_name(user: User) -> str:
    """How a person is called on pages."""
    return user.name or user.email


def roles_of(organisation: Organisation) -> list[tuple[str, str]]:
    """(value, label) of the roles that an organisation gives."""
    return [(role, str(Membership.Role(role).label)) for role in ROLES[organisation.kind]]


def managed_organisations(user: Any) -> QuerySet[Organisation]:
    """Whose people the user manages: one's own, a provider's customers, for the exchange all. Empty where none."""
    acting = getattr(user, "acting", None)
    if acting is None or acting.role != "admin":
        return Organisation.objects.none()
    if acting.organisation.kind == "exchange":
        return Organisation.objects.all()
    return Organisation.objects.filter(Q(pk=acting.organisation_id) | Q(provider_id=acting.organisation_id))


def has_second_factor(user: User) -> bool:
    """Whether signing in asks them for a code."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def asks_second_factor(organisation: Organisation, at: datetime) -> bool:
    """Whether the organisation requires a second factor by now."""
    return organisation.second_factor_from is not None and organisation.second_factor_from <= at


def second_factor_required(user: User, at: datetime) -> bool:
    """Whether any organisation of the person requires one."""
    return user.memberships.filter(organisation__second_factor_from__lte=at).exists()


def with_sign_in(rows: QuerySet[Membership]) -> QuerySet[Any]:
    """Memberships with their person, organisation and `factor`: whether there is a second one."""
    totp = Authenticator.objects.filter(user_id=OuterRef("user_id"), type=Authenticator.Type.TOTP)
    return rows.select_related("user", "organisation").annotate(factor=Exists(totp))


def only_door(user: User) -> SingleSignOn | None:
    """The provider that a person must sign in by: where all organisations that they act for are that one."""
    homes = list(user.memberships.values_list("organisation_id", flat=True)[:2])
    if len(homes) != 1:
        return None
    return SingleSignOn.objects.filter(organisation_id=homes[0], only=True, active=True).first()


def is_door_of(key: str, organisation: Organisation) -> bool:
    """Whether a session's provider is the one of this very organisation."""
    return bool(key) and SingleSignOn.objects.filter(key=key, organisation=organisation, active=True).exists()


def doors_for(email: str) -> list[SingleSignOn]:
    """Providers that speak for the e-mail's domain."""
    domain = email.rpartition("@")[2].lower()
    rows = SingleSignOn.objects.filter(active=True, domains__contains=[domain], organisation__active=True)
    return list(rows.select_related("organisation").order_by("name")[:10]) if domain else []


def sessions_of(user: User) -> QuerySet[UserSession]:
    """A person's sessions, the last seen first."""
    return UserSession.objects.filter(user_id=user.pk).order_by("-last_seen_at")

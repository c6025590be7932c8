"""Reads of the people pages: invitations by their link, roles on offer, tokens of an organisation."""

from typing import Any

from django.core import signing
from django.db.models import QuerySet

from ofx.core.accounts.actions.invitations import SALT
from ofx.core.accounts.models import ROLES, VISITORS, ApiToken, Invitation, Membership, Organisation, User
from ofx.core.accounts.queries import managed_organisations


def roles_offered(own: Organisation, managed: QuerySet[Organisation]) -> list[tuple[str, str]]:
    """The roles of every kind among the managed organisations, one's own first."""
    kinds = [own.kind, *managed.exclude(kind=own.kind).order_by("kind").values_list("kind", flat=True).distinct()]
    names = dict.fromkeys(role for kind in kinds for role in ROLES[kind])
    return [(name, str(Membership.Role(name).label)) for name in names]


def invitation_of(token: str) -> tuple[Invitation | None, bool]:
    """The invitation of a link, and whether it is the newest link of it; None for a link that we never made."""
    try:
        pk, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, False
    row = Invitation.objects.select_related("organisation", "invited_by").filter(pk=pk).first()
    return row, row is not None and row.serial == serial


def tokens_managed(user: User) -> QuerySet[ApiToken]:
    """All tokens of the organisations whose people the user manages."""
    homes = managed_organisations(user)
    rows = ApiToken.objects.visible_to(user) | ApiToken.objects.filter(membership__organisation__in=homes)
    return rows.select_related("membership__user", "membership__organisation").distinct()


def programs_managed(user: Any) -> QuerySet[Membership]:
    """Programs for which the user may make tokens."""
    homes = managed_organisations(user)
    rows = Membership.objects.filter(user__is_service=True, organisation__in=homes)
    rows = rows.exclude(user__email__endswith=VISITORS)
    return rows.select_related("user", "organisation").order_by("user__name")

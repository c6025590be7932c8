"""Who wants what."""

from django.db.models import Q
from django.db.models.functions import Lower

from ofx.core.accounts.models import User
from ofx.core.notices.models import NoticeChoice
from ofx.core.notices.registry import KINDS


def _said(organisation_id: int, email: str, kind: str, channel: str) -> list[bool]:
    """What the person behind an address chose, before they had an account or with it: each read by an index."""
    rows = NoticeChoice.objects.filter(organisation_id=organisation_id, kind=kind, channel=channel)
    people = User.objects.alias(lower=Lower("email")).filter(lower=email.lower()).values("pk")
    both = rows.filter(user=None, email=email.lower()).union(rows.filter(user__in=people), all=True)
    return list(both.values_list("wanted", flat=True))


def wants(*, organisation_id: int, email: str, kind: str, channel: str = "email") -> bool:
    """Whether news of this kind go to this address by this channel. Raises KeyError for an unknown kind."""
    known = KINDS[kind]
    if channel in known.fixed:
        return True
    said = _said(organisation_id, email, kind, channel)
    return all(said) if said else known.default


def choices_of(*, organisation_id: int, user: User) -> dict[tuple[str, str], bool]:
    """(kind, channel) → whether the person wants it, for every kind that there is."""
    found = {(kind.code, channel): kind.default for kind in KINDS.values() for channel in kind.channels}
    rows = NoticeChoice.objects.filter(Q(user=user) | Q(email=user.email.lower()), organisation_id=organisation_id)
    for row in rows.order_by("wanted").reverse():  # a no, said anywhere, stands
        found[row.kind, row.channel] = row.wanted
    return {key: wanted or _fixed(*key) for key, wanted in found.items()}


def _fixed(kind: str, channel: str) -> bool:
    return kind in KINDS and channel in KINDS[kind].fixed


def managers_who_want(*, provider_id: int, customer_id: int, kind: str, channel: str) -> list[User]:
    """Administrators of a customer who asked for news of this kind, which nobody gets unasked."""
    asked = NoticeChoice.objects.filter(
        organisation_id=provider_id, kind=kind, channel=channel, wanted=True, user__isnull=False
    )
    people = User.objects.filter(is_active=True, memberships__organisation=customer_id, memberships__role="admin")
    return list(people.filter(pk__in=asked.values("user")).order_by("pk"))

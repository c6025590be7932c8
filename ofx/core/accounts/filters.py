"""Filters of the people lists."""

from datetime import timedelta

import django_filters
from django.db.models import Q, QuerySet

from ofx.core.accounts.models import ApiToken, Invitation, Membership
from ofx.core.clock import now

YES_NO = [("yes", "set up"), ("no", "not set up")]


class PersonFilter(django_filters.FilterSet):
    """By role, whose people, second factor."""

    role = django_filters.ChoiceFilter(choices=Membership.Role.choices, label="Role", empty_label="Any role")
    whose = django_filters.ChoiceFilter(
        method="by_whose", label="Whose", empty_label="Anybody's", choices=[("own", "ours"), ("others", "of others")]
    )
    factor = django_filters.ChoiceFilter(
        method="by_factor", label="Second factor", empty_label="Second factor or not", choices=YES_NO
    )

    class Meta:
        model = Membership
        fields: list[str] = []

    def by_whose(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """One's own organisation, or the others that one manages."""
        own = Q(organisation_id=self.request.user.acting.organisation_id)
        return rows.filter(own if value == "own" else ~own)

    def by_factor(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """With or without a second factor."""
        return rows.filter(factor=value == "yes")


class InvitationFilter(django_filters.FilterSet):
    """By what became of it."""

    state = django_filters.ChoiceFilter(
        method="by_state",
        label="State",
        empty_label="Any state",
        choices=[(key, look[0]) for key, look in Invitation.STATE_LOOK.items()],
    )

    class Meta:
        model = Invitation
        fields: list[str] = []

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """As `state_at` says it."""
        at = now()
        ended = {"accepted": Q(accepted_at__isnull=False), "revoked": Q(accepted_at=None, revoked_at__isnull=False)}
        still = Q(accepted_at=None, revoked_at=None)
        found = {**ended, "waiting": still & Q(expires_at__gt=at), "expired": still & Q(expires_at__lte=at)}
        return rows.filter(found[value])


class TokenFilter(django_filters.FilterSet):
    """By whether it works, and whose it is."""

    state = django_filters.ChoiceFilter(
        method="by_state",
        label="State",
        empty_label="Any state",
        choices=[("valid", "valid"), ("expired", "expired"), ("revoked", "revoked"), ("unused", "unused for 90 days")],
    )

    class Meta:
        model = ApiToken
        fields: list[str] = []

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Valid, expired, revoked; or valid and not used for 90 days."""
        at = now()
        valid = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))
        since = at - timedelta(days=90)
        idle = Q(last_used_on__lt=since.date()) | Q(last_used_on=None, created_at__lt=since)
        found = {
            "valid": valid,
            "unused": valid & idle,
            "revoked": Q(revoked_at__isnull=False),
            "expired": Q(revoked_at=None, expires_at__lte=at),
        }
        return rows.filter(found[value])

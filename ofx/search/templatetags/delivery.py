"""The record of delivery, for pages below search (ARCHITECTURE 3: up, on a page, by a template tag)."""

from typing import Any

from django import template
from django.db.models import F, Q, QuerySet

from ofx.search.models import Promise

register = template.Library()


@register.simple_tag
def delivery_record(user: Any, operator: Any) -> QuerySet[Promise]:
    """What was measured of an operator, coarsest first: own history, or pooled where there is none of one's own."""
    acting = getattr(user, "acting", None)
    if acting is None:
        return Promise.objects.none()
    rows = Promise.objects.filter(operator=operator, area="").select_related("organisation")
    own = rows.filter(organisation=acting.organisation_id)
    pooled = rows.filter(Q(organisation=None))
    found = own if acting.organisation.kind == "service_provider" and own.exists() else pooled
    return found.order_by(F("technology"), "-sample")

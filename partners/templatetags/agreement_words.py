"""Words of agreements for templates."""

from collections.abc import Iterable

from django import template

from partners.agreements.regions import in_words

register = template.Library()


@register.filter
def regions(codes: Iterable[str]) -> str:
    """Regions for people: `SW (London SW), SW1A`."""
    return in_words(codes)

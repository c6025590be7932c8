"""Words of agreements for templates."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from partners.agreements.queries import waiting_for
from partners.agreements.regions import in_words

register = template.Library()


@register.filter
def regions(codes: Iterable[str]) -> str:
    """Regions for people: `SW (London SW), SW1A`."""
    return in_words(codes)


@register.simple_tag
def agreements_waiting(user: Any) -> SafeString | str:
    """A line with the way to the agreements that need the reader's answer; nothing where none does."""
    count = len(waiting_for(user).values_list("pk")[:100])
    if not count:
        return ""
    words = "An agreement needs" if count == 1 else f"{count} agreements need"
    return format_html('<p class="note note-amber"><a href="/agreements/">{} your answer</a></p>', words)

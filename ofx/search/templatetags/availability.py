"""How true an operator's availability proved, for pages below search (up, on a page, by a template tag)."""

from typing import Any

from django import template

from ofx.core.clock import now
from ofx.search.live.queries import Truth, truth

register = template.Library()


@register.simple_tag
def availability_truth(user: Any, operator: Any) -> Truth | None:
    """Own cases, else pooled ones; None where nobody's order has put it to the proof."""
    acting = getattr(user, "acting", None)
    if acting is None:
        return None
    return truth(acting.organisation, now(), [operator.pk]).get(operator.pk)

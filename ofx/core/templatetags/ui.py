"""Template tags and filters of the UI kit; built in, so no `{% load %}` is needed. docs/ui.md shows each."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ofx.core.ui import charts, display, forms
from ofx.core.ui.timeline import Entry, kinds_of

register = template.Library()
register.filter(display.age)
register.filter(display.day)
register.filter(display.due)
register.filter(display.money)
register.filter(display.compact)
register.filter("absolute", display.absolute)
register.filter("span", display.span)
register.simple_tag(display.icon, name="icon")
register.simple_tag(display.state_chip, name="state_chip")
register.simple_tag(display.state_of, name="state")
register.simple_tag(display.owner_chip, name="owner_chip")
register.simple_tag(display.mark, name="mark")


@register.simple_tag
def progress(done: float, total: float, label: str = "") -> SafeString:
    """A bar with its words beside it: `3 of 10 rows`."""
    words = f"{done} of {total} {label}".strip()
    return format_html(
        '<span class="progress-line"><progress value="{}" max="{}" aria-label="{}"></progress><span>{}</span></span>',
        done,
        total or 1,
        words,
        words,
    )


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", action_url: str = "", action_label: str = "", icon: str = "info-circle"
) -> dict[str, Any]:
    """What this is, why it is empty, and the next step with a button."""
    return {"title": title, "text": text, "action_url": action_url, "action_label": action_label, "icon_name": icon}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Entry], first: int = 30) -> dict[str, Any]:
    """THE timeline: filter chips by kind, the first entries, and a button for the rest."""
    rows = list(entries)
    return {"entries": rows, "kinds": kinds_of(rows), "first": first, "more": max(0, len(rows) - first)}


@register.inclusion_tag("components/toasts.html")
def toasts(messages: Iterable[Any]) -> dict[str, Any]:
    """Messages of the request as toasts; `extra_tags="undo:<url>"` gives one an undo button that posts there."""
    return {"toasts": [_toast(message) for message in messages]}


def _toast(message: Any) -> dict[str, str]:
    tags = (message.extra_tags or "").split()
    undo = next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:/")), "")
    return {"text": message.message, "level": message.level_tag, "undo": undo}


@register.simple_tag
def form_field(field: BoundField, **options: Any) -> SafeString:
    """A labelled field with help and error, described to screen readers. Options: label, help, classes."""
    return forms.field_html(field, **options)


@register.simple_tag
def form_control(field: BoundField) -> SafeString:
    """The bare control of a field in a row of a table; the column's heading is its label."""
    return forms.widget_html(field, **{"aria-label": str(field.label) or field.name})


@register.simple_tag
def filter_field(field: BoundField) -> SafeString:
    """A field of a list's filter: small, and a menu of boxes where several values may be chosen."""
    return forms.filter_html(field)


@register.simple_tag
def render_form(form: BaseForm) -> SafeString:
    """The error summary and every field of a form; write `<form>`, the CSRF token and the buttons around it."""
    return forms.form_html(form)


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString | str:
    """The error summary of a form whose fields are laid out by hand: it names each field and links to it."""
    return forms.errors_html(form)


@register.inclusion_tag("components/chart.html")
def chart(identity: str, title: str, data: dict[str, Any]) -> dict[str, Any]:
    """A line or bar chart with its table beside it; `data` as docs/ui.md says."""
    return charts.context(identity, title, data)


@register.inclusion_tag("components/stat.html")
def stat(value: Any, label: str, note: str = "", url: str = "", tone: str = "") -> dict[str, Any]:
    """A number that can be trusted: its unit and period in the label, sample and freshness in the note."""
    shown = f"{value:,}" if isinstance(value, int) else value
    return {"value": shown, "label": label, "note": note, "url": url, "tone": tone}

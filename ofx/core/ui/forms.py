"""Forms with Bootstrap's classes; help and errors tied to their field (aria-describedby by Django)."""

from typing import Any

from django import forms
from django.forms import BaseForm, BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ofx.core.ui.display import icon

ANY = "any"
UNCHOSEN = {"", "unknown", "None"}
CHECKS = (forms.CheckboxInput,)
GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
SELECTS = (forms.Select, forms.SelectMultiple)


def css_class(field: BoundField) -> str:
    """Bootstrap's class for the widget of a field."""
    widget = field.field.widget
    if isinstance(widget, GROUPS):  # Django gives the class to the list around the boxes, too
        base = ""
    elif isinstance(widget, CHECKS):
        base = "form-check-input"
    else:
        base = "form-select" if isinstance(widget, SELECTS) else "form-control"
    own = widget.attrs.get("class", "")
    return " ".join(part for part in (base, own, "is-invalid" if field.errors else "") if part)


def widget_html(field: BoundField, **attrs: Any) -> SafeString:
    """The bare control with its class."""
    return field.as_widget(attrs={"class": css_class(field), **attrs})


def _help(field: BoundField, text: str) -> SafeString | str:
    if not text:
        return ""
    return format_html('<div class="form-hint" id="{}_helptext">{}</div>', field.auto_id, text)


def _errors(field: BoundField) -> list[str]:
    """The field's errors; an empty required one says what to do instead of "required"."""
    chooses = isinstance(field.field.widget, (*SELECTS, *GROUPS))
    what = str(field.label or field.name).rstrip("?")
    fix = f"{'Choose' if chooses else 'Fill in'} “{what}”."
    if isinstance(field.field.widget, CHECKS):
        fix = "Tick the box to go on."
    found = zip(field.errors.as_data(), field.errors, strict=True)
    return [fix if error.code == "required" else str(text) for error, text in found]


def _error(field: BoundField) -> SafeString | str:
    if not field.errors:
        return ""
    lines = format_html_join(" ", "{}", ((error,) for error in _errors(field)))
    return format_html('<div class="form-error" id="{}_error">{}</div>', field.auto_id, lines)


def field_html(field: BoundField, label: str = "", help: str = "", classes: str = "") -> SafeString:
    """Label, control, help and error of one field, in a `.form-row`."""
    if field.is_hidden:
        return field.as_widget()
    text = label or str(field.label)
    shape = _check if isinstance(field.field.widget, CHECKS) else _group if field.use_fieldset else _stacked
    inner = shape(field, text)
    return format_html(
        '<div class="form-row {}">{}{}{}</div>',
        classes,
        inner,
        _error(field),
        _help(field, help or str(field.help_text)),
    )


def _optional(field: BoundField) -> SafeString | str:
    return "" if field.field.required else format_html(' <span class="form-optional">{}</span>', "optional")


def _stacked(field: BoundField, label: str) -> SafeString:
    return format_html(
        '<label class="form-label" for="{}">{}{}</label>{}',
        field.id_for_label,
        label,
        _optional(field),
        widget_html(field),
    )


def _check(field: BoundField, label: str) -> SafeString:
    return format_html(
        '<label class="form-check">{}<span class="form-check-label">{}</span></label>', widget_html(field), label
    )


def _group(field: BoundField, label: str) -> SafeString:
    return format_html(
        '<fieldset class="form-group"><legend class="form-label">{}{}</legend>{}</fieldset>',
        label,
        _optional(field),
        widget_html(field),
    )


def filter_html(field: BoundField) -> SafeString:
    """A filter's field: an empty choice reads "any"; several choices open as a menu of boxes."""
    widget = field.field.widget
    if isinstance(widget, (forms.SelectMultiple, forms.CheckboxSelectMultiple)):
        return _menu(field)
    if isinstance(widget, SELECTS):
        widget.choices = [("", ANY) if str(value) in UNCHOSEN else (value, label) for value, label in widget.choices]
    return field_html(field)


def _menu(field: BoundField) -> SafeString:
    chosen = {str(value) for value in field.value() or ()}
    field_of_choices: Any = field.field
    pairs = [(str(value), str(label)) for value, label in field_of_choices.choices]
    boxes = format_html_join(
        "",
        '<label class="menu-check"><input type="checkbox" class="form-check-input" name="{}" value="{}"{}> {}</label>',
        ((field.html_name, value, " checked" if value in chosen else "", label) for value, label in pairs),
    )
    words = ", ".join(label for value, label in pairs if value in chosen) or ANY
    return format_html(
        '<div class="form-row"><span class="form-label" aria-hidden="true">{1}</span><div class="dropdown multi">'
        '<button type="button" id="{0}_menu" data-bs-toggle="dropdown" data-bs-auto-close="outside" '
        'aria-expanded="false">'
        '<span class="visually-hidden">{1}: </span><span class="multi-words">{2}</span>{3}</button>'
        '<div class="dropdown-menu multi-menu">{4}</div></div></div>',
        field.auto_id,
        field.label,
        words,
        icon("chevron-down", 14),
        boxes,
    )


def errors_html(form: BaseForm) -> SafeString | str:
    """The summary on top of a form that was refused: each field by name, linked, with its fix."""
    if not form.errors:
        return ""
    general = ((error,) for error in form.non_field_errors())
    named = ((field.id_for_label, field.label, error) for field in form.visible_fields() for error in _errors(field))
    hidden = ((field.name, error) for field in form.hidden_fields() for error in field.errors)
    return format_html(
        '<div class="form-summary" role="alert" tabindex="-1"><strong>{}</strong><ul>{}{}{}</ul></div>',
        "Nothing was saved yet." if form.is_bound else "",
        format_html_join("", "<li>{}</li>", general),
        format_html_join("", '<li><a href="#{}">{}</a>: {}</li>', named),
        format_html_join("", "<li>{}: {}</li>", hidden),
    )


def form_html(form: BaseForm) -> SafeString:
    """The summary, the hidden fields and every visible field."""
    hidden = format_html_join("", "{}", ((field.as_widget(),) for field in form.hidden_fields()))
    visible = format_html_join("", "{}", ((field_html(field),) for field in form.visible_fields()))
    return format_html("{}{}{}", errors_html(form), hidden, visible)

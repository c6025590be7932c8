"""What customers write, and what staff answer to complaints."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketing.models import Ticket


def lines(label: Any, rows: int = 3, most: int = 4000, **more: Any) -> forms.CharField:
    """Some lines of text."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class WriteForm(forms.Form):
    """A note or an answer, perhaps with a photo."""

    text = lines(gettext_lazy("Your message"), required=False)
    file = forms.FileField(
        label=gettext_lazy("Photo or file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf,.txt"}),
    )

    def clean_file(self) -> Any:
        """Not larger than we take."""
        file = self.cleaned_data.get("file")
        if file and file.size > settings.ATTACHMENT_MAX_BYTES:
            most = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
            raise ValidationError(_("The file is larger than %s MB. Send a smaller one.") % most)
        return file

    def clean(self) -> dict[str, Any]:
        """A text, or at least a file."""
        data = super().clean() or {}
        if not data.get("text") and not data.get("file") and not self.errors:
            self.add_error("text", _("Write something, or add a photo."))
        return data


class StillForm(forms.Form):
    """Why it does not work after all."""

    why = lines(gettext_lazy("What still does not work?"), 3, 300)


class ComplaintForm(forms.Form):
    """A complaint, perhaps about a fault."""

    ticket = forms.ModelChoiceField(
        Ticket.objects.none(),
        label=gettext_lazy("Which fault is it about?"),
        required=False,
        empty_label=gettext_lazy("None of these"),
        to_field_name="reference",
    )
    text = lines(gettext_lazy("What went wrong?"), 5, 8000)
    wish = lines(gettext_lazy("What would put it right?"), 2, 2000, required=False)

    def __init__(self, *args: Any, tickets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["ticket"]
        field.queryset = tickets
        field.label_from_instance = lambda row: f"{row.title} ({row.reference})"


class FurtherForm(forms.Form):
    """Why the answer does not satisfy."""

    why = lines(gettext_lazy("Why does our answer not put it right?"), 3, 2000)


class AnswerComplaintForm(forms.Form):
    """Our answer."""

    answer = lines("Answer to the customer", 6, 8000)

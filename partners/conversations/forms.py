"""Forms of this slice."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email

from partners.connectors.registry import APIS
from partners.conversations.models import Endpoint
from partners.mapping.entities import SPOKEN, word


class UploadForm(forms.Form):
    """A file of updates from a partner."""

    file = forms.FileField(label="File of updates (CSV)", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_file(self) -> UploadedFile:
        """Not larger than what the inbound door takes."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.INBOUND_MAX_BYTES:
            most = settings.INBOUND_MAX_BYTES // 1024
            raise ValidationError(f"The file is larger than {most:,} kB. Send it in parts.")
        return file


# Other Open APIs of the same system, asked with the same credentials: key of Endpoint.services → label.
SERVICES = {
    "tmf679": "Live qualification, TMF679 (base address)",
    "tmf645": "Live qualification, TMF645 (base address)",
    "tmf646": "Appointments, TMF646 (base address)",
    "tmf653": "Line tests, TMF653 (base address)",
}
MAIL_FROM = "mail_from"  # the key of Endpoint.services with further senders
SENDERS = "Others there who may write to us"
SENDERS_HELP = "Addresses with commas between them, such as the one that announces planned works."


def whole_address(text: str) -> str:
    """An http(s) address with a host, without a slash at its end. Raises ValidationError."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValidationError(
            "Give a whole address such as https://api.example.com/tmf-api/productOrderingManagement/v4."
        )
    return text.strip().rstrip("/")


class EndpointForm(forms.ModelForm):
    """How an endpoint is reached. Secrets are never shown; an empty field keeps the one that is there."""

    token = forms.CharField(
        required=False,
        label="Token that we send",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave empty to keep the present one.",
    )
    inbound_secret = forms.CharField(
        required=False,
        label="Secret that their messages are signed with",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="whsec_… for Standard Webhooks, else a bearer token. Leave empty to keep the present one.",
    )

    class Meta:
        model = Endpoint
        fields = [
            "name",
            "base_url",
            "address",
            "token",
            "inbound_secret",
            "timeout_seconds",
            "rate_per_minute",
            "poll_seconds",
            "finds_by_key",
        ]
        labels = {
            "base_url": "Base address of their API",
            "address": "E-mail address that we write to",
            "timeout_seconds": "Time-out, seconds",
            "rate_per_minute": "At most so many calls a minute",
            "poll_seconds": "Seconds between two polls (0: never)",
            "finds_by_key": "Cases can be found there by our key",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop = ("address",) if self.instance.kind in APIS else ("base_url", "token", "inbound_secret", "finds_by_key")
        for name in drop:
            del self.fields[name]
        for name, label in SERVICES.items() if self.instance.kind in APIS and self.instance.operator_id else ():
            known = self.instance.services.get(name, "")
            self.fields[name] = forms.CharField(required=False, max_length=300, label=label, initial=known)
        if self.instance.kind == "email":
            told = {"label": SENDERS, "help_text": SENDERS_HELP, "initial": self.instance.services.get(MAIL_FROM, "")}
            self.fields[MAIL_FROM] = forms.CharField(required=False, **told)
        self._spoken()
        bounds = {"timeout_seconds": (1, 60), "rate_per_minute": (1, 60_000), "poll_seconds": (0, 86_400)}
        for name, (low, high) in bounds.items():
            self.fields[name] = forms.IntegerField(
                min_value=low, max_value=high, label=self.fields[name].label, initial=self.initial.get(name)
            )

    def _spoken(self) -> None:
        """What is told there, where this kind of system speaks of more than one thing."""
        choices = [(entity, f"{word(entity).capitalize()}s") for entity in SPOKEN.get(self.instance.kind, ())]
        if len(choices) > 1:
            known = self.instance.entities or [entity for entity, _ in choices]
            boxes = forms.CheckboxSelectMultiple
            self.fields["entities"] = forms.MultipleChoiceField(
                choices=choices, label="Told here", initial=known, widget=boxes
            )

    def clean_mail_from(self) -> str:
        """Addresses, separated by commas."""
        given = [one.strip() for one in self.cleaned_data[MAIL_FROM].split(",") if one.strip()]
        for one in given:
            validate_email(one)
        return ", ".join(given)

    def clean_base_url(self) -> str:
        """An http(s) address with a host."""
        return whole_address(self.cleaned_data["base_url"])

    def clean(self) -> dict[str, Any]:
        """The other services in one value, those that have no field here as they were."""
        data: dict[str, Any] = super().clean() or {}
        given = {name: data.pop(name, "") for name in SERVICES if name in self.fields}
        for name, text in given.items():
            try:
                given[name] = whole_address(text) if text else ""
            except ValidationError as error:
                self.add_error(name, error)
        if MAIL_FROM in self.fields:
            given[MAIL_FROM] = data.pop(MAIL_FROM, "")
        kept = {name: url for name, url in self.instance.services.items() if name not in given}
        if given:
            data["services"] = {**kept, **{name: url for name, url in given.items() if url}}
        return data

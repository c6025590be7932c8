"""Forms of this slice."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from partners.conversations.models import Endpoint


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
            "address": "E-mail address for orders",
            "timeout_seconds": "Time-out, seconds",
            "rate_per_minute": "At most so many calls a minute",
            "poll_seconds": "Seconds between two polls (0: never)",
            "finds_by_key": "Orders can be found there by our key",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop = (
            ("address",) if self.instance.kind == "tmf622" else ("base_url", "token", "inbound_secret", "finds_by_key")
        )
        for name in drop:
            del self.fields[name]
        bounds = {"timeout_seconds": (1, 60), "rate_per_minute": (1, 60_000), "poll_seconds": (0, 86_400)}
        for name, (low, high) in bounds.items():
            self.fields[name] = forms.IntegerField(
                min_value=low, max_value=high, label=self.fields[name].label, initial=self.initial.get(name)
            )

    def clean_base_url(self) -> str:
        """An http(s) address with a host."""
        text: str = self.cleaned_data["base_url"].strip()
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValidationError(
                "Give a whole address such as https://api.example.com/tmf-api/productOrderingManagement/v4."
            )
        return text.rstrip("/")

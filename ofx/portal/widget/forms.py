"""On which pages the widget may stand."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

MOST = 20
HOST = re.compile(r"(?!-)[a-z0-9.-]{1,253}(?<!-)|\[[0-9a-f:]+\]")
NEAR = ("localhost", "127.0.0.1", "[::1]")  # a developer's own machine may go without TLS


class OriginsForm(forms.Form):
    """One origin a line."""

    origins = forms.CharField(
        label="Pages that may embed it",
        required=False,
        max_length=4000,
        help_text="One address a line, such as https://help.example.com: scheme and host, no path.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
    )

    def clean_origins(self) -> list[str]:
        """Each as browsers send it, once, in the order given."""
        lines = [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        if len(lines) > MOST:
            raise ValidationError(f"These are {len(lines)} addresses; at most {MOST} can be listed.")
        return list(dict.fromkeys(origin(line) for line in lines))


def origin(text: str) -> str:
    """`https://host[:port]` in lower case. Raises ValidationError that names the line and the fix."""
    said = text[:100]
    try:
        parts: Any = urlsplit(text.rstrip("/").lower())
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ValidationError(f"{said} is no address. Write it as https://help.example.com.") from None
    host = f"[{host}]" if ":" in host else host
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("https", "http") or not HOST.fullmatch(host) or not plain:
        raise ValidationError(f"{said}: write scheme and host only, such as https://help.example.com.")
    if parts.scheme == "http" and host not in NEAR:
        raise ValidationError(f"{said}: only https is taken; with http anybody on the way could read the token.")
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")

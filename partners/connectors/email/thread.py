"""Our key inside mail headers, so that any reply in the thread names its order."""

import re
from urllib.parse import quote, unquote

DOMAIN = "orders.ofx.example"
_MARK = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{2,79})\]")
_PATTERN = re.compile(rf"<([^<>@\s]+)@{re.escape(DOMAIN)}>")


def message_id(message_key: str) -> str:
    """The Message-ID of one message, the same at every try."""
    return f"<{quote(message_key, safe='-_')}.m@{DOMAIN}>"


def thread_id(our_key: str) -> str:
    """The reference that all mails about one order share."""
    return f"<{quote(our_key, safe='-_')}@{DOMAIN}>"


def marked(our_key: str) -> str:
    """Our key as it stands in a subject, which survives mail programs that drop the thread."""
    return f"[{our_key}]"


def key_in_subject(subject: str) -> str:
    """Our key from a subject; empty where there is none."""
    found = _MARK.search(subject)
    return found[1] if found else ""


def key_of(headers: str) -> str:
    """Our key from In-Reply-To and References; empty where neither is ours."""
    for token in _PATTERN.findall(headers):
        parts = token.split(".")
        if parts[-1] == "m" and len(parts) >= 3:
            return unquote(".".join(parts[:-2]))
        if parts[-1] != "m":
            return unquote(token)
    return ""

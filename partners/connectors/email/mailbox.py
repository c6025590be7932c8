"""The Maildir of an endpoint: every mail is stored once, whatever dies meanwhile, then moved from new to cur."""

import hashlib
from collections.abc import Callable, Iterator
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings

from partners.connectors.base import EndpointLike, Page, Polled

BATCH = 50
KEPT_HEADERS = ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "x-ofx-simulated")


def folder(endpoint: EndpointLike) -> Path:
    """Its own folder where there is one, else that of its dialect."""
    own = Path(settings.MAILBOX_DIR) / f"endpoint-{endpoint.pk}"
    return own if own.is_dir() else Path(settings.MAILBOX_DIR) / (endpoint.dialect or f"endpoint-{endpoint.pk}")


def senders(endpoint: EndpointLike) -> list[str]:
    """Who may write to us here: the address that we write to, and those that announce works (`services.mail_from`)."""
    also = str(endpoint.services.get("mail_from") or "")
    return [one.strip().lower() for one in (endpoint.address, *also.split(",")) if one.strip()]


def pages(endpoint: EndpointLike) -> Iterator[Page]:
    """The mails in `new`, oldest first, in batches; they move to `cur` once they are stored."""
    box = folder(endpoint)
    if not (box / "new").is_dir():
        return
    files = sorted(path for path in (box / "new").iterdir() if path.is_file())
    for start in range(0, len(files), BATCH):
        batch = [path for path in files[start : start + BATCH] if path.exists()]
        yield Page([_polled(endpoint, path) for path in batch], after_commit=_moving(box, batch))


def _moving(box: Path, batch: list[Path]) -> Callable[[], None]:
    def move() -> None:
        (box / "cur").mkdir(exist_ok=True)
        for path in batch:
            path.rename(box / "cur" / f"{path.name.partition(':')[0]}:2,S")

    return move


def _polled(endpoint: EndpointLike, path: Path) -> Polled:
    """The same file read again after a crash has the same `same_if`; a mail sent twice has not."""
    limit = settings.INBOUND_MAX_BYTES
    with path.open("rb") as file:
        raw = file.read(limit + 1)
    head = BytesHeaderParser().parsebytes(raw[:65536])
    headers = {"kind": "mail", "file": path.name}
    headers |= {name: str(head[name])[:500].replace("\x00", "") for name in KEPT_HEADERS if head[name]}
    headers = {name: value.encode("utf-8", "replace").decode() for name, value in headers.items()}
    digest = hashlib.sha256(raw).hexdigest()
    key = f"mail:{hashlib.sha256(headers.get('message-id', '').encode()).hexdigest()[:24]}:{digest[:40]}"
    refused = ""
    if len(raw) > limit:
        refused = f"the mail is larger than {limit:,} bytes"
    elif parseaddr(headers.get("from", ""))[1].lower() not in senders(endpoint):
        refused = f"the sender is not {' or '.join(senders(endpoint))}"
    return Polled(key, raw[:limit], "mail", headers, refused, same_if=path.name)

"""The Maildir into which mails to our desks arrive: each is taken once, whatever dies meanwhile."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from ticketing.tickets.actions.desk_mail import take_mail

BATCH = 100


def folder() -> Path:
    """Where the mail server, or the sandbox's, puts mails to DESK_MAIL_DOMAIN."""
    return Path(settings.MAILBOX_DIR) / "faults"


def take_due(*, at: datetime) -> int:
    """Take what lies in `new`, the oldest first; each moves to `cur` once it is stored. Returns how many."""
    box = folder()
    if not (box / "new").is_dir():
        return 0
    files = sorted(path for path in (box / "new").iterdir() if path.is_file())[:BATCH]
    for path in files:
        with path.open("rb") as file:
            raw = file.read(settings.INBOUND_MAX_BYTES)  # a larger mail is cut: its words stand at the beginning
        take_mail(raw=raw, at=at)
        (box / "cur").mkdir(exist_ok=True)
        path.rename(box / "cur" / f"{path.name.partition(':')[0]}:2,S")
    return len(files)

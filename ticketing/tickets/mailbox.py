"""The Maildir into which mails to our desks arrive: each is taken once, whatever dies meanwhile."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ticketing.tickets.actions.desk_mail import take_mail

BATCH = 100
log = logging.getLogger(__name__)


def folder() -> Path:
    """Where the mail server, or the sandbox's, puts mails to DESK_MAIL_DOMAIN."""
    return Path(settings.MAILBOX_DIR) / "faults"


def take_due(*, at: datetime) -> int:
    """Take what lies in `new`, the oldest first; each moves to `cur` once it is stored. Returns how many.

    One that cannot be stored stays where it is and is told in the log; it holds up nobody else's.
    """
    box = folder()
    if not (box / "new").is_dir():
        return 0
    files = sorted(path for path in (box / "new").iterdir() if path.is_file())
    return sum(_take(path, box / "cur", at) for path in files[:BATCH])


def _take(path: Path, done: Path, at: datetime) -> bool:
    with path.open("rb") as file:
        raw = file.read(settings.INBOUND_MAX_BYTES)  # a larger mail is cut: its words stand at the beginning
    try:
        with transaction.atomic():
            take_mail(raw=raw, at=at)
    except Exception:  # a defect of ours must end as one mail that waits
        log.exception("mail not taken", extra={"file": path.name})
        return False
    done.mkdir(exist_ok=True)
    path.rename(done / f"{path.name.partition(':')[0]}:2,S")
    return True

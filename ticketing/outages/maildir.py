"""Maintenance notices that came by mail: a Maildir for each service provider, `works-<its short name>`."""

import logging
import mailbox
import os
from datetime import datetime

from django.conf import settings
from django.db import transaction

from ofx.core.models import Organisation
from ticketing.outages.actions import take_notice

MOST = 50
log = logging.getLogger(__name__)


def read_new(*, at: datetime, most: int = MOST) -> int:
    """Take what lies in the folders; a mail leaves `new` only after its notice is kept. Returns how many."""
    root = settings.MAILBOX_DIR
    if not root.is_dir():
        return 0
    done = 0
    for folder in sorted(root.glob("works-*")):
        owner = Organisation.objects.filter(kind="service_provider", slug=folder.name[6:]).first()
        if owner is not None and (folder / "new").is_dir():
            done += _read(folder, owner, at, most - done)
    return done


def _read(folder: os.PathLike[str], owner: Organisation, at: datetime, most: int) -> int:
    box, done = mailbox.Maildir(folder, create=False), 0
    for key in sorted(box.keys()):
        if done >= most:
            break
        if box.get_message(key).get_subdir() != "new":
            continue
        done += _take(box, key, owner, at)
    return done


def _take(box: mailbox.Maildir, key: str, owner: Organisation, at: datetime) -> bool:
    try:
        with transaction.atomic():
            take_notice(organisation=owner, raw=box.get_bytes(key), actor=None, at=at)
        letter = box.get_message(key)
        letter.set_subdir("cur")
        letter.add_flag("S")
        box[key] = letter
    except Exception:  # a defect of ours must end as one notice that waits, not as outages that nobody tests again
        log.exception("notice not taken", extra={"mail": key})
        return False
    return True

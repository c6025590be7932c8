"""Records that come with the product: common fibre practice, in our own words, of the exchange."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ticketing.known_errors import actions
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.vocabulary import REVIEW_DAYS

FOLDER = Path(__file__).parent / "shipped"


def shipped() -> list[dict[str, Any]]:
    """Every record of the folder, as its file has it."""
    return [row for path in sorted(FOLDER.glob("*.json")) for row in json.loads(path.read_text(encoding="utf-8"))]


def load(*, at: datetime) -> int:
    """Make the records that are missing, approved. What somebody changed or retired stays as it is."""
    known = set(KnownError.objects.exclude(code="").values_list("code", flat=True))
    made = 0
    for row in shipped():
        if row["code"] in known:
            continue
        review = (at + timedelta(days=REVIEW_DAYS)).date()
        article = KnownError(**row, owner_group="OFX knowledge", review_by=review)
        actions.save_known_error(article=article, actor=None, at=at, note="comes with the product")
        actions.approve(article=article, actor=None, at=at)
        made += 1
    return made

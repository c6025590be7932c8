"""The approval path, and what keeps a record good: review, duplicates, retirement."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from ticketing.known_errors.indexing import index
from ticketing.known_errors.models import KnownError
from ticketing.known_errors.vocabulary import REVIEW_DAYS, Confidence, Visibility

FOR_CUSTOMERS = {
    "customer_title": "Give it a title in the customer's words before customers may read it.",
    "customer_text": "Write what a customer should do, in plain words, before customers may read it.",
}


class NotPublishable(ValueError):
    """Something is missing before it may be read; `problems`: field → what to do, `args[0]` the same as one text."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def _move(article: KnownError, to: str, actor: Any, at: datetime, why: str = "", **changes: Any) -> None:
    with transaction.atomic():
        transition(article, to, at=at, actor=actor, why=why, updated_at=at, **changes)
        index(article)


def ask_for_approval(*, article: KnownError, actor: User | None, at: datetime) -> None:
    """Draft → waiting."""
    permit(actor, "knowledge.write")
    _move(article, "waiting", actor, at)


def approve(*, article: KnownError, actor: User | None, at: datetime, publish_to: str | None = None) -> None:
    """Draft or waiting → approved; `publish_to` also sets who may read it (internal, reseller, public).

    Raises NotPublishable where customers would read nothing, or words that were meant for our own people.
    """
    permit(actor, "knowledge.approve")
    changes: dict[str, Any] = {"approved_at": at, "approved_by": actor, "review_reason": ""}
    visibility = publish_to or article.visibility
    if problems := unpublishable(article, visibility):
        raise NotPublishable(problems)
    if article.confidence == Confidence.WORKING:
        changes["confidence"] = Confidence.NOT_VALIDATED
    if article.review_by is None or article.review_by <= at.date():
        changes["review_by"] = (at + timedelta(days=REVIEW_DAYS)).date()
    _move(article, "approved", actor, at, visibility=visibility, **changes)


def unpublishable(article: KnownError, visibility: str) -> dict[str, str]:
    """Field → what is missing before these readers may have it. The desk's own words are never shown to customers."""
    if visibility not in Visibility.values:
        return {"visibility": "Choose who may read it: internal, reseller or public."}
    if visibility != Visibility.PUBLIC:
        return {}
    return {field: told for field, told in FOR_CUSTOMERS.items() if not getattr(article, field).strip()}


def send_back(*, article: KnownError, actor: User | None, at: datetime, why: str) -> None:
    """Waiting or approved → draft, with the reason."""
    permit(actor, "knowledge.approve")
    _move(article, "draft", actor, at, why=why[:300])


def retire(*, article: KnownError, actor: User | None, at: datetime, why: str = "") -> None:
    """Out of use; it stays readable for our own people."""
    permit(actor, "knowledge.approve")
    _move(article, "retired", actor, at, why=why[:300], confidence=Confidence.ARCHIVED, review_reason="")


def revive(*, article: KnownError, actor: User | None, at: datetime) -> None:
    """Retired → draft."""
    permit(actor, "knowledge.write")
    _move(article, "draft", actor, at, confidence=Confidence.NOT_VALIDATED)


def reviewed(*, article: KnownError, actor: User | None, at: datetime) -> None:
    """Somebody looked, and it is still right: good for another period, and no duplicate of what it was like."""
    permit(actor, "knowledge.write")
    with transaction.atomic():
        known = KnownError.objects.select_for_update().get(pk=article.pk)
        others = {*known.not_alike, *([known.alike_id] if known.alike_id else [])}
        changes = {
            "review_by": (at + timedelta(days=REVIEW_DAYS)).date(),
            "review_reason": "",
            "alike": None,
            "not_alike": sorted(others),
        }
        KnownError.objects.filter(pk=known.pk).update(**changes)
        record(
            actor=actor,
            subject=f"known_error:{known.pk}",
            verb="looked at it: still right",
            at=at,
            organisation_id=known.organisation_id,
        )
    article.refresh_from_db()


def flag(*, article: KnownError, at: datetime, why: str, alike: KnownError | None = None) -> bool:
    """Ask for a review. Returns whether it was not flagged before."""
    changes: dict[str, Any] = {"review_reason": why[:300], **({"alike": alike} if alike else {})}
    with transaction.atomic():
        if not KnownError.objects.filter(pk=article.pk, review_reason="").update(**changes):
            return False
        subject, owner = f"known_error:{article.pk}", article.organisation_id
        record(actor=None, subject=subject, verb=f"asked for a review: {why}", at=at, organisation_id=owner)
    return True

"""The history of an agreement for both of its parties: every round, every act, who and when."""

from ofx.core.models import LogEntry
from ofx.core.ui.timeline import Entry, from_log, merge
from partners.agreements.models import Terms
from partners.agreements.regions import in_words
from partners.operators.models import Agreement

MOST = 200


def story_of(agreement: Agreement) -> list[Entry]:
    """Newest first. The reader may see the agreement, so also what the other party did in it."""
    rounds = agreement.terms.select_related("created_by").order_by("-number")[:MOST]
    log = LogEntry.objects.about(f"agreement:{agreement.pk}")[:MOST]
    return merge(map(_entry, rounds), map(from_log, log))


def _entry(terms: Terms) -> Entry:
    parts = [f"round {terms.number}", in_words(terms.regions)]
    if terms.starts:
        parts.append(f"from {terms.starts:%-d %b %Y}")
    if terms.note:
        parts.append(f"“{terms.note}”")
    if terms.answer:
        parts.append(f"answer: “{terms.answer}”")
    title = f"Terms {Terms.STATE_LOOK[terms.state][0].lower()}"
    tone = Terms.STATE_LOOK[terms.state][1]
    return Entry(at=terms.created_at, kind="note", title=title, who=str(terms.created_by or "OFX"),
                 body=" · ".join(parts), icon="file-text", tone=tone)  # fmt: skip

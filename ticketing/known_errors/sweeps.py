"""Due work of known errors, found in rows."""

from datetime import timedelta

from ofx.core.clock import now
from ofx.core.sweeps import sweep
from ticketing.known_errors import actions, indexing, upkeep


@sweep("knowledge")
def meanings() -> int:
    """Vectors for changed records, how common words are, candidates from resolved tickets."""
    changed = indexing.embed_due(limit=64)
    return changed + indexing.count_words_if_changed() + actions.gather(at=now())


@sweep("knowledge_review")
def reviews() -> int:
    """Records that are stale, failing, or alike."""
    at = now()
    return upkeep.flag_due(at=at) + upkeep.flag_duplicates(at=at, since=at - timedelta(days=2))

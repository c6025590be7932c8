"""What the search reads is written here: words at once, vectors by the worker, how common words are by a sweep."""

import hashlib
from collections.abc import Sequence

import numpy as np
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Max

from ticketing.known_errors import embedding
from ticketing.known_errors.models import KnownError, KnownErrorIndex
from ticketing.known_errors.vectors import as_text, has_pgvector

BATCH = 16
WORDS = """
INSERT INTO ticketing_knownerrorindex (article_id, organisation_id, state, visibility, digest, vector_digest, words)
SELECT id, %(organisation)s, %(state)s, %(visibility)s, %(digest)s, '',
  setweight(to_tsvector('english', %(title)s), 'A') || setweight(to_tsvector('simple', %(exact)s), 'A')
  || setweight(to_tsvector('english', %(symptom)s), 'B') || setweight(to_tsvector('english', %(technical)s), 'C')
  || setweight(to_tsvector('english', %(rest)s), 'D')
FROM ticketing_knownerror WHERE id = %(id)s
ON CONFLICT (article_id) DO UPDATE SET organisation_id = EXCLUDED.organisation_id, state = EXCLUDED.state,
  visibility = EXCLUDED.visibility, digest = EXCLUDED.digest, words = EXCLUDED.words
"""
COUNT_WORDS = """
INSERT INTO ticketing_knownerrorword (lexeme, documents)
SELECT left(word, 200), max(ndoc) FROM ts_stat('SELECT words FROM ticketing_knownerrorindex') GROUP BY 1
"""


def index(article: KnownError) -> None:
    """Write the words of a record, in the caller's transaction. A changed text gets its vector from the worker."""
    texts = {
        "title": " ".join((article.title, article.customer_title)),
        "exact": " ".join((*article.error_strings, *article.test_codes, *article.closure_codes, article.cpe_model)),
        "symptom": article.symptom_customer,
        "technical": " ".join((article.symptom_technical, article.leds)),
        "rest": " ".join((article.cause, article.workaround, article.customer_text)),
    }
    scope = {"organisation": article.organisation_id, "state": article.state, "visibility": article.visibility}
    digest = hashlib.sha1("\n".join(meaning_of(article)).encode(), usedforsecurity=False).hexdigest()
    clean = {name: text.replace("\x00", " ") for name, text in texts.items()}
    with connection.cursor() as cursor:
        cursor.execute(WORDS, {"id": article.pk, "digest": digest, **scope, **clean})


def meaning_of(article: KnownError) -> tuple[str, str]:
    """The two texts whose mean stands for a record: its title, and what people see. The mean beat either alone."""
    title = article.customer_title or article.title
    return title, ". ".join(
        part for part in (article.title, article.symptom_customer, article.symptom_technical) if part
    )


def embed_due(*, limit: int = 200) -> int:
    """Give a vector to records whose text changed. Returns how many; 0 where sentences cannot be embedded."""
    if not embedding.available():
        return 0
    stale = "SELECT article_id FROM ticketing_knownerrorindex WHERE NOT vector_digest = digest LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(stale, [limit])
        due = [pk for (pk,) in cursor.fetchall()]
    for first in range(0, len(due), BATCH):
        _embed(due[first : first + BATCH])
    return len(due)


def _embed(numbers: Sequence[int]) -> None:
    rows = list(KnownErrorIndex.objects.filter(pk__in=numbers).select_related("article").defer("vector"))
    texts = [text for row in rows for text in meaning_of(row.article)]
    vectors = embedding.embed(texts).reshape(len(rows), 2, -1).mean(1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with transaction.atomic():
        for row, vector in zip(rows, vectors, strict=True):
            # Conditional: a text that changed meanwhile stays due.
            KnownErrorIndex.objects.filter(pk=row.pk, digest=row.digest).update(
                vector=vector.tolist(), vector_digest=row.digest
            )


def count_words() -> int:
    """Count again in how many records each word stands. Returns the number of words."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ticketing_knownerrorword")
        cursor.execute(COUNT_WORDS)
        return cursor.rowcount


def count_words_if_changed() -> int:
    """The same, where records were written since; a mark in the cache says what was counted last."""
    newest = KnownError.objects.aggregate(n=Count("pk"), last=Max("updated_at"))
    mark = f"{newest['n']}:{newest['last']}"
    if cache.get("known-error-words") == mark:
        return 0
    counted = count_words()
    cache.set("known-error-words", mark, None)
    return counted


def vector_parameter(vector: Sequence[float]) -> object:
    """A query's vector as this database reads it."""
    return as_text(vector) if has_pgvector(connection) else [float(number) for number in vector]

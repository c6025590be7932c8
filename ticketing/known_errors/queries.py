"""Which known error may this be? The one search of pages, ticket, guides, widget and API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Any

from django.db import connection, transaction

from ofx.core.models import Organisation
from ticketing.known_errors import embedding, scoring, statements
from ticketing.known_errors.indexing import vector_parameter
from ticketing.known_errors.models import KnownError, KnownErrorIndex
from ticketing.known_errors.scoring import Parts, Weights
from ticketing.known_errors.signatures import Signature
from ticketing.known_errors.vectors import has_pgvector
from ticketing.known_errors.vocabulary import AUDIENCES

__all__ = ["Asked", "KnownError", "Signature", "Suggestion", "search", "suggest"]
TEXT_LIMIT = 2000
LEXEME_LIMIT = 14  # the rarest words of a long text; the rest hardly move the score
MOST = 1500  # records that are weighed because they share words
NEAR = 40  # nearest by meaning
CLOSE = 250  # of these the likeliest by words and meaning, whose titles are compared as well
KEEP = 60


@dataclass(frozen=True)
class Suggestion:
    """A record that may answer, how likely (0 to 1), and why in words."""

    article: KnownError
    score: float
    why: list[str] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)

    @property
    def likely(self) -> bool:
        """Whether it is shown as an answer rather than as a perhaps."""
        return self.score >= scoring.LIKELY


@dataclass
class Asked:
    """A query, read once: its words with their weight, its vector, its codes."""

    text: str
    signature: Signature | None = None
    meaning: bool = True
    keep: int = KEEP

    def __post_init__(self) -> None:
        self.text = " ".join(self.text.replace("\x00", " ").split())[:TEXT_LIMIT]

    @cached_property
    def weights(self) -> Weights:
        """With meaning where sentences can be compared, else by words."""
        return scoring.WITH_MEANING if self.vector is not None else scoring.WITHOUT_MEANING

    @cached_property
    def vector(self) -> Any:
        """The sentence's vector as the database reads it; None without text or without the model."""
        if not (self.meaning and self.text and embedding.available()):
            return None
        return vector_parameter(embedding.embed([self.text])[0])

    @cached_property
    def words(self) -> list[tuple[str, float, int]]:
        """(lexeme, its share of what the query says, records that hold it); misspelt words by their nearest."""
        if not self.text:
            return []
        with connection.cursor() as cursor:
            total = _documents(cursor)
            cursor.execute(statements.LEXEMES, {"text": self.text})
            rows = cursor.fetchall()
            known = {lexeme: (documents, 1.0) for lexeme, documents, stemmed in rows if documents}
            unknown = [lexeme for lexeme, documents, stemmed in rows if stemmed and not documents]
            missed = set(unknown)
            if unknown:
                cursor.execute(statements.NEAREST, {"words": unknown[:LEXEME_LIMIT]})
                for said, lexeme, documents, alike in cursor.fetchall():
                    missed.discard(said)
                    known.setdefault(lexeme, (documents, float(alike)))
        gains = {lexeme: _gain(total, documents) * sure for lexeme, (documents, sure) in known.items()}
        said = sum(gains.values()) + len(missed) * _gain(total, 0)
        rarest = sorted(gains, key=lambda lexeme: -gains[lexeme])[:LEXEME_LIMIT]
        return [(lexeme, gains[lexeme] / said, known[lexeme][0]) for lexeme in rarest] if said else []

    @cached_property
    def rare(self) -> str:
        """A tsquery of the rarest words that together stand in few enough records."""
        chosen: list[str] = []
        found = 0
        for lexeme, _, documents in self.words:
            if chosen and found + documents > MOST:
                break
            chosen.append(statements.quoted(lexeme))
            found += documents
        return " | ".join(chosen)

    def parameters(self) -> dict[str, Any]:
        """What the one statement is run with."""
        signature = self.signature or Signature()
        return {
            "text": self.text,
            "vector": self.vector,
            "rare": self.rare,
            "codes": patterns(signature.code),
            "closures": patterns(signature.closure),
            "lexemes": len(self.words),
            "most": MOST,
            "near": NEAR,
            "close": max(self.keep, CLOSE),
            "keep": self.keep,
            **{f"word{n}": statements.quoted(lexeme) for n, (lexeme, _, _) in enumerate(self.words)},
            **{f"gain{n}": gain for n, (_, gain, _) in enumerate(self.words)},
        }


def suggest(
    *,
    organisation: Organisation | None,
    text: str = "",
    signature: Signature | None = None,
    operator: Any = None,
    technology: str = "",
    audience: str = "internal",
    limit: int = 5,
) -> list[Suggestion]:
    """Approved records of a provider and of the exchange that may explain what was said, the likeliest first.

    `audience` is internal, reseller or public; a customer's organisation stands for its provider. Records of another
    operator or technology are left out. An empty list is an answer: nothing matches. Raises KeyError for an audience.
    """
    kept = [
        one
        for one in search(organisation=organisation, asked=Asked(text, signature), visibilities=AUDIENCES[audience])
        if one.score >= scoring.POSSIBLE and _fits(one.article, operator, technology)
    ]
    return kept[:limit]


def search(
    *,
    organisation: Organisation | None,
    asked: Asked,
    visibilities: Sequence[str] = AUDIENCES["internal"],
    everything: bool = False,
    without: int | None = None,
) -> list[Suggestion]:
    """Every record that shares something with the query, weighed; `everything` also finds drafts and retired ones.

    `without` leaves one record out, for measuring how well nothing is known.
    """
    parts = _parts(asked, _owner(organisation), visibilities, everything)
    rows = KnownError.objects.select_related("operator").in_bulk([pk for pk in parts if pk != without])
    found = [
        Suggestion(row, one.value, one.why, parts[pk])
        for pk, row in rows.items()
        for one in [scoring.score(row, parts[pk], text=asked.text, signature=asked.signature, weights=asked.weights)]
    ]
    return sorted(found, key=lambda one: (-one.score, -one.article.times_worked, one.article.pk))


def _owner(organisation: Organisation | None) -> int | None:
    """Whose own records are read: a customer's provider's; none for the exchange."""
    if organisation is None or organisation.kind == "exchange":
        return None
    return organisation.provider_id if organisation.kind == "customer" else organisation.pk


def _parts(asked: Asked, owner: int | None, visibilities: Sequence[str], everything: bool) -> dict[int, Parts]:
    """The parts of each record's score; nothing where nothing was asked."""
    values = {**asked.parameters(), "organisation": owner, "visibilities": list(visibilities)}
    if not (values["rare"] or values["vector"] is not None or values["codes"] or values["closures"]):
        return {}
    pgvector = has_pgvector(connection)
    if not pgvector and not (values["rare"] or values["codes"] or values["closures"]):
        return {}
    scope = statements.scope_sql(organisation_id=owner, everything=everything)
    sql = statements.parts_sql(scope, values, pgvector=pgvector, weights=asked.weights, nearest=True)
    with transaction.atomic(), connection.cursor() as cursor:
        if pgvector and values["vector"] is not None:
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.ef_search = 60")
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    shared = _shared(asked, [row[0] for row in rows])
    return {
        pk: Parts(min(1.0, float(words)), float(title), None if meaning is None else float(meaning), shared.get(pk, ()))
        for pk, words, title, meaning in rows
    }


def _shared(asked: Asked, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Which words of the query stand in each record, as the person wrote them where that can be told."""
    if not asked.words or not numbers:
        return {}
    lexemes = [lexeme for lexeme, _, _ in asked.words]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id, array(SELECT lexeme FROM unnest(words) WHERE lexeme = ANY(%s))"
            " FROM ticketing_knownerrorindex WHERE article_id = ANY(%s)",
            [lexemes, list(numbers[:10])],
        )
        found = dict(cursor.fetchall())
    written = {lexeme: _as_written(lexeme, asked.text) for lexeme in lexemes}
    return {pk: tuple(dict.fromkeys(written[one] for one in lexemes if one in held)) for pk, held in found.items()}


def _as_written(lexeme: str, text: str) -> str:
    """The word of the text that the lexeme is the stem of."""
    stem = lexeme[: max(3, len(lexeme) - 1)]
    return next((word.strip(".,;:!?\"'()") for word in text.lower().split() if word.startswith(stem)), lexeme)


def _fits(article: KnownError, operator: Any, technology: str) -> bool:
    other = operator is not None and article.operator_id is not None and article.operator_id != operator.pk
    another = technology and article.technology and article.technology.upper() != technology.upper()
    return not (other or another)


def _documents(cursor: Any) -> int:
    """About how many records there are; the planner's estimate where there are many."""
    cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'ticketing_knownerrorindex'::regclass")
    estimate = int(cursor.fetchone()[0])
    return estimate if estimate > 5000 else max(1, KnownErrorIndex.objects.count())


def _gain(total: int, documents: int) -> float:
    """How much a word says: the fewer records hold it, the more (BM25's idf)."""
    return log(1 + (total - min(documents, total) + 0.5) / (documents + 0.5))


def patterns(code: str) -> list[str]:
    """The code, and every pattern that could stand for it: `RED_LOS` → RED_LOS, RED_LOS*, RED_LO*, …, R*."""
    code = code.strip().upper()[:60]
    return [code, *(f"{code[:n]}*" for n in range(len(code), 0, -1))] if code else []

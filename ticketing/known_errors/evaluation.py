"""How well the product's own search finds the right record: real rows, nothing kept (docs/known_errors.md)."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from django.db import transaction

from ofx.core.models import Organisation
from ticketing.known_errors import clustering, indexing, scoring
from ticketing.known_errors.models import KnownError, KnownErrorIndex
from ticketing.known_errors.queries import Asked, search

TEXT_FIELDS = ("symptom_customer", "symptom_technical", "cause", "workaround", "customer_title", "customer_text")
RIGHT = ("recall@1", "recall@5", "MRR")


class BadFile(ValueError):
    """The file cannot be read as articles and queries; `args[0]` names the line and the fix."""


@dataclass(frozen=True)
class Sample:
    """Articles, and queries with the id of the article that answers (None: none does)."""

    articles: dict[str, dict[str, Any]]
    queries: list[tuple[str, str | None]]


def read(*paths: Path) -> Sample:
    """Read JSONL: a line with `title` is an article, with `query` a query, with `rephrasings` both. Raises BadFile."""
    sample = Sample({}, [])
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    _read_line(json.loads(line), sample)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise BadFile(
                        f"{path.name} line {number}: {error!r}. Expected an object with id and title, or query."
                    ) from error
    unknown = {str(right) for _, right in sample.queries if right is not None} - sample.articles.keys()
    if unknown or not sample.articles or not sample.queries:
        raise BadFile(f"Articles and queries are both needed; ids without an article: {sorted(unknown)[:5]}")
    return sample


def _read_line(row: dict[str, Any], sample: Sample) -> None:
    if "query" in row:
        sample.queries.append((str(row["query"]), None if row.get("id") is None else str(row["id"])))
        return
    if "rephrasings" in row:  # faq_matching: a question, its answers, and how people put it
        sample.articles[str(row["id"])] = {"title": row["question"], "symptom_customer": row["answers"][0]}
        sample.queries.extend((text, str(row["id"])) for text in row["rephrasings"])
        return
    texts = {name: str(row[name]) for name in TEXT_FIELDS if row.get(name)}
    texts.setdefault("symptom_customer", str(row.get("text", "")))
    sample.articles[str(row["id"])] = {
        "title": row["title"],
        **texts,
        "error_strings": list(row.get("error_strings", [])),
    }


@contextmanager
def scratch(sample: Sample, *, at: datetime) -> Iterator[tuple[Organisation, dict[str, int]]]:
    """The articles as approved records of a tenant that exists only inside; the database is left as it was."""
    with transaction.atomic():
        KnownErrorIndex.objects.all().delete()
        owner = Organisation.objects.create(kind="service_provider", name="Measured", slug="measured-known-errors")
        numbers = {}
        for count, (key, texts) in enumerate(sample.articles.items()):
            limits = {name: value[:4000] if isinstance(value, str) else value for name, value in texts.items()}
            row = KnownError(organisation=owner, reference=f"EV-{count}", created_at=at, updated_at=at, **limits)
            row.title, row.state, row.approved_at, row.visibility = row.title[:200], "approved", at, "public"
            row.workaround = row.workaround[:300]
            row.save()
            indexing.index(row)
            numbers[key] = row.pk
        indexing.count_words()
        while indexing.embed_due():
            pass
        try:
            yield owner, numbers
        finally:
            transaction.set_rollback(True)


@dataclass(frozen=True)
class Ranked:
    """What one query got: the place of the right record (0 for none), its top score with and without that record."""

    rank: int
    top: float
    top_without: float
    ms: float


def ask(
    owner: Organisation, queries: Sequence[tuple[str, int | None]], *, meaning: bool, weights: Any = None
) -> list[Ranked]:
    """Each query through the product's search."""
    found = []
    for text, right in queries:
        started = time.perf_counter()
        asked = Asked(text, meaning=meaning)
        if weights is not None:
            asked.weights = weights
        got = search(organisation=owner, asked=asked)
        ms = (time.perf_counter() - started) * 1000
        order = [one.article.pk for one in got]
        rank = order.index(right) + 1 if right in order else 0
        rest = [one.score for one in got if one.article.pk != right]
        found.append(Ranked(rank, got[0].score if got else 0.0, max(rest, default=0.0), ms))
    return found


def figures(rows: Sequence[Ranked]) -> dict[str, float]:
    """recall@1, recall@5, MRR, AUROC of knowing that nothing matches, and milliseconds a query."""
    ranks = [row.rank for row in rows]
    return {
        "recall@1": mean(rank == 1 for rank in ranks),
        "recall@5": mean(0 < rank <= 5 for rank in ranks),
        "MRR": mean(1 / rank if rank else 0.0 for rank in ranks),
        "AUROC": auroc([row.top for row in rows], [row.top_without for row in rows]),
        "p50 ms": median(row.ms for row in rows),
        "p95 ms": float(np.percentile([row.ms for row in rows], 95)),
    }


def auroc(answered: Sequence[float], unanswered: Sequence[float]) -> float:
    """The chance that a query with an answer scores above one whose answer was taken out; ties count half."""
    yes, no = np.array(answered), np.array(unanswered)
    return float(((yes[:, None] > no[None]) + 0.5 * (yes[:, None] == no[None])).mean())


# What the sum consists of when only one part of the text is asked.
ALONE = {
    "words alone": scoring.Weights(1, 0, 0, 8, 0.5),
    "title alone": scoring.Weights(0, 1, 0, 8, 0.5),
    "meaning alone": scoring.Weights(0, 0, 1, 8, 0.5),
}


def evaluate(sample: Sample, *, at: datetime, meaning: bool = True, parts: bool = True) -> dict[str, dict[str, float]]:
    """Every row of the table: the combination with and without meaning, each part alone, and TF-IDF."""
    with scratch(sample, at=at) as (owner, numbers):
        queries = [(text, numbers.get(right) if right is not None else None) for text, right in sample.queries]
        table = {"TF-IDF cosine (baseline)": figures(tf_idf(sample))}
        table["without embedding"] = figures(ask(owner, queries, meaning=False))
        if parts:
            for name in ("words alone", "title alone"):
                table[name] = figures(ask(owner, queries, meaning=False, weights=ALONE[name]))
        if meaning:
            ask(owner, queries[:1], meaning=True)  # the model is loaded once a process, not once a query
            if parts:
                table["meaning alone"] = figures(ask(owner, queries, meaning=True, weights=ALONE["meaning alone"]))
            rows = ask(owner, queries, meaning=True)
            table |= {"with embedding": figures(rows), "with embedding, held back": figures(rows[::2])}
    return table


def terms(text: str) -> list[str]:
    """Words of a text, lower case."""
    return re.findall(r"[a-z0-9]{2,}", text.lower())


def vectors(texts: Iterable[str], known: Counter[str] | None = None, count: int = 0) -> tuple[Any, Counter[str], int]:
    """TF-IDF vectors as rows, by the document counts given, else by those of the texts themselves."""
    split = [Counter(terms(text)) for text in texts]
    if known is None:
        known, count = Counter(word for words in split for word in words), len(split)
    place = {word: number for number, word in enumerate(sorted(known))}
    rows = np.zeros((len(split), len(place)), np.float32)
    for row, words in zip(rows, split, strict=True):
        for word, times in words.items():
            if word in place:
                row[place[word]] = times * (np.log((1 + count) / (1 + known[word])) + 1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), known, count


def tf_idf(sample: Sample) -> list[Ranked]:
    """The baseline: cosine of TF-IDF vectors of title and text."""
    keys = list(sample.articles)
    articles, known, count = vectors(" ".join(map(str, sample.articles[key].values())) for key in keys)
    started = time.perf_counter()
    asked, _, _ = vectors((text for text, _ in sample.queries), known, count)
    scores = asked @ articles.T
    ms = (time.perf_counter() - started) * 1000 / len(scores)
    found = []
    for row, (_, right) in zip(scores, sample.queries, strict=True):
        at = keys.index(right) if right is not None else -1
        rank = int((row > row[at]).sum()) + 1 if at >= 0 else 0
        rest = np.delete(row, at) if at >= 0 else row
        found.append(Ranked(rank, float(row.max()), float(rest.max(initial=0.0)), ms))
    return found


def measure_complaints(
    complaints: Sequence[tuple[str, str]], labels: dict[str, str], embed: Any = None, names: Sequence[str] = ()
) -> dict[str, tuple[float, float, float]]:
    """B-cubed of candidates over all complaints (id, text), judged on the labelled ones; and of k-means on TF-IDF."""
    known = [number for number, (key, _) in enumerate(complaints) if key in labels]
    right = [labels[complaints[number][0]] for number in known]
    texts = [text for _, text in complaints]
    found = clustering.cluster(texts, embed, names=names)
    table = {"candidates": clustering.b_cubed([found[number] for number in known], right)}
    rows, _, _ = vectors(texts)
    for count in (10, 14, 20, 40):
        runs = [clustering.k_means(rows, count, seed) for seed in range(3)]
        scores = [clustering.b_cubed([run[number] for number in known], right) for run in runs]
        table[f"k-means, {count} clusters"] = max(scores, key=lambda score: score[2])
    return table

"""How well the product's own search finds the right record: real rows, nothing kept (docs/known_errors.md)."""

import json
import random
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
from ticketing.known_errors.actions import gather
from ticketing.known_errors.models import CandidateTicket, KnownError, KnownErrorIndex
from ticketing.known_errors.queries import Asked, Suggestion, search
from ticketing.tickets.models import Ticket

TEXT_FIELDS = ("symptom_customer", "symptom_technical", "cause", "workaround", "customer_title", "customer_text")
SEED = 20260401
EVERY = 10_000  # records that are weighed for a query, whatever the weights of now would keep


class BadFile(ValueError):
    """The file cannot be read as articles and queries; `args[0]` names the line and the fix."""


@dataclass(frozen=True)
class Sample:
    """Articles, and queries with the id of the article that answers (None: none does)."""

    articles: dict[str, dict[str, Any]]
    queries: list[tuple[str, str | None]]


def read(*paths: Path) -> Sample:
    """Read JSONL: a line with `title` is an article, with `query` a query, with `rephrasings` both. A file `.json` is a
    list of articles, as those that come with the product. Raises BadFile.
    """
    sample = Sample({}, [])
    for path in paths:
        for number, line in enumerate(_lines(path), start=1):
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


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return text.splitlines()
    try:
        return [json.dumps(row) for row in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise BadFile(f"{path.name}: {error!r}. Expected a list of articles.") from error


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
    sample.articles[str(row.get("id") or row["code"])] = {
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
            row.title, row.state, row.approved_at, row.visibility = row.title[:200], "approved", at, "internal"
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
    """What one query got: the place of the right record (0: not found, None: nothing answers it), its top score with
    and without that record."""

    rank: int | None
    top: float
    top_without: float
    ms: float


@dataclass(frozen=True)
class Answer:
    """What the product's search found for one query, every record that shares something with it."""

    text: str
    right: int | None
    found: list[Suggestion]
    ms: float

    def ranked(self, weights: scoring.Weights) -> Ranked:
        """The same records by other weights, with the product's own scoring."""
        scores = {
            one.article.pk: scoring.score(one.article, one.parts, text=self.text, signature=None, weights=weights).value
            for one in self.found
        }
        best = {one.article.pk: (-scores[one.article.pk], one.article.pk) for one in self.found}
        order = sorted(scores, key=best.__getitem__)
        rank = None if self.right is None else order.index(self.right) + 1 if self.right in scores else 0
        rest = [value for pk, value in scores.items() if pk != self.right]
        return Ranked(rank, max(scores.values(), default=0.0), max(rest, default=0.0), self.ms)


def ask(owner: Organisation, queries: Sequence[tuple[str, int | None]], *, meaning: bool) -> list[Answer]:
    """Each query through the product's search, timed."""
    search(organisation=owner, asked=Asked("first", meaning=meaning))  # the model is loaded once a process
    found = []
    for text, right in queries:
        started = time.perf_counter()
        got = search(organisation=owner, asked=Asked(text, meaning=meaning, keep=EVERY))
        found.append(Answer(text, right, got, (time.perf_counter() - started) * 1000))
    return found


def figures(rows: Sequence[Ranked]) -> dict[str, float]:
    """recall@1, recall@5, MRR, AUROC of knowing that nothing matches, and milliseconds a query."""
    ranks = [row.rank for row in rows if row.rank is not None] or [0]
    return {
        "recall@1": mean(rank == 1 for rank in ranks),
        "recall@5": mean(0 < rank <= 5 for rank in ranks),
        "MRR": mean(1 / rank if rank else 0.0 for rank in ranks),
        "AUROC": auroc([row.top for row in rows if row.rank is not None], [row.top_without for row in rows]),
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


@dataclass(frozen=True)
class Answers:
    """A sample's queries, asked without meaning and, where sentences can be embedded, with it."""

    by_words: list[Answer]
    by_meaning: list[Answer]


def ask_all(sample: Sample, *, at: datetime, meaning: bool = True) -> Answers:
    """Every query both ways."""
    with scratch(sample, at=at) as (owner, numbers):
        queries = [(text, numbers.get(right) if right is not None else None) for text, right in sample.queries]
        by_words = ask(owner, queries, meaning=False)
        return Answers(by_words, ask(owner, queries, meaning=True) if meaning else [])


def evaluate(
    sample: Sample, answers: Answers, *, held_back: Sequence[int], without: scoring.Weights, having: scoring.Weights
) -> dict[str, dict[str, float]]:
    """Every row of the table: TF-IDF, each part alone, the combination without and with meaning.

    `held_back` are numbers of queries that no weight was tuned on: these are judged on their own as well.
    """
    results = {"TF-IDF cosine (baseline)": tf_idf(sample)}
    for name in ("words alone", "title alone"):
        results[name] = [one.ranked(ALONE[name]) for one in answers.by_words]
    results["without embedding"] = [one.ranked(without) for one in answers.by_words]
    if answers.by_meaning:
        results["meaning alone"] = [one.ranked(ALONE["meaning alone"]) for one in answers.by_meaning]
        results["with embedding"] = [one.ranked(having) for one in answers.by_meaning]
    table = {name: figures(rows) for name, rows in results.items()}
    return table | {f"{name}, held back": figures([rows[one] for one in held_back]) for name, rows in results.items()}


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
        rank = int((row > row[at]).sum()) + 1 if at >= 0 else None
        rest = np.delete(row, at) if at >= 0 else row
        found.append(Ranked(rank, float(row.max()), float(rest.max(initial=0.0)), ms))
    return found


Figures = tuple[float, float, float]


def measure_complaints(
    complaints: Sequence[tuple[str, str]], labels: dict[str, str], *, owner: str, at: datetime
) -> dict[str, Figures]:
    """B-cubed of the candidates that the worker's own gathering makes of all complaints (id, text), judged on the
    labelled ones; the same for k-means on TF-IDF. The setting was chosen on one half of the labels.
    """
    known = [number for number, (key, _) in enumerate(complaints) if key in labels]
    right = [labels[complaints[number][0]] for number in known]
    dealt = list(range(len(known)))
    random.Random(SEED).shuffle(dealt)  # noqa: S311 (a fixed split, no secret)
    half = len(dealt) // 2
    parts = {"setting chosen on this half": dealt[:half], "held back": dealt[half:], "all labelled": dealt}
    texts = [text for _, text in complaints]
    found = {"candidates": gathered(texts, owner=owner, at=at)}
    rows, _, _ = vectors(texts)
    for count in (10, 14, 20, 40):
        runs = [clustering.k_means(rows, count, seed) for seed in range(3)]
        found[f"k-means {count}"] = max(runs, key=lambda run: judge(run, known, right, parts["all labelled"])[2])
    table = {f"candidates, {name}": judge(found["candidates"], known, right, part) for name, part in parts.items()}
    return table | {f"{name}, all labelled": judge(run, known, right, parts["all labelled"])
                    for name, run in found.items() if name != "candidates"}  # fmt: skip


def judge(found: Sequence[int], known: Sequence[int], right: Sequence[str], part: Sequence[int]) -> Figures:
    """B-cubed on some of the labelled ones."""
    return clustering.b_cubed([found[known[place]] for place in part], [right[place] for place in part])


def gathered(texts: Sequence[str], *, owner: str, at: datetime) -> list[int]:
    """Which candidate the worker puts each text to: resolved tickets of a tenant that is rolled back afterwards."""
    with transaction.atomic():
        tenant = Organisation.objects.create(kind="service_provider", name=owner, slug="measured-candidates")
        fields = {"organisation": tenant, "state": "closed", "created_at": at, "resolved_at": at, "closed_at": at}
        rows = Ticket.objects.bulk_create(
            [Ticket(reference=f"EV-{count}", title=text[:200], **fields) for count, text in enumerate(texts)]
        )
        while gather(at=at):
            pass
        found = dict(CandidateTicket.objects.filter(ticket__in=rows).values_list("ticket_id", "candidate_id"))
        transaction.set_rollback(True)
    return [found[row.pk] for row in rows]

"""Fill a database with known errors and time the search: `python -m tests.benchmarks.known_errors_load 100000`."""

import csv
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import django
import numpy as np

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from ofx.core.models import Organisation  # noqa: E402
from ticketing.known_errors import embedding  # noqa: E402
from ticketing.known_errors.indexing import count_words  # noqa: E402
from ticketing.known_errors.models import KnownError  # noqa: E402
from ticketing.known_errors.queries import Asked, search  # noqa: E402
from ticketing.known_errors.vectors import as_text, has_pgvector  # noqa: E402

EMBEDDED, ASKED = 2_000, 200
KEPT = Path(settings.OFX_HOME) / "embedded.npz"


def texts() -> tuple[list[str], list[str]]:
    """(record texts, queries): questions and complaints as people wrote them; the queries are other rephrasings."""
    folder: Path = settings.OFX_DATA
    lines = (folder / "faq_matching.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    records = [text for row in rows for text in (row["question"], *row["rephrasings"][:5])]
    with (folder / "broadband_complaints_2015.csv").open(encoding="utf-8", newline="") as file:
        records += [row["Customer Complaint"] for row in csv.DictReader(file)]
    queries = [text for row in rows for text in row["rephrasings"][5:]]
    return list(dict.fromkeys(records))[:EMBEDDED], queries


def vectors(sentences: list[str]) -> Any:
    """Embedded once, kept for the next size."""
    if KEPT.exists():
        return np.load(KEPT)["rows"]
    rows = np.vstack([embedding.embed(sentences[n : n + 100]) for n in range(0, len(sentences), 100)])
    np.savez(KEPT, rows=rows)
    return rows


def perturbed(size: int) -> Any:
    """(text, vector) of every record: the embedded ones first, then copies without a word and moved a little."""
    sentences, _ = texts()
    rows, dice, noise = vectors(sentences), random.Random(7), np.random.default_rng(7)
    for number in range(size):
        text, vector = sentences[number % len(sentences)], rows[number % len(sentences)]
        if number >= len(sentences):
            words = text.split()
            if len(words) > 3:
                words.pop(dice.randrange(len(words)))
            text = f"{' '.join(words)} {dice.choice(sentences).split()[0]} {number}"
            vector = vector + noise.normal(0, 0.02, len(vector))
            vector = vector / np.linalg.norm(vector)
        yield text, vector


def fill(size: int) -> Organisation:
    """Records, their words and vectors; the nearest-neighbour index is built after them."""
    owner = Organisation.objects.get_or_create(kind="service_provider", name="Bench", slug="bench")[0]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE ticketing_knownerror CASCADE")
        cursor.execute("DROP INDEX IF EXISTS known_error_nearest")
        cursor.execute("CREATE TEMP TABLE given (n int, title text, vector text)")
        with cursor.copy("COPY given FROM STDIN") as copy:
            for number, (text, vector) in enumerate(perturbed(size)):
                copy.write_row((number, text[:190], as_text(vector)))
        columns = {row.column for row in _fields() if not row.primary_key}
        plain = _defaults(owner.pk)
        names = ", ".join(sorted(columns & plain.keys()))
        values = ", ".join(plain[name] for name in sorted(columns & plain.keys()))
        cursor.execute(f"INSERT INTO ticketing_knownerror ({names}) SELECT {values} FROM given")
        cursor.execute(
            "INSERT INTO ticketing_knownerrorindex (article_id, organisation_id, state, visibility, digest,"
            " vector_digest, words, vector) SELECT a.id, %s, 'approved', 'internal', '', '',"
            " setweight(to_tsvector('english', a.title), 'A'),"
            " g.vector::vector FROM ticketing_knownerror a JOIN given g ON a.reference = 'KE-' || g.n",
            [owner.pk],
        )
        if has_pgvector(connection):
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute(
                "CREATE INDEX known_error_nearest ON ticketing_knownerrorindex USING hnsw (vector vector_cosine_ops)"
            )
        count_words()
        cursor.execute("VACUUM ANALYZE ticketing_knownerror, ticketing_knownerrorindex, ticketing_knownerrorword")
    return owner


def _fields() -> Any:
    return list(KnownError._meta.concrete_fields)


def _defaults(owner: int) -> dict[str, str]:
    """SQL of each column that may not be null."""
    given = {
        "organisation_id": str(owner),
        "reference": "'KE-' || n",
        "title": "title",
        "state": "'approved'",
        "visibility": "'internal'",
        "confidence": "'validated'",
        "language": "'en'",
        "cause_domain": "'unknown'",
        "version": "1",
        **dict.fromkeys(("approved_at", "created_at", "updated_at"), "now()"),
        **dict.fromkeys(("error_strings", "affected", "steps", "not_alike", "documents"), "'[]'::jsonb"),
        **dict.fromkeys(("test_codes", "closure_codes"), "'{}'"),
        **dict.fromkeys(("tickets_linked", "times_applied", "times_worked", "times_failed"), "0"),
    }
    texts_ = {field.column: "''" for field in _fields() if not field.null and field.column not in given}
    return {**texts_, **given}


def measure(owner: Organisation, meaning: bool) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    _, queries = texts()
    chosen = random.Random(3).sample(queries, ASKED)
    times = []
    for text in [*chosen[:10], *chosen]:
        started = time.perf_counter()
        search(organisation=owner, asked=Asked(text, meaning=meaning))
        times.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(times[10:], 50)), float(np.percentile(times[10:], 95))


def main(size: int) -> None:
    """Fill, time both ways, print a line each."""
    owner = fill(size)
    for meaning, name in ((True, "with embedding"), (False, "words only")):
        if meaning and not embedding.available():
            continue
        middle, late = measure(owner, meaning)
        print(json.dumps({"records": size, "search": name, "p50 ms": middle, "p95 ms": late}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

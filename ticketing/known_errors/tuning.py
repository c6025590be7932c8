"""How the weights of the parts are chosen: on one half of each article's queries, judged on the other half."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ticketing.known_errors import evaluation
from ticketing.known_errors.scoring import Weights

STEPS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
PARTS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
NOISE = 0.001  # of AUROC: less than this is no difference
Array = np.ndarray[Any, Any]
Query = tuple[str, str | None]


def halves(queries: Sequence[Query]) -> tuple[list[int], list[int]]:
    """Numbers of the queries to tune on and of those held back: each article's are dealt out by a fixed seed."""
    by_article: dict[str | None, list[int]] = {}
    for number, (_, right) in enumerate(queries):
        by_article.setdefault(right, []).append(number)
    dice, tune, test = np.random.default_rng(evaluation.SEED), [], []
    for numbers in by_article.values():
        dice.shuffle(numbers)
        tune += numbers[: len(numbers) // 2]
        test += numbers[len(numbers) // 2 :]
    return sorted(tune), sorted(test)


@dataclass(frozen=True)
class Measured:
    """For one query: the parts of each record that was found (a row each), and which of them is right (-1: it was not
    found; None: nothing answers the query).
    """

    parts: Array
    right: int | None


def measured(answer: evaluation.Answer) -> Measured:
    """An answer as numbers."""
    rows = [(one.parts.words, one.parts.title, one.parts.meaning or 0.0) for one in answer.found]
    numbers = [one.article.pk for one in answer.found]
    place = numbers.index(answer.right) if answer.right in numbers else -1
    return Measured(np.array(rows, float).reshape(-1, 3), None if answer.right is None else place)


def judged(rows: Sequence[Measured], weights: tuple[float, float, float]) -> tuple[float, Array, Array, Array]:
    """(MRR, best sum with the right record there, best sum with it taken out, whether the best was right)."""
    ranks, tops, without, first = [], [], [], []
    for row in rows:
        sums = row.parts @ np.array(weights)
        right = -1 if row.right is None else row.right
        rest = np.delete(sums, right) if right >= 0 else sums
        without.append(rest.max(initial=0.0))
        if row.right is not None:
            rank = int((rest >= sums[right]).sum()) + 1 if right >= 0 else 0
            ranks.append(1 / rank if rank else 0.0)
            tops.append(sums.max(initial=0.0))
            first.append(rank == 1)
    return float(np.mean(ranks)), np.array(tops), np.array(without), np.array(first)


def _figures(rows: Sequence[Measured], weights: tuple[float, float, float]) -> Array:
    """recall@1, MRR, AUROC."""
    mrr, tops, without, first = judged(rows, weights)
    return np.array([first.mean(), mrr, evaluation.auroc(tops.tolist(), without.tolist())])


def choose(answers: Sequence[evaluation.Answer], *, meaning: bool) -> Weights:
    """The weights with the best sum of MRR and AUROC of those that are in neither, nor in recall@1, worse than a part
    alone; and the curve that makes their sum a chance.
    """
    rows = [measured(one) for one in answers]
    alone = np.max([_figures(rows, part) for part in PARTS], axis=0) - (0.0, 0.0, NOISE)
    best, chosen = -1.0, (1.0, 0.0, 0.0)
    grid = [(words, title, 1.0) for words, title in product(STEPS, STEPS)] if meaning else []
    grid += [(1.0, title, 0.0) for title in STEPS] + [(words, 1.0, 0.0) for words in STEPS]
    for weights in grid:
        found = _figures(rows, weights)
        value = float(found[1:].sum()) + bool((found >= alone).all())
        if value > best + 1e-9:
            best, chosen = value, weights
    _, tops, without, first = judged(rows, chosen)
    slope, offset = curve(np.concatenate([tops, without]), np.concatenate([first, np.zeros(len(without))]))
    return Weights(*chosen, slope=round(slope, 1), offset=round(offset, 3))


def curve(sums: Array, right: Array) -> tuple[float, float]:
    """Logistic regression of being right on the sum, by Newton's method: (slope, the sum whose chance is a half)."""
    rows, beta = np.column_stack([sums, np.ones(len(sums))]), np.zeros(2)
    for _ in range(50):
        likely = 1 / (1 + np.exp(-rows @ beta))
        spread = rows.T @ (rows * (likely * (1 - likely))[:, None]) + 1e-3 * np.eye(2)
        beta = beta + np.linalg.solve(spread, rows.T @ (right - likely) - 1e-3 * beta)
    return float(beta[0]), float(-beta[1] / beta[0])

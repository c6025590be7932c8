"""Which tickets tell of the same thing? Grown one by one, merged by mean similarity. Pure.

Two tickets are alike by meaning (their vectors) and by their rarer words; both in one cosine. A ticket joins the
cluster whose members it resembles most on average; clusters merge while their members resemble each other on average.
Measured on complaints labelled by hand (docs/known_errors.md).
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

LEXICAL = 0.5  # how much the words count beside the meaning
JOIN, MERGE = 0.85, 0.22
SAME_CODE = 0.2  # how much nearer a shared test or clear code makes
ALL_SAY = 0.2  # a word in more than this share of the tickets (the provider's name) tells nothing apart
BUCKETS = 4096
WORD = re.compile(r"[a-z0-9$']+")
ENDING = re.compile(r"(?:ings?|ed|es|s|er|ers)$")
# Words that say that something is wrong, and not what.
SAY_NOTHING = """
a an and the of to in on for with without from by my our i it is are was be not no that this at we you your me has have
had do does did can will but or as so about against very more all any get got internet service services issue issues
problem problems complaint complaints concern help please provider company customer terrible horrible awful bad poor
poorly worst general other various fault faults broken
"""
EMPTY = frozenset(SAY_NOTHING.split())
Array = np.ndarray[Any, Any]


def says(text: str) -> list[str]:
    """The words of a text that say what is wrong."""
    return [word for word in WORD.findall(text.lower()) if word not in EMPTY and len(word) > 1]


def stem(word: str) -> str:
    """A word without its ending: billing, billed and bills are one."""
    return ENDING.sub("", word) if len(word) > 4 else word.rstrip("s") if len(word) > 3 else word


def common(texts: Sequence[str]) -> tuple[Counter[str], set[str]]:
    """In how many texts each stem stands, and the words that nearly everybody says."""
    stems = Counter(found for text in texts for found in {stem(word) for word in says(text)})
    words = Counter(word for text in texts for word in set(WORD.findall(text.lower())))
    return stems, {word for word, count in words.items() if len(texts) >= 20 and count > ALL_SAY * len(texts)}


def telling(text: str, everybody: set[str]) -> list[str]:
    """The words of a text that tell it from others."""
    return [word for word in says(text) if word not in everybody]


def core(text: str, everybody: set[str]) -> str:
    """What is embedded: only what tells. A company's name and "complaint about" made all sentences alike."""
    return " ".join(telling(text, everybody))


def terms(text: str, everybody: set[str], stems: Counter[str], count: int) -> dict[str, float]:
    """Stem → weight by rarity, of length 1; words that only one text has compare with nothing."""
    found = Counter(stem(word) for word in says(text) if word not in everybody and stems[stem(word)] > 1)
    weights = {word: times * log(max(count, 2) / stems[word]) for word, times in found.items()}
    length = sum(weight**2 for weight in weights.values()) ** 0.5
    return {word: weight / length for word, weight in weights.items()} if length else {}


def hashed(weights: dict[str, float]) -> Array:
    """Terms as an array of BUCKETS numbers."""
    row = np.zeros(BUCKETS, np.float32)
    for word, weight in weights.items():
        row[zlib.crc32(word.encode()) % BUCKETS] += weight
    return row


def balanced(meaning: Array | None, weights: dict[str, float]) -> tuple[Array | None, dict[str, float]]:
    """Both parts, scaled so that the row that they make has length 1."""
    if meaning is None:
        return None, weights
    length = (1 + LEXICAL**2 * sum(weight**2 for weight in weights.values())) ** 0.5
    return meaning / length, {word: LEXICAL * weight / length for word, weight in weights.items()}


def row_of(meaning: Array | None, weights: dict[str, float]) -> Array:
    """Both parts in one row whose dot product with another is their similarity."""
    words = hashed(weights)
    return words if meaning is None else np.concatenate([meaning, words])


@dataclass
class Cluster:
    """A sum of rows, and how many."""

    total: Array
    size: int
    key: Any = None

    @property
    def mean(self) -> Array:
        """The mean row: its dot product with a row is the mean similarity to its members."""
        return self.total / self.size


class Clusters:
    """Clusters that grow. `place` gives the number of the cluster that a row went to."""

    def __init__(self, known: Iterable[Cluster] = ()) -> None:
        self.rows = list(known)
        self.means = np.array([one.mean for one in self.rows], np.float32) if self.rows else None

    def place(self, row: Array, nearer: Sequence[int] = ()) -> tuple[int, float]:
        """Into the likest cluster where it is like enough, else a new one. (number, similarity).

        `nearer` are clusters that something else than the text speaks for.
        """
        if self.means is not None:
            alike = self.means[: len(self.rows)] @ row
            alike[list(nearer)] += SAME_CODE
            best = int(alike.argmax())
            if alike[best] >= JOIN:
                one = self.rows[best]
                one.total, one.size = one.total + row, one.size + 1
                self.means[best] = one.mean
                return best, float(alike[best])
        self.rows.append(Cluster(row.copy(), 1))
        self._grow(row)
        return len(self.rows) - 1, 1.0

    def _grow(self, row: Array) -> None:
        if self.means is None:
            self.means = np.zeros((64, len(row)), np.float32)
        if len(self.means) < len(self.rows):
            self.means = np.vstack([self.means, np.zeros((max(64, len(self.means)), len(row)), np.float32)])
        self.means[len(self.rows) - 1] = row

    def merged(self, limit: float = MERGE) -> list[int]:
        """For each cluster the number of the one that it ends up in, merging the likest two while they are like."""
        count = len(self.rows)
        goes = np.arange(count)
        if count < 2:
            return goes.tolist()
        means = np.array([one.mean for one in self.rows])
        sizes = np.array([one.size for one in self.rows], float)
        alike = means @ means.T
        np.fill_diagonal(alike, -9)
        best = alike.max(1)
        while True:
            first = int(best.argmax())
            if best[first] < limit:
                return goes.tolist()
            second = int(alike[first].argmax())
            row = (alike[first] * sizes[first] + alike[second] * sizes[second]) / (sizes[first] + sizes[second])
            row[(alike[first] == -9) | (alike[second] == -9)] = -9
            row[[first, second]] = -9
            alike[first] = alike[:, first] = row
            alike[second] = alike[:, second] = -9
            sizes[first] += sizes[second]
            goes[goes == second] = first
            best = alike.max(1)


def b_cubed(found: Sequence[Any], right: Sequence[Any]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of a clustering against labels."""
    one, two = np.unique(found, return_inverse=True)[1], np.unique(right, return_inverse=True)[1]
    same, labelled = one[:, None] == one[None], two[:, None] == two[None]
    both = (same & labelled).sum(1)
    precision, recall = float((both / same.sum(1)).mean()), float((both / labelled.sum(1)).mean())
    return precision, recall, 2 * precision * recall / (precision + recall)


def k_means(rows: Array, count: int, seed: int) -> list[int]:
    """Spherical k-means: the baseline."""
    dice = np.random.default_rng(seed)
    centres = rows[dice.choice(len(rows), count, replace=False)]
    for _ in range(30):
        found = (rows @ centres.T).argmax(1)
        sums = [
            rows[found == one].sum(0) if (found == one).any() else rows[dice.integers(len(rows))]
            for one in range(count)
        ]
        centres = np.array(sums) / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return found.tolist()

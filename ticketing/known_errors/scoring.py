"""How well a record answers, from its parts, and in words why. Pure; `evaluate_matching --tune` chooses weights.

Scores are combined, not ranks: fusing the ranks of a strong and a weak ranker was worse than the strong one alone.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ticketing.known_errors.signatures import Signature, matches

LIKELY = 0.5  # chance from which a suggestion is shown as an answer; below it, "perhaps" or nothing
POSSIBLE = 0.2


@dataclass(frozen=True)
class Weights:
    """What each part counts, and the logistic curve that turns the sum into a chance of being the answer."""

    words: float
    title: float
    meaning: float
    slope: float
    offset: float


# Chosen on half of each article's queries of two samples, by `evaluate_matching --tune`: docs/known_errors.md says how,
# and what came of it on the other halves.
WITH_MEANING = Weights(words=0.05, title=0.03, meaning=1.0, slope=8.7, offset=0.565)
WITHOUT_MEANING = Weights(words=0.8, title=1.0, meaning=0.0, slope=5.6, offset=0.554)


@dataclass(frozen=True)
class Parts:
    """What the search found about one record: each part from 0 to 1."""

    words: float = 0.0
    title: float = 0.0
    meaning: float | None = None
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """The chance that it is the answer, with the reasons in words."""

    value: float
    why: list[str] = field(default_factory=list)


def weigh(parts: Parts, weights: Weights) -> float:
    """The weighted sum of the parts of the text."""
    return weights.words * parts.words + weights.title * parts.title + weights.meaning * (parts.meaning or 0.0)


def chance(parts: Parts, weights: Weights) -> float:
    """The same as a chance of being the answer."""
    return 1 / (1 + math.exp(-weights.slope * (weigh(parts, weights) - weights.offset)))


def score(article: Any, parts: Parts, *, text: str, signature: Signature | None, weights: Weights) -> Score:
    """Text, signature and exact error texts together: independent signs, each makes it likelier."""
    doubt, why = 1.0, []
    signed, signs = matches(signature, article) if signature else (0.0, [])
    if signed:
        doubt *= 1 - 0.85 * signed
        why += signs
    if shown := said_exactly(text, article.error_strings):
        doubt *= 0.1
        why.append(f"the exact error: “{shown}”")
    if text:
        likely = chance(parts, weights)
        doubt *= 1 - likely
        why += _in_words(parts, likely)
    return Score(round(1 - doubt, 4), why)


def said_exactly(text: str, errors: Sequence[str]) -> str:
    """The first error text of a record that stands in what was said; whole words only."""
    said = f" {_plain(text)} "
    return next((error for error in errors if _plain(error) and f" {_plain(error)} " in said), "")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w/-]+", text.lower()))


def _in_words(parts: Parts, likely: float) -> list[str]:
    why = []
    if parts.shared:
        why.append("your words: " + ", ".join(parts.shared[:4]))
    if parts.title > 0.5:
        why.append("nearly the same title")
    if parts.meaning is not None and likely >= POSSIBLE and (parts.meaning >= 0.5 or not why):
        why.append("means much the same" if parts.meaning >= 0.5 else "means something alike")
    return why

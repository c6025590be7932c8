"""Weights are chosen on one half of the queries and are not worse than any part alone."""

from types import SimpleNamespace

from ticketing.known_errors.evaluation import Answer
from ticketing.known_errors.queries import Suggestion
from ticketing.known_errors.scoring import Parts
from ticketing.known_errors.tuning import choose, halves, judged, measured


def answer(right: int, *parts: tuple[float, float, float]) -> Answer:
    """A query whose records 0, 1, … have these words, title and meaning."""
    rows = [
        Suggestion(SimpleNamespace(pk=pk, error_strings=[]), 0.0, parts=Parts(*one))  # type: ignore[arg-type]
        for pk, one in enumerate(parts)
    ]
    return Answer("text", right, rows, 1.0)


def test_half_of_each_articles_queries_is_held_back_and_always_the_same() -> None:
    queries = [(f"q{number}", str(number % 5)) for number in range(40)]
    tune, test = halves(queries)
    assert sorted([*tune, *test]) == list(range(40))
    assert [sum(queries[one][1] == key for one in tune) for key in "01234"] == [4] * 5
    assert halves(queries) == (tune, test)


def test_the_combination_is_not_worse_than_its_best_part() -> None:
    answers = [answer(0, (0.4, 0.2, 0.9), (0.9, 0.1, 0.3)), answer(1, (0.2, 0.9, 0.5), (0.8, 0.2, 0.5))] * 4
    rows = [measured(one) for one in answers]
    chosen = choose(answers, meaning=True)
    best = max(judged(rows, part)[0] for part in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    assert judged(rows, (chosen.words, chosen.title, chosen.meaning))[0] >= best


def test_a_record_that_was_not_found_counts_as_missed() -> None:
    missed = answer(7, (0.4, 0.2, 0.9))
    assert judged([measured(missed)], (1.0, 0.0, 0.0))[0] == 0.0
    assert missed.ranked(choose([missed], meaning=False)).rank == 0

"""What guides hold on a person: their runs, in their own words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.personal.registry import Person, erases, exports
from ticketing.guides.models import GuideRun, GuideStep


def _of(person: Person) -> QuerySet[GuideRun]:
    """Their runs, within the organisation that asked: as customer or as provider."""
    whose = Q(email__iexact=person.email)
    if person.user is not None:
        whose |= Q(user=person.user)
    rows = GuideRun.objects.filter(whose).order_by("pk")
    if person.organisation_id is None:
        return rows
    return rows.filter(customer_id=person.organisation_id) | rows.filter(organisation_id=person.organisation_id)


@exports("guide_runs")
def runs_of_a_person(person: Person) -> Iterator[dict[str, Any]]:
    """Each run with its answers."""
    for run in _of(person).select_related("guide").prefetch_related("steps").iterator(chunk_size=200):
        answers = [{"step": step.node, "at": step.answered_at, "answer": step.answer} for step in run.steps.all()]
        yield {"guide": run.guide.title, "at": run.offered_at, "words": run.words, "answers": answers}


@erases("guide_runs")
def forget_words(person: Person, at: datetime) -> list[str]:
    """The runs stay as numbers, without the person, their words and their answers."""
    runs = list(_of(person).values_list("pk", flat=True))
    GuideStep.objects.filter(run__in=runs).exclude(answered_at=None).update(answer={}, before={}, user=None)
    GuideRun.objects.filter(pk__in=runs).update(words="", email="", user=None)
    return [f"{len(runs)} guide runs: the words and answers were erased."] if runs else []

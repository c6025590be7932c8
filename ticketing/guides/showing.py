"""Make the step ready that somebody is about to see, on a page or by the API."""

from datetime import datetime

from ticketing.guides import actions, neighbours
from ticketing.guides.models import GuideRun
from ticketing.guides.path import node_of
from ticketing.guides.screens import Screen, screen_of
from ticketing.guides.walking import open_step


def screen_now(run: GuideRun, *, at: datetime, staff: bool) -> Screen | None:
    """The step that waits. Who looks goes on after a test, and asks once for the partner's visiting times."""
    step = open_step(run)
    if step is not None and step.test_id and run.running:
        actions.settle(run=run, at=at)
        run.refresh_from_db(fields=["state", "outcome", "fixed_by", "ticket", "outage"])
        step = open_step(run)
    if step is not None and node_of(step)["type"] == "appointment" and "slots" not in step.answer:
        slots = [] if run.trial else neighbours.slots(run, at)
        given = [{"start": one.start.isoformat(), "end": one.end.isoformat()} for one in slots]
        actions.keep_slots(step=step, slots=given)
    return screen_of(run, staff=staff)

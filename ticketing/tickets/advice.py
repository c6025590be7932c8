"""What is to be done next about a ticket, by whom and by when: words and a time. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Priority → hours until somebody must have acted. Planning default.
ACT_WITHIN_HOURS = {1: 1, 2: 4, 3: 8, 4: 24}
# Priority → hours after which a wait is chased where it names no time of its own. Planning default.
CHASE_AFTER_HOURS = {1: 4, 2: 8, 3: 24, 4: 48}


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A partner ticket as the advice needs it."""

    operator: str
    state: str
    question: bool = False
    expected_at: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The open wait that decides who has the ticket."""

    owner: str
    text: str = ""
    opened_at: datetime
    until: datetime | None = None
    partner: bool = False


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that the next action follows from."""

    state: str
    priority: int
    tier: str
    assigned: bool
    since: datetime
    waiting: Waiting | None = None
    legs: tuple[Leg, ...] = ()
    auto_close_at: datetime | None = None
    knowledge_missing: bool = False
    confirmed: bool | None = None
    written: bool = False


def next_action(now: Situation) -> tuple[str, datetime | None]:
    """Words for people, and when it is due; empty where nothing is left to do."""
    if now.state in ("closed", "cancelled", "rejected"):
        return "", None
    if now.state == "resolved":
        return _resolved(now)
    found = _broken(now) or _waiting(now) or _with_partner(now)
    return found or (_ours(now), _due(now))


def _due(now: Situation) -> datetime:
    return now.since + timedelta(hours=ACT_WITHIN_HOURS[now.priority])


def _resolved(now: Situation) -> tuple[str, datetime | None]:
    if now.knowledge_missing:
        return "Write down the known error of this fix, then it can close", now.auto_close_at
    if now.written:
        return "Read what the customer wrote about the fix: reopen it, or close it", _due(now)
    return "Customer confirms the fix; else it closes by itself", now.auto_close_at


def _broken(now: Situation) -> tuple[str, datetime | None] | None:
    """A leg that did not work out needs a person at once; the newest leg counts."""
    if not now.legs:
        return None
    leg = now.legs[-1]
    if leg.state == "failed_to_send":
        return f"It did not reach {leg.operator}: send it again or call them"[:160], _due(now)
    if leg.state == "rejected" and now.waiting is None:
        return f"{leg.operator} refused it: correct it and raise it again"[:160], _due(now)
    if leg.question and (now.waiting is None or now.waiting.owner == "us"):
        return f"Answer the question of {leg.operator}"[:160], _due(now)
    if leg.silent:
        return f"Chase {leg.operator}: silent for longer than agreed"[:160], _due(now)
    return None


def _waiting(now: Situation) -> tuple[str, datetime | None] | None:
    wait = now.waiting
    if wait is None:
        return None
    chase = wait.until or wait.opened_at + timedelta(hours=CHASE_AFTER_HOURS[now.priority])
    what = f": {wait.text}" if wait.text else ""
    said = {
        "us": f"We must act{what}",
        "end_customer": f"Customer to answer{what}",
        "partner": f"Partner to go on{what}",
        "third_party": f"A third party to act{what}",
        "force_majeure": f"Beyond anybody's power{what}",
    }
    return said.get(wait.owner, f"Waiting{what}")[:160], chase


def _with_partner(now: Situation) -> tuple[str, datetime | None] | None:
    leg = next((leg for leg in reversed(now.legs) if leg.state in OWES), None)
    if leg is None:
        return None
    return f"{leg.operator} to {OWES[leg.state]}"[:160], leg.expected_at or _chase(now)


def _chase(now: Situation) -> datetime:
    return now.since + timedelta(hours=CHASE_AFTER_HOURS[now.priority])


OWES = {"submitted": "acknowledge", "acknowledged": "start work", "in_progress": "find and mend the fault"}


def _ours(now: Situation) -> str:
    if now.tier == "tsc":
        return "TSC finds the cause" if now.assigned else "TSC takes it"
    return "Test, fix, or raise it with the partner" if now.assigned else "Somebody takes it"

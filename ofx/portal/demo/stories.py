"""How an order goes, day by day: DOMAIN 4.1 (broadband) and 4.2 (Ethernet), its durations and delay reasons. Pure.

A story is a list of steps in working days from submission. Which way it goes is drawn from dice, so that the same
dice tell the same story.
"""

import random
from dataclasses import dataclass, field
from typing import Any

# reason: (weight, working days at least, at most, the partner's word, what it writes)
AFTER_COMMIT = {
    "DUCT_BLOCKAGE_CIVILS": (20, 4, 22, "DUCT_BLOCKED", "Duct blocked between two chambers; a civils gang is needed."),
    "CUSTOMER_NOT_READY": (14, 2, 9, "ROUTER_NOT_AVAILABLE", "Customer asked to wait: the router has not arrived."),
    "NO_ACCESS": (14, 2, 7, "NO_ACCESS", "Nobody was there to let the engineer in."),
    "PARTNER_MISSED_APPOINTMENT": (9, 2, 6, "SUPPLIER_NO_SHOW", "The engineer could not attend."),
    "PARTNER_WORKLOAD": (10, 2, 9, "NO_SLOTS", "No engineer is free before the new date."),
    "CAPACITY": (8, 5, 18, "CAPACITY", "The splitter is full; more capacity is being built."),
    "POLE_ISSUE": (6, 4, 15, "POLE", "The pole may not be climbed; it will be replaced."),
    "PERMIT_STREETWORKS": (6, 8, 32, "TRAFFIC_MGMT", "The council's street-works permit is outstanding."),
    "NETWORK_INCOMPLETE": (6, 5, 20, "NOT_RFS", "The network in this street is not ready for service."),
    "NO_LIGHT": (4, 2, 7, "NO_LIGHT", "No light at the socket; the fibre is being traced."),
    "SITE_UNSAFE": (2, 3, 10, "SITE_UNSAFE", "The loft holds asbestos; a survey is needed first."),
    "FORCE_MAJEURE": (1, 3, 12, "MBORC", "Storm damage in the area."),
}
BEFORE_COMMIT = {
    "WAYLEAVE": (34, 10, 45, "WAYLEAVE", "The landlord's consent is outstanding."),
    "ADDRESS_MISMATCH": (16, 1, 5, "ADDR_AMBIGUOUS", "Two premises match this address: which is it?"),
    "CUSTOMER_UNCONTACTABLE": (20, 2, 10, "CUSTOMER_UNCONTACTABLE", "Three calls, no answer from the site contact."),
    "NETWORK_INCOMPLETE": (20, 6, 25, "NOT_RFS", "More network work is needed before a date can be given."),
    "BUILDING_NOT_READY": (10, 5, 30, "BUILDING_NOT_READY", "The building is still without an entry duct."),
}
REJECTIONS = {
    "ORDER_DATA_ERROR": (5, "INVALID_REQUEST", "The address is not known to us in this form."),
    "NOT_FEASIBLE": (3, "UNABLE", "The premises cannot be reached from our network."),
    "CAPACITY": (2, "CAPACITY", "No port is free at this place."),
}
OURS = {"CUSTOMER_UNCONTACTABLE", "ADDRESS_MISMATCH", "CUSTOMER_NOT_READY", "NO_ACCESS", "BUILDING_NOT_READY"}


@dataclass(frozen=True)
class Step:
    """A fact `day` working days (with its fraction) after submission."""

    day: float
    update_type: str
    source: str = "partner"
    data: dict[str, Any] = field(default_factory=dict)
    dates: dict[str, float] = field(default_factory=dict)  # name of a date → working days after submission


def tell(dice: random.Random, technology: str, lead: int) -> list[Step]:
    """The whole life of one partner order; the caller cuts it off at today."""
    begun = [Step(0.0, "SUBMITTED", "us")]
    known = dice.uniform(0.15, 4.0) if technology in ("EAD", "DFA") else dice.uniform(0.05, 1.0)
    if dice.random() < 0.012:
        again, text = dice.uniform(0.4, 2.0), {"text": "The partner could not be reached for two days."}
        begun += [Step(0.02, "SEND_FAILED", "system", text), Step(again, "SUBMITTED", "us")]
        known += again
    if dice.random() < 0.035:
        return [*begun, rejection(dice, known)]
    begun.append(Step(known, "ACKNOWLEDGED", data={"milestone": "ACKNOWLEDGED", "partner_ref": True}))
    quiet = dice.uniform(12, 35) if dice.random() < 0.02 else 0.0  # the black hole after KCI1 (DOMAIN 10.3)
    steps, day = plan(dice, known + quiet, technology)
    if steps and steps[-1].update_type == "TERMINATED":
        return [*begun, *steps]
    rest = deliver(dice, day, technology, max(lead, round(day)))
    return maybe_cancelled(dice, [*begun, *steps, *rest])


def rejection(dice: random.Random, day: float) -> Step:
    """The partner refuses it instead of acknowledging."""
    reason, (_, raw, text) = draw(dice, REJECTIONS)
    return Step(day, "TERMINATED", data={"outcome": "rejected", "reason": reason, "raw_reason": raw, "text": text})


def draw(dice: random.Random, table: dict[str, Any]) -> tuple[str, Any]:
    """One entry by its weight."""
    names = list(table)
    chosen = dice.choices(names, [table[name][0] for name in names])[0]
    return chosen, table[chosen]


def plan(dice: random.Random, day: float, technology: str) -> tuple[list[Step], float]:
    """Between KCI1 and KCI2: survey, the black hole of consents, and charges (DOMAIN P08 to P10, E04 to E06)."""
    steps: list[Step] = []
    ethernet = technology in ("EAD", "DFA")
    if ethernet:
        day += dice.uniform(1.5, 4.5)
        steps.append(Step(day, "MILESTONE", data={"milestone": "SURVEY_BOOKED"}))
        day += dice.uniform(1.5, 5.0)
        steps.append(Step(day, "MILESTONE", data={"milestone": "SURVEY_DONE"}))
    if dice.random() < (0.2 if ethernet else 0.1):
        held, day = wait(dice, day, BEFORE_COMMIT)
        steps += held
    if dice.random() < (0.14 if ethernet else 0.03):
        charged, day, declined = charge(dice, day)
        steps += charged
        if declined:
            return steps, day
    return steps, day + dice.uniform(0.4, 2.5 if not ethernet else 4.0)


def wait(
    dice: random.Random, day: float, table: dict[str, Any], slip_to: float | None = None
) -> tuple[list[Step], float]:
    """A delay with its reason, and its end. Returns the steps and the working day on which work goes on."""
    reason, (_, least, most, raw, text) = draw(dice, table)
    length = dice.triangular(least, most, least + (most - least) * 0.3)
    data = {"reason": reason, "raw_reason": raw, "text": text}
    dates = {} if slip_to is None else {"target_date": max(slip_to, day + length + 1)}
    kind = "INFORMATION_REQUIRED" if reason in OURS and slip_to is None else "DELAY"
    start = Step(day, kind, data=data, dates=dates)
    steps = [start]
    if kind == "INFORMATION_REQUIRED" and dice.random() < 0.6:
        steps.append(Step(day + length * 0.8, "ANSWERED", "us", {"text": "Answered by the order desk."}))
    if length > 12 and slip_to is not None and dice.random() < 0.6:
        later = day + length + dice.uniform(2, 6)
        steps.append(Step(day + length * 0.6, "UPDATE", data={"text": "The date has moved again."},
                          dates={"target_date": later + 1}))  # fmt: skip
        length = later - day
    steps.append(Step(day + length, "RESUMED", data={"reason": reason, "raw_reason": raw}))
    return steps, day + length


def charge(dice: random.Random, day: float) -> tuple[list[Step], float, bool]:
    """An excess construction charge before KCI2 (R02): accepted four times in five."""
    amount = f"{dice.randrange(180, 4200, 20)}.00"
    what = {"id": "1", "amount": amount, "currency": "GBP", "text": "Excess construction: new duct", "blocking": "true"}
    raised = Step(day, "CHARGE_RAISED", data={"charge": what, "text": "Excess construction: new duct"})
    answered = day + dice.uniform(0.5, 7.0)
    if dice.random() < 0.2:
        ended = Step(answered + 0.5, "TERMINATED", data={"outcome": "cancelled", "text": "Charge declined."})
        return [raised, Step(answered, "CHARGE_DECLINED", "us"), ended], answered, True
    return [raised, Step(answered, "CHARGE_ACCEPTED", "us", {"text": f"Accepted: £{amount}"})], answered + 1, False


def deliver(dice: random.Random, day: float, technology: str, lead: int) -> list[Step]:
    """From KCI2 to KCI3 and our acceptance (DOMAIN P11 to P17, E06 to E12)."""
    ethernet = technology in ("EAD", "DFA")
    promise = max(lead * dice.uniform(0.8, 1.25), day + 2)
    steps = [Step(day, "COMMITTED", data={"milestone": "COMMITTED"},
                  dates={"committed_date": promise, "target_date": promise})]  # fmt: skip
    if dice.random() < 0.035:
        steps += later_please(day, promise + 5)
        promise += 5
    if ethernet:
        steps += build(dice, day, promise)
    target = promise
    if dice.random() < (0.34 if ethernet else 0.22):
        begin = day + (promise - day) * dice.uniform(0.3, 1.0)
        held, resumed = wait(dice, begin, AFTER_COMMIT, slip_to=promise + dice.uniform(1, 4))
        steps += held
        target = max(promise, resumed + 1)
    if dice.random() < 0.008:
        text = {
            "outcome": "failed",
            "reason": "NOT_FEASIBLE",
            "raw_reason": "UST",
            "text": "Given up after the survey.",
        }
        return [*steps, Step(target, "TERMINATED", data=text)]
    return [*steps, *visit(dice, target)]


def later_please(day: float, wished: float) -> list[Step]:
    """The customer asks for a later date and gets it: the one way in which a committed date moves (R03)."""
    asked = {"requester": "customer", "text": "The customer is away in that week."}
    granted = {"committed_date": wished, "target_date": wished, "crd": wished}
    return [
        Step(day + 0.3, "AMEND_REQUESTED", "customer", asked, {"crd": wished}),
        Step(day + 0.9, "AMENDED", dates=granted),
    ]


def build(dice: random.Random, day: float, promise: float) -> list[Step]:
    """Civils of an Ethernet tail between commitment and fit-out."""
    room = max(promise - day, 4.0)
    stages = (("WAYLEAVE_SIGNED", 0.3), ("PERMIT_GRANTED", 0.4), ("BUILD_STARTED", 0.5), ("BUILD_COMPLETE", 0.85))
    return [
        Step(day + room * share * dice.uniform(0.92, 1.05), "MILESTONE", data={"milestone": code})
        for code, share in stages
        if code.startswith("BUILD") or dice.random() < 0.5
    ]


def visit(dice: random.Random, day: float) -> list[Step]:
    """The engineer, the test, KCI3; acceptance within a day or two."""
    hours = dice.uniform(0.05, 0.3)
    partly = dice.random() < 0.006
    done = {
        "milestone": "COMPLETED",
        **({"outcome": "partial", "text": "One of two sockets fitted."} if partly else {}),
    }
    steps = [
        Step(day, "MILESTONE", data={"milestone": "VISIT_STARTED"}),
        Step(day + hours, "MILESTONE", data={"milestone": "FIT_TEST_DONE"}),
        Step(day + hours + 0.1, "COMPLETED", data=done),
    ]
    if not partly:
        steps.append(Step(day + hours + dice.uniform(0.2, 1.6), "ACCEPTED", "us", {"text": "Our test is green."}))
    return steps


def maybe_cancelled(dice: random.Random, steps: list[Step]) -> list[Step]:
    """One in 28 is cancelled by the customer, somewhere between KCI1 and the visit."""
    visits = [step.day for step in steps if step.data.get("milestone") == "VISIT_STARTED"]
    if not visits or dice.random() >= 0.036:
        return steps
    at = dice.uniform(known_day(steps) + 0.1, visits[0] - 0.1)
    kept = [step for step in steps if step.day < at]
    why = {"text": "The customer changed their mind."}
    return [*kept, Step(at, "CANCEL_REQUESTED", "us", why), Step(at + dice.uniform(0.3, 1.5), "CANCELLED")]


def known_day(steps: list[Step]) -> float:
    """When the partner acknowledged."""
    return next(step.day for step in steps if step.update_type == "ACKNOWLEDGED")


def stopped_in(state: str) -> list[Step]:
    """A short story that ends in a state which chance would leave out."""
    begun = [Step(0.0, "SUBMITTED", "us")]
    if state == "failed_to_send":
        text = {"text": "The partner could not be reached for two days."}
        return [*begun, Step(1.9, "SEND_FAILED", "system", text)]
    known = [*begun, Step(0.4, "ACKNOWLEDGED", data={"milestone": "ACKNOWLEDGED", "partner_ref": True})]
    if state == "assessing_charge":
        return [*known, charge(random.Random(state), 2.2)[0][0]]  # noqa: S311 — one amount for all of them
    dates = {"committed_date": 12.0, "target_date": 12.0}
    known.append(Step(1.6, "COMMITTED", data={"milestone": "COMMITTED"}, dates=dates))
    if state == "assessing_amend":
        return [*known, later_please(2.4, 17)[0]]
    if state == "assessing_cancel":
        return [*known, Step(2.6, "CANCEL_REQUESTED", "us", {"text": "The customer changed their mind."})]
    if state in BLOCKS:
        reason, raw, words = BLOCKS[state]
        said = {"reason": reason, "raw_reason": raw, "text": words}
        return [*known, Step(2.2, "DELAY", data=said, dates={"target_date": 15.0})]
    return []


BLOCKS = {
    "pending": ("NO_ACCESS", "NO_ACCESS", "Nobody was there to let the engineer in."),
    "held": ("WAYLEAVE", "WAYLEAVE", "The landlord's consent is outstanding."),
}
STOPPED = ("validated", "failed_to_send", "assessing_charge", "assessing_amend", "assessing_cancel", *BLOCKS)

"""What an operator may say about its order, when, and in which words it is refused. Pure; docs/partner.md prints it.

Portal, signed link, CSV and API give the same answers: operator_answers.py writes them down.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ofx.orders.models import PartnerOrder
from ofx.orders.vocabulary import AT_PARTNER, REASON_LABELS, State

FARTHEST = timedelta(days=3 * 365)
TEXT_LIMIT, REF_LIMIT = 500, 120
MOST_CHARGED = Decimal("1000000")
OPEN_TO_ANSWERS = (*AT_PARTNER, "failed_to_send")
BEFORE_WORK = ("submitted", "acknowledged", "failed_to_send")
# As an operator's people read them; a charge is no delay and has an answer of its own.
REASONS: dict[str, str] = {name: label for name, label in REASON_LABELS.items() if name != "ECC_APPROVAL"} | {
    "ORDERING_PROVIDER_NOT_READY": "The provider is not ready",
    "PARTNER_MISSED_APPOINTMENT": "We missed the appointment",
    "PARTNER_WORKLOAD": "Our workload",
    "ASSIGNMENT_RECORDS": "Our records were wrong",
}
REASON_CHOICES = list(REASONS.items())


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One answer: its label as an act, what it says once given, and which values it takes."""

    label: str
    said: str
    update_type: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    final: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Every value that it takes, needed ones first."""
        return (*self.needs, *self.takes)


VERBS: dict[str, Verb] = {
    "acknowledge": Verb(
        label="Take the order", said="Order taken", update_type="ACKNOWLEDGED", takes=("reference", "text")
    ),
    "commit": Verb(
        label="Commit to a date", said="Committed", update_type="COMMITTED", needs=("date",),
        takes=("reference", "text"),
    ),
    "delay": Verb(
        label="Report a delay", said="Delay reported", update_type="DELAY", needs=("date", "reason"), takes=("text",)
    ),
    "hold": Verb(label="Put on hold", said="On hold", update_type="DELAY", needs=("reason",), takes=("text",)),
    "resume": Verb(label="Go on", said="Going on", update_type="RESUMED", takes=("date", "text")),
    "complete": Verb(label="Done", said="Done", update_type="COMPLETED", takes=("text",), final=True),
    "reject": Verb(
        label="We cannot deliver", said="Not delivered", update_type="TERMINATED", needs=("reason", "text"), final=True
    ),
    "ask": Verb(
        label="Ask for information", said="Asked for information", update_type="INFORMATION_REQUIRED", needs=("text",)
    ),
    "propose": Verb(
        label="Propose a visit", said="Visit proposed", update_type="REAPPOINT", needs=("date", "text")
    ),
    "note": Verb(label="Write a note", said="Note written", update_type="ADDITIONAL", needs=("text",)),
    "charge": Verb(
        label="Raise a charge", said="Charge raised", update_type="CHARGE_RAISED",
        needs=("amount", "currency", "text"),
    ),
    "accept_cancel": Verb(
        label="Accept the cancel", said="Cancel accepted", update_type="CANCELLED", takes=("text",), final=True
    ),
    "refuse_cancel": Verb(
        label="Refuse the cancel", said="Cancel refused", update_type="CANCEL_REFUSED", needs=("text",)
    ),
    "accept_change": Verb(
        label="Accept the change", said="Change accepted", update_type="AMENDED", takes=("date", "text")
    ),
    "refuse_change": Verb(
        label="Refuse the change", said="Change refused", update_type="AMEND_REFUSED", needs=("text",)
    ),
}  # fmt: skip
FIELD_WORDS = {
    "reference": "your reference", "date": "the date", "reason": "the reason", "text": "a few words",
    "amount": "the amount", "currency": "the currency",
}  # fmt: skip


class AnswerInvalid(ValueError):
    """The answer lacks something; `fields`: name → what is wrong and how to mend it."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer with its values checked: `checked` makes them."""

    verb: str
    reference: str = ""
    day: date | None = None
    reason: str = ""
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""

    @property
    def kind(self) -> Verb:
        """What may be said of this verb."""
        return VERBS[self.verb]


@dataclass
class _Reading:
    """The values of one answer on their way from what was typed."""

    kind: Verb
    given: dict[str, Any]
    today: date
    wrong: dict[str, str] = field(default_factory=dict)

    def line(self, name: str, limit: int) -> str:
        """A text without control characters; an error where it is longer than the limit."""
        found = "".join(one if one.isprintable() else " " for one in str(self.given.get(name) or "")).strip()
        if len(found) > limit:
            self.wrong[name] = f"Write at most {limit} characters for {FIELD_WORDS[name]}, not {len(found)}."
        return found

    def day(self) -> date | None:
        """The date, within the next three years."""
        value = self.given.get("date")
        if value in (None, ""):
            return None
        try:
            found = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        except ValueError:
            self.wrong["date"] = f"Write the date as YYYY-MM-DD, for example {self.today.isoformat()}."
            return None
        if isinstance(found, datetime):
            found = found.date()
        if not self.today <= found <= self.today + FARTHEST:
            self.wrong["date"] = f"Choose a date from today ({self.today:%d %b %Y}) to three years ahead."
        return found

    def reason(self) -> str:
        """A canonical reason."""
        found = self.line("reason", 40).upper().replace(" ", "_")
        if found and found not in REASONS:
            self.wrong["reason"] = f"There is no reason {found[:40]}. Choose one of: {', '.join(REASONS)}."
        return found

    def amount(self) -> Decimal | None:
        """A price with at most two decimals."""
        value = self.given.get("amount")
        if value in (None, ""):
            return None
        try:
            found = Decimal(str(value).strip())
            exact = found.is_finite() and found == round(found, 2)
        except (InvalidOperation, ValueError):
            exact = False
        if not exact or not 0 < found <= MOST_CHARGED:
            self.wrong["amount"] = "Write the amount as a number above 0 with at most two decimals, for example 450.00."
            return None
        return round(found, 2)

    def currency(self) -> str:
        """Three capital letters."""
        found = self.line("currency", 3).upper()
        if found and not (len(found) == 3 and found.isascii() and found.isalpha()):
            self.wrong["currency"] = "Write the currency in three letters, for example GBP."
        return found


def checked(verb: str, given: dict[str, Any], today: date) -> Answer:
    """The answer of what was typed. Raises AnswerInvalid that names every wrong value and its fix."""
    if verb not in VERBS:
        raise AnswerInvalid({"answer": f"There is no answer {verb[:40]!r}. Choose one of: {', '.join(VERBS)}."})
    kind = VERBS[verb]
    reading = _Reading(kind, {name: value for name, value in given.items() if name in kind.fields}, today)
    values: dict[str, Any] = {
        "reference": reading.line("reference", REF_LIMIT),
        "date": reading.day(),
        "reason": reading.reason(),
        "text": reading.line("text", TEXT_LIMIT),
        "amount": reading.amount(),
        "currency": reading.currency(),
    }
    wrong = reading.wrong
    for name in kind.needs:
        if values[name] in (None, "") and name not in wrong:
            wrong[name] = f"Say {FIELD_WORDS[name]}: “{kind.label}” needs it."
    if values["reason"] == "OTHER" and not values["text"] and "text" not in wrong:
        wrong["text"] = "The reason OTHER needs a few words that say what it is."
    if wrong:
        raise AnswerInvalid(wrong)
    values["day"] = values.pop("date")
    return Answer(verb=verb, **values)


def refusal(row: PartnerOrder, verb: str, open_kinds: Iterable[str] = ()) -> str:
    """Why this answer is not possible now, in words; empty where it is. `open_kinds`: kinds of its open flags."""
    kinds = set(open_kinds)
    if row.state not in OPEN_TO_ANSWERS:
        return f"The order is {State(row.state).label.lower()}: it takes no more answers."
    if verb in ("accept_cancel", "refuse_cancel"):
        return "" if "assessing_cancel" in kinds else "The provider has not asked to cancel this order."
    if verb in ("accept_change", "refuse_change"):
        return "" if "assessing_amend" in kinds else "The provider has not asked to change this order."
    if "assessing_cancel" in kinds and verb not in ("complete", "note"):
        return "The provider has asked to cancel this order: accept or refuse that first."
    if verb == "commit":
        return _no_commitment(row, kinds)
    if verb == "resume" and not kinds & {"held", "pending"}:
        return "Nothing is on hold."
    if verb == "charge" and "assessing_charge" in kinds:
        return "A charge awaits the provider's answer already: wait for it before you raise another."
    return ""


def _no_commitment(row: PartnerOrder, kinds: set[str]) -> str:
    if row.icdd is not None:
        held_to = row.committed_date or row.icdd
        return (
            f"You have committed to {held_to:%d %b %Y}, and a commitment moves only when the provider asks (R03). "
            "Report a delay with the new date instead."
        )
    if "assessing_charge" in kinds:
        return "Your charge awaits the provider's consent (R02): commit once it is answered."
    return ""


def possible(row: PartnerOrder, open_kinds: Iterable[str]) -> list[str]:
    """The answers that are possible now, in the order of VERBS."""
    kinds = set(open_kinds)
    taken = row.acknowledged_at is not None
    return [verb for verb in VERBS if not refusal(row, verb, kinds) and not (verb == "acknowledge" and taken)]

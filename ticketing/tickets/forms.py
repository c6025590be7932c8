"""Forms of the desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from ofx.core.models import User
from ofx.orders.vocabulary import REASON_LABELS
from ticketing.tickets.models import FaultRules, Macro, Ticket, TicketLink, TicketNote
from ticketing.tickets.testing import KINDS
from ticketing.tickets.vocabulary import (
    CHARACTERISTICS,
    WAIT_WORDS,
    Channel,
    ClockOwner,
    FaultClass,
    Impact,
    Severity,
    Tier,
    Verdict,
)

TEXT = 4000
WAIT_REASONS = [*WAIT_WORDS.items(), *REASON_LABELS.items()]


def text_field(label: str, rows: int = 3, most: int = TEXT, **more: Any) -> forms.CharField:
    """Some lines of text."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class NoteForm(forms.Form):
    """Something said about the ticket, to whom, perhaps with a question and a file."""

    text = text_field("Note", 3, 8000, required=False)
    audience = forms.ChoiceField(choices=TicketNote.Audience.choices, required=False)
    is_question = forms.BooleanField(label="Asks for an answer", required=False)
    file = forms.FileField(required=False, help_text="PDF, PNG, JPG, TXT, CSV, XLSX, DOCX or EML")

    def clean_audience(self) -> str:
        """Internal unless another was chosen."""
        return self.cleaned_data["audience"] or "internal"

    def clean_file(self) -> Any:
        """Not larger than we take."""
        file = self.cleaned_data.get("file")
        if file and file.size > settings.ATTACHMENT_MAX_BYTES:
            raise ValidationError(f"The file is larger than {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB.")
        return file

    def clean(self) -> dict[str, Any]:
        """A text, or at least a file; nobody can be asked in an internal note."""
        data = super().clean() or {}
        if not data.get("text") and not data.get("file") and not self.errors:
            raise ValidationError("Write something, or choose a file.")
        if data.get("is_question") and data.get("audience") in ("internal", "all"):
            raise ValidationError("A question goes to the customer or to the partner: choose which.")
        return data


class AnswerForm(forms.Form):
    """An answer to a partner's question."""

    text = text_field("Answer", 3)


class AssignForm(forms.Form):
    """To whom it goes."""

    to = forms.ModelChoiceField(User.objects.none(), label="Give it to", required=False, empty_label="Nobody")
    team = forms.CharField(label="Team", max_length=40, required=False)


class ChangeForm(forms.Form):
    """What is wrong, and how badly."""

    title = forms.CharField(label="What is wrong", max_length=200)
    fault_class = forms.ChoiceField(label="Class", choices=FaultClass.choices)
    severity = forms.ChoiceField(choices=Severity.choices)
    impact = forms.ChoiceField(choices=Impact.choices)


class WaitForm(forms.Form):
    """On whom it waits and why."""

    owner = forms.ChoiceField(label="It waits on", choices=[one for one in ClockOwner.choices if one[0] != "us"])
    reason = forms.ChoiceField(choices=WAIT_REASONS)
    text = forms.CharField(label="In words", max_length=500, required=False)


class ResolveForm(forms.Form):
    """What solved it."""

    fix = text_field("What solved it", 3, help_text="The customer reads it in their own words; TSC learns from it.")
    cause = forms.CharField(label="Cause", max_length=300, required=False)
    clear_code = forms.CharField(label="Clear code", max_length=40, required=False)
    verdict = forms.ChoiceField(
        label="Whose side was it", choices=[("", "Not known"), *Verdict.choices], required=False
    )
    tier = forms.ChoiceField(label="Solved by", choices=Tier.choices, initial="l1")
    waive = forms.CharField(
        label="Why its own steps were not needed",
        max_length=300,
        required=False,
        help_text="Only where the partner solved it and mandatory steps of its work are open.",
    )

    def __init__(self, *args: Any, waivable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not waivable:
            del self.fields["waive"]


class WhyForm(forms.Form):
    """Why something is done."""

    why = text_field("Why", 2, 300)


class TriedForm(forms.Form):
    """What was tried before TSC gets it."""

    tried = text_field("What was tried, and what was seen", 4)


class MergeForm(forms.Form):
    """The ticket that stays."""

    into = forms.CharField(label="Ticket that stays", max_length=20, help_text="Its reference, such as TT-000123.")


class SplitForm(forms.Form):
    """A second fault inside this one."""

    title = forms.CharField(label="What is the other fault", max_length=200)
    fault_class = forms.ChoiceField(label="Class", choices=FaultClass.choices)


class LinkForm(forms.Form):
    """Another ticket that belongs to it."""

    other = forms.CharField(label="Ticket", max_length=20, help_text="Its reference, such as TT-000123.")
    kind = forms.ChoiceField(label="It", choices=TicketLink.Kind.choices)


class TestForm(forms.Form):
    """A service test; one that interrupts the service needs somebody's consent (DOMAIN R19)."""

    kind = forms.ChoiceField(label="Test", choices=[(code, words) for code, (words, _) in KINDS.items()])
    consent = forms.CharField(
        label="Who agreed to the interruption", max_length=200, required=False,
        help_text="Only for a test that interrupts the service: name and time.",
    )  # fmt: skip


class StepForm(forms.Form):
    """Evidence of a step of the checklist."""

    evidence = forms.CharField(max_length=2000, required=False)
    skipped = forms.BooleanField(required=False)


class RaiseForm(forms.Form):
    """What the partner must know: each characteristic that it demands, filled in from the answers."""

    override_reason = forms.CharField(
        label="Raise it although the test speaks against it, because", max_length=300, required=False
    )

    def __init__(self, *args: Any, required: list[str], lengths: dict[str, int], given: dict[str, str]) -> None:
        super().__init__(*args)
        also = ["LAST_WORKED"] if "SERVICE_HAS_WORKED" in required else []
        self.codes = list(dict.fromkeys([*required, *also, *given]))
        last = self.fields.pop("override_reason")
        for code in self.codes:
            question, kind = CHARACTERISTICS.get(code, (code.replace("_", " ").capitalize(), "text"))
            self.fields[code] = _asked(question, kind, code in required, lengths.get(code), given.get(code, ""))
        self.fields["override_reason"] = last

    def characteristics(self) -> dict[str, str]:
        """Code → value of those that were given."""
        return {code: str(self.cleaned_data[code]) for code in self.codes if self.cleaned_data.get(code)}


def _asked(question: str, kind: str, required: bool, length: int | None, given: str) -> forms.Field:
    """One characteristic. The action decides what is missing, and says so at the field."""
    note = "The partner demands it." if required else ""
    common: dict[str, Any] = {"label": question, "required": False, "initial": given, "help_text": note}
    if kind == "yes_no":
        return forms.ChoiceField(choices=[("", "Choose"), ("yes", "Yes"), ("no", "No")], **common)
    if kind == "date":
        return forms.CharField(max_length=40, widget=forms.DateInput(attrs={"type": "date"}), **common)
    return forms.CharField(max_length=length or 500, **common)


class NewTicketForm(forms.Form):
    """A fault that somebody tells the desk of."""

    title = forms.CharField(
        label="What is wrong", max_length=200, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    )
    description = text_field("In their words", 3, 8000, required=False)
    fault_class = forms.ChoiceField(label="Class", choices=FaultClass.choices, initial="other")
    severity = forms.ChoiceField(choices=Severity.choices, initial="moderate")
    impact = forms.ChoiceField(choices=Impact.choices, initial="degraded")
    channel = forms.ChoiceField(label="Came by", choices=Channel.choices, initial="phone")
    contact_name = forms.CharField(label="Contact", max_length=120, required=False)
    contact_phone = forms.CharField(label="Phone", max_length=40, required=False)
    contact_email = forms.EmailField(label="E-mail", required=False)
    postcode = forms.CharField(label="Postcode", max_length=12, required=False)
    place_text = forms.CharField(label="Place", max_length=300, required=False)
    take = forms.BooleanField(label="I take it", required=False, initial=True)

    def opened(self) -> dict[str, Any]:
        """The values as the action takes them."""
        data = self.cleaned_data
        names = ("title", "description", "fault_class", "severity", "impact", "channel")
        contact = {name: data[f"contact_{name}"] for name in ("name", "phone", "email")}
        place = {"country": "GB", "postcode": data["postcode"], "text": data["place_text"]}
        return {
            **{name: data[name] for name in names},
            "contact": contact if any(contact.values()) else None,
            "place": place if data["postcode"] or data["place_text"] else None,
        }


def ticket_initial(ticket: Ticket) -> dict[str, Any]:
    """A ticket's own values for ChangeForm."""
    return {name: getattr(ticket, name) for name in ("title", "fault_class", "severity", "impact")}


class HandoverForm(forms.Form):
    """What the next shift must know."""

    text = text_field("What must the next shift know?", 5, 8000)


class MacroForm(forms.ModelForm):  # type: ignore[type-arg]
    """A reply that people give often."""

    class Meta:
        model = Macro
        fields = ["name", "key", "text", "audience", "then_state"]
        labels = {"key": "Keys after m", "audience": "Written to", "then_state": "Afterwards"}
        widgets = {
            "text": forms.Textarea(attrs={"rows": 6}),
            "audience": forms.Select(choices=TicketNote.Audience.choices),
            "then_state": forms.Select(choices=[("", "Nothing"), ("pending", "It waits for the answer")]),
        }


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a partner demands before it takes a fault."""

    required = forms.MultipleChoiceField(
        label="Must be given", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(code, question) for code, (question, _) in CHARACTERISTICS.items()],
    )  # fmt: skip
    barring_codes = forms.CharField(
        label="Test codes that bar raising", required=False, max_length=400, help_text="Separated by commas."
    )
    max_lengths = forms.CharField(
        label="Most characters", required=False, max_length=400, help_text="Such as description=500, CPE_TYPE=40."
    )

    class Meta:
        model = FaultRules
        fields = ["required", "test_required", "test_max_age_minutes", "green_blocks", "barring_codes", "max_lengths",
                  "ticket_url"]  # fmt: skip
        labels = {
            "test_required": "A test is required", "test_max_age_minutes": "Test not older than, minutes",
            "green_blocks": "A green test bars raising unless a reason is given",
            "ticket_url": "Deep link to its ticket",
        }  # fmt: skip
        help_texts = {"green_blocks": "", "ticket_url": "Such as https://partner.example/tickets/{partner_ref}"}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["barring_codes"] = ", ".join(self.instance.barring_codes or [])
        lengths = self.instance.max_lengths or {}
        self.initial["max_lengths"] = ", ".join(f"{name}={most}" for name, most in lengths.items())

    def clean_barring_codes(self) -> list[str]:
        """Codes in capitals, each once."""
        found = [part.strip().upper() for part in self.cleaned_data["barring_codes"].split(",")]
        return list(dict.fromkeys(part for part in found if part))

    def clean_max_lengths(self) -> dict[str, int]:
        """name=number pairs."""
        found = {}
        for part in filter(None, (one.strip() for one in self.cleaned_data["max_lengths"].split(","))):
            name, _, number = part.partition("=")
            if not number.strip().isdigit() or not 0 < int(number) <= 20_000:
                raise ValidationError(f"“{part}” is not of the form description=500.")
            found[name.strip()] = int(number)
        return found

    def clean_ticket_url(self) -> str:
        """A web address with the place of the reference."""
        url = str(self.cleaned_data["ticket_url"] or "").strip()
        if url and (not url.startswith("https://") or "{partner_ref}" not in url):
            raise ValidationError("It must start with https:// and hold {partner_ref}.")
        return url

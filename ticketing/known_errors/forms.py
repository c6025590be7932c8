"""What people write of a known error."""

from typing import Any

from django import forms

from partners.models import Operator
from ticketing.known_errors.models import KnownError

LINES = "One a line."
STEPS = "One a line: what to do | risk | consent (yes or nothing) | what must be so before | the way back."
STEP_PARTS = ("text", "risk", "consent", "prerequisites", "rollback")
MOST = 60


class Lines(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, *, longest: int = 200, upper: bool = False, **options: Any) -> None:
        self.longest, self.upper = longest, upper
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(required=False, max_length=20_000, **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a list without empty ones."""
        lines = [" ".join(line.split()) for line in str(super().to_python(value) or "").splitlines()]
        return [line.upper() if self.upper else line for line in lines if line]

    def validate(self, value: Any) -> None:
        """Each line short enough, and not too many."""
        if len(value) > MOST:
            raise forms.ValidationError(f"At most {MOST} lines.")
        if long := next((line for line in value if len(line) > self.longest), ""):
            raise forms.ValidationError(f"At most {self.longest} characters a line; shorten “{long[:30]}…”.")

    def run_validators(self, value: Any) -> None:
        """The length is checked line by line."""


class Pairs(Lines):
    """Lines `one | two` as a list of objects."""

    names: tuple[str, ...]

    def __init__(self, *names: str, **options: Any) -> None:
        self.names = names
        super().__init__(longest=1500, **options)

    def prepare_value(self, value: Any) -> Any:
        """Objects as lines; empty parts at the end are left out."""
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join(self._parts(row)).rstrip(" |") for row in value)

    def _parts(self, row: dict[str, Any]) -> list[str]:
        values = (row.get(name) or "" for name in self.names)
        return ["yes" if value is True else str(value) for value in values]

    def clean(self, value: Any) -> Any:
        """Lines as objects."""
        return [self._row(line) for line in super().clean(value)]

    def _row(self, line: str) -> dict[str, Any]:
        parts = [part.strip() for part in line.split("|", len(self.names) - 1)]
        parts += [""] * (len(self.names) - len(parts))
        row: dict[str, Any] = dict(zip(self.names, parts, strict=True))
        if "consent" in row:
            row["consent"] = row["consent"].lower() in {"yes", "y", "true", "1"}
        return row


class KnownErrorForm(forms.ModelForm):  # type: ignore[type-arg]
    """The whole record (DOMAIN 9.1)."""

    was_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    error_strings = Lines(label="Error texts, exactly", help_text=LINES, longest=300)
    test_codes = Lines(
        label="Test codes", help_text=LINES + " A star stands for any ending: ONT_NO_*", longest=60, upper=True
    )
    closure_codes = Lines(label="Closure codes", help_text=LINES, longest=60, upper=True)
    steps = Pairs(*STEP_PARTS, label="Steps", help_text=STEPS)
    affected = Pairs("item", "reason", label="Affected items", help_text="One a line: item | why it is affected.")
    documents = Pairs("name", "url", label="Documents", help_text="One a line: name | https://…")
    note = forms.CharField(required=False, max_length=300, label="What did you change, and why?")

    class Meta:
        model = KnownError
        fields = (
            "title", "symptom_customer", "symptom_technical", "error_strings", "fault_class", "operator", "product",
            "technology", "cpe_model", "firmware_from", "firmware_to", "affected", "test_codes", "test_colour", "leds",
            "closure_codes", "cause", "cause_domain", "workaround", "steps", "verify", "customer_title",
            "customer_text", "fix_what", "fix_owner", "fix_eta", "fix_partner_ref", "confidence", "visibility",
            "owner_group", "review_by", "documents", "language", "supersedes",
        )  # fmt: skip
        labels = {
            "title": "What goes wrong",
            "symptom_customer": "How customers put it",
            "symptom_technical": "How it looks to us",
            "cpe_model": "Router or fibre box",
            "leds": "Lights",
            "workaround": "What helps, in one line",
            "verify": "Which test must go green",
            "customer_title": "Title for customers",
            "customer_text": "What a customer should do",
            "fix_what": "Permanent fix",
            "fix_owner": "Who makes it",
            "fix_eta": "When",
            "fix_partner_ref": "Partner's problem reference",
            "visibility": "Who may read it",
            "test_colour": "Test colour",
        }
        help_texts = {
            "customer_text": "Plain words, no codes, nobody's name. Customers see this and the title, nothing else.",
            "leds": "Comma between lights: PON off, LOS red.",
        }
        widgets = {
            **{name: forms.Textarea(attrs={"rows": 3}) for name in ("symptom_customer", "symptom_technical", "cause")},
            "customer_text": forms.Textarea(attrs={"rows": 5}),
            "fix_eta": forms.DateInput(attrs={"type": "date"}),
            "review_by": forms.DateInput(attrs={"type": "date"}),
        }

    # Groups of the page: heading, fields.
    GROUPS = (
        ("What people see", ("title", "symptom_customer", "symptom_technical", "error_strings")),
        ("How to know it again", ("test_codes", "test_colour", "leds", "closure_codes")),
        ("What helps", ("workaround", "steps", "verify")),
        ("In the customer's words", ("customer_title", "customer_text")),
        ("Cause and permanent fix", ("cause", "cause_domain", "fix_what", "fix_owner", "fix_eta", "fix_partner_ref")),
        ("Where it applies", ("fault_class", "operator", "product", "technology", "cpe_model", "firmware_from",
                              "firmware_to", "affected")),
        ("Upkeep", ("confidence", "visibility", "owner_group", "review_by", "documents", "language", "supersedes",
                    "note")),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["operator"].queryset = Operator.objects.visible_to(user)  # type: ignore[attr-defined]
        mine = KnownError.objects.visible_to(user).exclude(pk=self.instance.pk).order_by("reference")
        self.fields["supersedes"].queryset = mine  # type: ignore[attr-defined]
        self.initial.setdefault("was_version", self.instance.version if self.instance.pk else None)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def clean_documents(self) -> list[dict[str, Any]]:
        """Web addresses only: anything else could run in the reader's browser."""
        for row in self.cleaned_data["documents"]:
            if not row["url"].startswith(("https://", "http://")):
                raise forms.ValidationError(f"“{row['name']}” needs a web address: name | https://…")
        return list(self.cleaned_data["documents"])


class SearchForm(forms.Form):
    """What the search is asked."""

    q = forms.CharField(required=False, max_length=2000, label="What goes wrong?")
    code = forms.CharField(required=False, max_length=60)
    colour = forms.ChoiceField(
        required=False, choices=[("", ""), ("green", "Green"), ("amber", "Amber"), ("red", "Red")]
    )
    leds = forms.CharField(required=False, max_length=120)
    closure = forms.CharField(required=False, max_length=60)
    technology = forms.CharField(required=False, max_length=20)
    limit = forms.IntegerField(required=False, min_value=1, max_value=20)

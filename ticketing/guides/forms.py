"""Forms of the editor: a guide's head, and a node of each kind with its answers and branches."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from ticketing.guides.graph import FACTS, KINDS, LEAVES, OPERATORS, TYPES, Node, branches_of
from ticketing.guides.models import Guide
from ticketing.guides.pictures import PICTURES
from ticketing.tickets.vocabulary import CHARACTERISTICS, Impact, Severity

NOTHING = ("", "–")
TESTS = {
    "line": "Line",
    "ont": "Fibre box (ONT)",
    "uniport": "Customer port",
    "cfm": "Ethernet continuity",
    "full": "Full line test",
}
ROWS = 3  # empty rows below those that are there
MOST_ROWS = 24


class GuideForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a guide is for."""

    class Meta:
        model = Guide
        fields: tuple[str, ...] = ("title", "fault_class", "audience", "summary", "minutes", "active")
        labels = {
            "title": "Title",
            "fault_class": "For which fault",
            "audience": "For whom",
            "summary": "What it does",
            "minutes": "Minutes, about",
            "active": "Offered to people",
        }


class NewGuideForm(GuideForm):
    """A new guide: empty, or like another."""

    like = forms.ModelChoiceField(
        Guide.objects.none(), required=False, label="Begin with a copy of", empty_label="an empty guide"
    )

    class Meta(GuideForm.Meta):
        fields = ("title", "fault_class", "audience", "summary", "minutes")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["like"].queryset = Guide.objects.visible_to(user)  # type: ignore[attr-defined]


class NodeForm(forms.Form):
    """One node. Fields that its kind has not are left out."""

    name = forms.CharField(label="Short name", max_length=60, help_text="letters, digits and dashes; others lead to it")
    title = forms.CharField(label="Heading", max_length=160, required=False)
    text = forms.CharField(label="Text", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    steps = forms.CharField(
        label="Steps", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="one a line"
    )
    picture = forms.ChoiceField(label="Picture", required=False)
    answer = forms.ChoiceField(label="Kind of answer", choices=list(KINDS.items()))
    code = forms.ChoiceField(label="Kept as", required=False, help_text="then nobody asks it again")
    optional = forms.BooleanField(label="May be left open (“not sure”)", required=False)
    ask_fixed = forms.BooleanField(label="Ask “Did that fix it?” afterwards", required=False)
    reboot = forms.BooleanField(
        label="Restarts something: left out where a phone depends on the line (R19)", required=False
    )
    kind = forms.ChoiceField(label="Which test", choices=list(TESTS.items()))
    disruptive = forms.BooleanField(label="Interrupts the line: ask for consent first (R19)", required=False)
    guide = forms.ChoiceField(label="Guide to go on with")
    severity = forms.ChoiceField(label="Severity", required=False, choices=[NOTHING, *Severity.choices])
    impact = forms.ChoiceField(label="Impact", required=False, choices=[NOTHING, *Impact.choices])
    outcome = forms.ChoiceField(label="How it ends", choices=[("fixed", "Fixed"), ("not", "Not fixed")])
    next = forms.ChoiceField(label="Otherwise go on with", required=False)

    HAS: dict[str, tuple[str, ...]] = {
        "start": ("next",),
        "question": ("title", "text", "picture", "answer", "code", "optional", "next"),
        "guidance": ("title", "text", "steps", "picture", "ask_fixed", "reboot", "next"),
        "test": ("title", "text", "kind", "disruptive", "next"),
        "outage": ("next",),
        "kedb": ("title", "next"),
        "linking": ("guide",),
        "appointment": ("title", "text", "next"),
        "raise": ("title", "text", "severity", "impact"),
        "end": ("title", "text", "outcome"),
    }

    def __init__(self, *args: Any, kind: str, graph: dict[str, Any], guides: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.node_kind = kind
        for name in [name for name in self.fields if name != "name" and name not in self.HAS[kind]]:
            del self.fields[name]
        targets = [(name, _named(name, node)) for name, node in graph["nodes"].items()]
        codes = [(code, f"{code}: {words}") for code, (words, _) in CHARACTERISTICS.items()]
        pictures = [(name, f"{name}: {words[:60]}") for name, words in PICTURES.items()]
        self._choose("next", [NOTHING, *targets])
        self._choose("picture", [NOTHING, *pictures])
        self._choose("code", [NOTHING, ("digital_voice", "Phone over this line (R19)"), *codes])
        self._choose("guide", [(slug, slug) for slug in guides])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """A name that can stand in an address."""
        name = slugify(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Write a short name of letters and digits, such as lights.")
        return name

    def node(self, before: Node) -> Node:
        """The node as the form says, with what the form does not show kept."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "name"}
        if "steps" in given:
            given["steps"] = [line.strip() for line in given["steps"].splitlines() if line.strip()]
        kept = {name: value for name, value in before.items() if name not in given}
        return {
            **kept,
            "type": self.node_kind,
            **{name: value for name, value in given.items() if value not in ("", [], False)},
        }


def _named(name: str, node: Node) -> str:
    return f"{name}: {str(node.get('title') or TYPES.get(str(node.get('type')), ''))[:50]}"


class ChoiceRow(forms.Form):
    """One answer of a choice."""

    value = forms.SlugField(label="Value", max_length=40, required=False)
    label = forms.CharField(label="Words", max_length=120, required=False)
    picture = forms.ChoiceField(
        label="Picture", required=False, choices=[NOTHING, *((name, name) for name in PICTURES)]
    )

    def clean(self) -> dict[str, Any]:
        """Value and words go together; a row without both is empty."""
        given = super().clean() or {}
        if bool(given.get("value")) != bool(given.get("label")):
            raise ValidationError("Fill in value and words, or empty the row.")
        return given


class BranchRow(forms.Form):
    """One condition and where it leads. The lowest number is tried first."""

    priority = forms.IntegerField(label="Order", min_value=1, max_value=99, required=False)
    fact = forms.ChoiceField(label="When", required=False)
    op = forms.ChoiceField(label="", required=False, choices=list(OPERATORS.items()))
    value = forms.CharField(label="Value", max_length=120, required=False)
    to = forms.ChoiceField(label="Go to", required=False)

    def __init__(self, *args: Any, graph: dict[str, Any], name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = graph["nodes"]
        asked = [(key, f"the answer of {key}") for key, node in nodes.items() if node.get("type") == "question"]
        if name and name not in dict(asked):
            asked.insert(0, (name, "the answer given here"))
        self.fields["fact"].choices = [NOTHING, *asked, *FACTS.items()]  # type: ignore[attr-defined]
        self.fields["to"].choices = [NOTHING, *((key, _named(key, node)) for key, node in nodes.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A row has all of it, or nothing."""
        given = super().clean() or {}
        parts = [bool(given.get(name)) for name in ("fact", "value", "to")]
        if any(parts) and not all(parts):
            raise ValidationError("Fill in what is asked, the value and where it leads, or empty the row.")
        return given


ChoiceRows = forms.formset_factory(ChoiceRow, extra=ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
BranchRows = forms.formset_factory(BranchRow, extra=ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


def initial(node: Node, name: str) -> dict[str, Any]:
    """A node as the form's first values."""
    return {**node, "name": name, "steps": "\n".join(node.get("steps", []))}


def branch_rows(node: Node) -> list[dict[str, Any]]:
    """The branches of a node as rows."""
    return [
        {
            "priority": row.get("priority") or number,
            "fact": row.get("fact"),
            "op": row.get("is", "is"),
            "value": "|".join(map(str, row["value"])) if isinstance(row.get("value"), list) else row.get("value"),
            "to": row.get("to"),
        }
        for number, row in enumerate(branches_of(node), start=1)
    ]


def branches_from(rows: Any) -> list[dict[str, Any]]:
    """The rows of the form as branches, in their order."""
    found = [row for row in rows.cleaned_data if row.get("to")]
    found.sort(key=lambda row: row.get("priority") or 99)
    return [
        {
            "priority": number,
            "fact": row["fact"],
            "is": row["op"] or "is",
            "value": row["value"].split("|") if "|" in row["value"] else row["value"],
            "to": row["to"],
        }
        for number, row in enumerate(found, start=1)
    ]


def choices_from(rows: Any) -> list[dict[str, str]]:
    """The rows of the form as answers."""
    wanted = ("value", "label", "picture")
    return [{name: row[name] for name in wanted if row.get(name)} for row in rows.cleaned_data if row.get("value")]


def branching(kind: str) -> bool:
    """Whether a kind of node has branches."""
    return kind not in LEAVES and kind != "start"

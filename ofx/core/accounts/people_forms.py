"""Forms of an administrator: invite, role, leaver, program, sign-in of the organisation."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from ofx.core.accounts.models import Membership, Organisation, SingleSignOn, User
from ofx.core.accounts.oidc import discover
from ofx.core.accounts.people_queries import roles_offered
from ofx.core.accounts.queries import roles_of

DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class OrganisationRoleForm(forms.Form):
    """An organisation and a role that it knows; without a choice of organisations it is one's own."""

    organisation = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None, label="Acts for")
    role = forms.ChoiceField(choices=())

    def __init__(self, *args: Any, own: Organisation, managed: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
        field: Any = self.fields["organisation"]
        field.queryset, field.initial = managed.order_by("name"), own.pk
        if not managed.exclude(pk=own.pk).exists():
            del self.fields["organisation"]
        role: Any = self.fields["role"]
        role.choices, role.initial = roles_offered(own, managed), roles_of(own)[-1][0]

    def clean(self) -> dict[str, Any]:
        """The role must be one of that organisation's kind."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "organisation" not in self.fields:
            cleaned["organisation"] = self.own
        if "organisation" not in cleaned:
            return cleaned
        known = dict(roles_of(cleaned["organisation"]))
        if cleaned.get("role") and cleaned["role"] not in known:
            self.add_error("role", f"{cleaned['organisation']} knows these roles: {', '.join(known.values())}.")
        return cleaned


class InviteForm(OrganisationRoleForm):
    """Ask somebody by e-mail to act for the organisation."""

    email = forms.EmailField(label="E-mail", help_text="They get a link that works once, for a week.")
    message = forms.CharField(
        label="A word with it",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="May stay empty.",
    )
    field_order = ["email", "organisation", "role", "message"]


class ServiceForm(OrganisationRoleForm):
    """A program that acts by tokens."""

    name = forms.CharField(label="What is it called?", max_length=80, help_text="It stands in the audit under this.")
    field_order = ["name", "organisation", "role"]


class RoleForm(forms.Form):
    """Another role in the same organisation."""

    role = forms.ChoiceField(choices=())

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"role": membership.role}
        field: Any = self.fields["role"]
        field.choices = roles_of(membership.organisation)


class LeaverForm(forms.Form):
    """Who takes over what a leaver owns."""

    successor = forms.ModelChoiceField(
        queryset=Membership.objects.none(),
        label="Hand over to",
        required=False,
        empty_label="Nobody yet",
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = Membership.objects.filter(organisation_id=membership.organisation_id, user__is_service=False)
        field: Any = self.fields["successor"]
        field.queryset = colleagues.exclude(pk=membership.pk).select_related("user").order_by("user__name")
        field.label_from_instance = lambda row: str(row.user)


class AcceptForm(forms.Form):
    """The account of somebody who was invited."""

    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least ten characters; a few words in a row are easy to keep.",
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        """By the rules of every password here."""
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class FactorForm(forms.Form):
    """From when the organisation's people need a second factor."""

    since = forms.ChoiceField(
        label="Second factor",
        choices=[
            ("never", "Everybody decides for themselves"),
            ("now", "Required from now on"),
            ("7", "Required in 7 days"),
            ("30", "Required in 30 days"),
        ],
        help_text="Programs with API tokens, and people who come by the organisation's own sign-in, are not asked.",
    )

    def moment(self, at: datetime) -> datetime | None:
        """The chosen moment; None for never."""
        since = self.cleaned_data["since"]
        if since == "never":
            return None
        return at if since == "now" else at + timedelta(days=int(since))


class SignOnForm(forms.ModelForm):
    """The organisation's OpenID Connect provider; saving asks it for its discovery document."""

    client_secret = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted and never shown again. Empty: the present one stays.",
    )
    domains = forms.CharField(
        label="E-mail domains",
        help_text="Which addresses it speaks for, with spaces between: example.com example.co.uk",
    )

    issuer = forms.URLField(
        label="Issuer address",
        max_length=200,
        assume_scheme="https",
        help_text="As the provider writes it, for example https://login.example.com/realms/staff",
    )

    class Meta:
        model = SingleSignOn
        fields = ["name", "issuer", "client_id", "client_secret", "domains", "default_role", "only", "active"]
        labels = {
            "name": "Name on the sign-in page",
            "client_id": "Client id",
            "default_role": "People who come for the first time",
            "only": "The only way in: no passwords",
            "active": "In use",
        }
        help_texts = {
            "name": "",
            "default_role": "Join with this role, or need an invitation.",
            "only": "People who act for another organisation, too, keep their password.",
        }

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["domains"] = " ".join(self.instance.domains or [])
        self.initial.pop("client_secret", None)
        role: Any = self.fields["default_role"]
        role.choices = [("", "Need an invitation"), *roles_of(organisation)]

    def clean_domains(self) -> list[str]:
        """Lower case, each once."""
        found = sorted(
            {part.lower().removeprefix("@") for part in re.split(r"[\s,;]+", self.cleaned_data["domains"]) if part}
        )
        wrong = [name for name in found if not DOMAIN.fullmatch(name)]
        if wrong or not found:
            raise ValidationError(f"These are not domains: {', '.join(wrong) or 'none given'}. Write example.com.")
        return found

    def clean_issuer(self) -> str:
        """An https address whose discovery document is in order."""
        issuer: str = self.cleaned_data["issuer"].rstrip("/")
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in settings.OUTBOUND_ALLOW:
            raise ValidationError("The issuer's address must begin with https://.")
        wrong = discover(issuer)
        if wrong:
            raise ValidationError(f"This issuer does not work. {wrong}")
        return issuer

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

"""Forms of oneself: sign in, profile, e-mail, token, saved view."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError

from ofx.core.accounts.models import ApiToken, Membership, SavedView, User

WORDS = {
    "email_password_mismatch": "This e-mail and password do not belong together. Check both, and Caps Lock.",
    "too_many_login_attempts": (
        "Too many wrong passwords for this e-mail. Wait five minutes, then try again; your account is not locked."
    ),
    "rate_limited": "Too many tries from this network. Wait a minute, then try again.",
}


class SignInForm(LoginForm):
    """E-mail and password; a refusal says what to do and keeps the e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget.attrs.update({"placeholder": "", "inputmode": "email"})
        self.fields["password"].widget.attrs.update({"placeholder": ""})
        first = "password" if self.is_bound else "login"
        self.fields[first].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = ""

    def clean(self) -> dict:
        """As allauth cleans, in our words."""
        try:
            return super().clean()
        except ValidationError as error:
            raise ValidationError(WORDS.get(error.code or "", error.message), code=error.code) from error


class LostPasswordForm(ResetPasswordForm):
    """The e-mail to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        self.fields["email"].widget.attrs.update({"placeholder": "", "autofocus": True})


class NewPasswordForm(ResetPasswordKeyForm):
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("password1", "New password"), ("password2", "The same again")):
            self.fields[name].label, self.fields[name].help_text = label, ""
            self.fields[name].widget.attrs["placeholder"] = ""


class _Code:
    """How a code is typed: digits, filled in by the phone where it can."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.label = "Code"
        field.widget.attrs.update({"placeholder": "", "inputmode": "numeric", "autofocus": True})


class CodeForm(_Code, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_Code, ReauthenticateForm):
    """Confirm by a code that it is you."""


class FirstCodeForm(_Code, ActivateTOTPForm):
    """The first code of a new authenticator app."""


class ProfileForm(forms.ModelForm):
    """How the person is called, and the zone in which they read times."""

    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Every time on your pages is shown in this zone.", choices=()
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "digest"]
        labels = {"digest": "Send me the day's digest"}
        help_texts = {"digest": "By e-mail at 7 on working days: what commits, slips and waits. Nothing new, no mail."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acting = self.instance.acting
        if acting is None or acting.organisation.kind != "service_provider":  # the digest tells of a provider's orders
            del self.fields["digest"]
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        zone: Any = self.fields["time_zone"]
        zone.choices = [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in zones)]
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"


class EmailForm(forms.Form):
    """Another e-mail address to sign in by."""

    email = forms.EmailField(label="New e-mail", help_text="We send a link there; until you use it nothing changes.")


VALIDITY = [("", "Until it is revoked"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")]


class TokenForm(forms.ModelForm):
    """A new API token: what it is for, and for which organisation it acts."""

    membership = forms.ModelChoiceField(
        queryset=Membership.objects.none(), label="Acts for", empty_label=None, help_text="With your role there."
    )
    days = forms.ChoiceField(label="Valid", choices=VALIDITY, required=False)

    class Meta:
        model = ApiToken
        fields = ["label", "membership"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].required = True
        self.fields["label"].label = "What is it for?"
        self.fields["label"].widget.attrs["placeholder"] = "Nightly order import"
        choices: Any = self.fields["membership"]
        choices.queryset = Membership.objects.filter(user=user).select_related("organisation", "user")
        choices.label_from_instance = lambda row: f"{row.organisation} · {row.get_role_display()}"

    def given(self, at: datetime) -> dict[str, Any]:
        """What the action takes."""
        days = self.cleaned_data["days"]
        return {
            "label": self.cleaned_data["label"],
            "membership": self.cleaned_data["membership"],
            "expires_at": at + timedelta(days=int(days)) if days else None,
        }


class SavedViewForm(forms.ModelForm):
    """A list page's filter under a name; an empty filter is one, too."""

    query = forms.CharField(required=False, max_length=1000)

    class Meta:
        model = SavedView
        fields = ["path", "name", "query", "shared"]

    def clean_path(self) -> str:
        """Only a path of this site."""
        path = self.cleaned_data["path"]
        if not path.startswith("/") or path.startswith("//") or "\\" in path:
            raise ValidationError("A saved view belongs to a page of this site.")
        return path

"""How django-allauth signs people in here, and how its mails leave."""

from io import BytesIO
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from qrcode.image.svg import SvgPathFillImage

from ofx.core import secrets
from ofx.core.accounts import queries
from ofx.core.accounts.models import User
from ofx.core.accounts.traces import trace
from ofx.core.clock import now
from ofx.core.mail.actions import post_template


class Adapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited by their organisation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always closed."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """A person whose organisation allows only its own sign-in is led there, whatever password they have."""
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if refused or "sociallogin" in (kwargs.get("signal_kwargs") or {}):
            return refused
        door = queries.only_door(user)
        return render(request, "account/sso_only.html", {"door": door}, status=403) if door else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the failure as allauth does, and keep a trace of it where the e-mail is somebody's."""
        super().authentication_failed(request, **credentials)
        user = User.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
        if user:
            trace(user, "was refused at sign-in", request=request, actor=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's mails in our words (`templates/emails/`), sent by the worker."""
        name = template_prefix.rpartition("/")[2]
        post_template(to=email, template=name, context={**context, "base_url": settings.OFX_BASE_URL}, at=now())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail: always our own address, whatever Host the request named."""
        uid, _, rest = key.partition("-")
        return settings.OFX_BASE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": rest})

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Addresses are changed on our own page only."""
        return False


class SecondFactor(DefaultMFAAdapter):
    """Second factors: their seeds encrypted, and kept on where an organisation requires one."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code does not fit. Take the newest that your app shows, or an unused recovery code.",
        "cannot_delete_authenticator": "Your organisation requires a second factor, so it cannot be switched off.",
    }

    def encrypt(self, text: str) -> str:
        """Under OFX_FIELD_KEYS."""
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Counterpart of encrypt."""
        return secrets.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """The QR code on white, so that a phone reads it from a dark page, too."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not while an organisation of the person requires it."""
        return not queries.second_factor_required(authenticator.user, now())

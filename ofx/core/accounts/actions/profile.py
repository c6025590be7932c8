"""What a person changes about themselves."""

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from ofx.core.accounts.actions.people import NotPossible
from ofx.core.accounts.models import SavedView, User
from ofx.core.audit.actions import record
from ofx.core.mail.actions import post_template

EMAIL_SALT = "ofx.email-change"
EMAIL_LINK_SECONDS = 24 * 3600


def change_profile(
    *, user: User, name: str, time_zone: str, digest: bool | None = None, actor: User | None, at: datetime
) -> None:
    """Change how a person is called, the zone (IANA name) in which they read times, and whether they get the digest.

    `digest` None leaves that as it is.
    """
    digest = user.digest if digest is None else digest
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(name=name, time_zone=time_zone, digest=digest)
        record(actor=actor, subject=f"user:{user.pk}", verb="changed the profile", at=at, name=name, zone=time_zone)
    user.name, user.time_zone, user.digest = name, time_zone, digest


def request_email_change(*, user: User, email: str, at: datetime) -> None:
    """Send a link to the new address; the old one stays until the link is used. A taken address gets no mail."""
    if not user.has_usable_password():
        raise NotPossible("Your organisation's sign-in says what your e-mail is; ask them to change it there.")
    if User.objects.filter(email__iexact=email).exists():
        return
    token = signing.dumps([user.pk, user.email, email.lower()], salt=EMAIL_SALT)
    url = settings.OFX_BASE_URL + reverse("account_email_confirm", args=[token])
    with transaction.atomic():
        post_template(to=email, template="email_change", context={"user": user, "url": url}, at=at)
        record(actor=user, subject=f"user:{user.pk}", verb="asked to change the e-mail", at=at)


def change_email(*, token: str, user: User, at: datetime) -> str:
    """Use the link of the mail; returns the new address. Raises NotPossible with the reason in words."""
    try:
        pk, old, new = signing.loads(token, salt=EMAIL_SALT, max_age=EMAIL_LINK_SECONDS)
    except signing.BadSignature:
        raise NotPossible("This link is not valid any more. Ask for a new one on your account page.") from None
    if pk != user.pk:
        raise NotPossible("This link belongs to another account. Sign in with that one first.")
    if User.objects.filter(email__iexact=new).exists():
        raise NotPossible("This address is in use already; nothing was changed.")
    with transaction.atomic():
        if not User.objects.filter(pk=pk, email=old).update(email=new):
            raise NotPossible("This link was used already, or a newer one was.")
        post_template(to=old, template="email_changed", context={"user": user, "new": new}, at=at)
        record(actor=user, subject=f"user:{pk}", verb="changed the e-mail", at=at)
    user.email = new
    return str(new)


def save_view(*, user: User, path: str, name: str, query: str, shared: bool = False, at: datetime) -> SavedView:
    """Keep a list's query string under a name for the organisation the user acts for; the same name replaces it.

    `shared`: colleagues of that organisation see it too.
    """
    if user.acting is None:
        raise PermissionDenied("You belong to no organisation, so there is no list to keep.")
    organisation = user.acting.organisation_id
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(
            user_id=user.pk,
            organisation_id=organisation,
            path=path,
            name=name,
            defaults={"query": query, "shared": shared},
        )
        record(
            actor=user, subject=f"user:{user.pk}", verb="saved a view", at=at, organisation_id=organisation, path=path
        )
    return view


def delete_view(*, view: SavedView, actor: User | None, at: datetime) -> None:
    """Remove a saved view."""
    with transaction.atomic():
        subject, organisation, path = f"user:{view.user_id}", view.organisation_id, view.path
        view.delete()
        record(actor=actor, subject=subject, verb="deleted a view", at=at, organisation_id=organisation, path=path)

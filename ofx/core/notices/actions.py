"""Choose what one wants to be told; tell it."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.accounts.models import Organisation, User
from ofx.core.alerts.actions import tell
from ofx.core.audit.actions import record
from ofx.core.mail.actions import post_template
from ofx.core.notices.links import StopLink, stop
from ofx.core.notices.models import Channel, NoticeChoice, NoticeSent
from ofx.core.notices.queries import wants
from ofx.core.notices.registry import KINDS


class ChoiceInvalid(ValueError):
    """There is no such kind or channel, or it cannot be turned off."""


@dataclass(frozen=True)
class News:
    """One piece of news. `key` names it for ever, `url` is a path of ours, `subject` such as `order:17`."""

    kind: str
    subject: str
    key: str
    title: str
    text: str
    url: str
    page: str = ""


def choose(*, actor: User, at: datetime, organisation: Organisation, kind: str, channel: str, wanted: bool) -> None:
    """Whether the person wants this kind of news of this house by this channel. Twice is once."""
    _check(kind, channel, wanted)
    if actor.acting is None:
        raise PermissionDenied("You belong to no organisation, so nobody tells you anything here.")
    with transaction.atomic():
        before = NoticeChoice.objects.filter(organisation=organisation, email=actor.email.lower(), channel=channel)
        before.filter(kind=kind).delete()  # said before they had an account
        NoticeChoice.objects.update_or_create(
            organisation=organisation, user=actor, kind=kind, channel=channel, defaults={"wanted": wanted, "at": at}
        )
        verb = "wants to be told" if wanted else "does not want to be told"
        record(
            actor=actor, subject=f"user:{actor.pk}", verb=verb, at=at, organisation_id=organisation.pk, kind=kind,
            channel=channel,
        )  # fmt: skip


def answer_link(*, link: StopLink, at: datetime, wanted: bool) -> None:
    """The reader of a mail turns mails of its kind off, or on again. By their account where they have one."""
    _check(link.kind, Channel.EMAIL, wanted)
    organisation = Organisation.objects.get(pk=link.organisation_id)
    person = User.objects.filter(email__iexact=link.email, is_active=True).first()
    if person is not None and person.acting is not None:
        choose(actor=person, at=at, organisation=organisation, kind=link.kind, channel=Channel.EMAIL, wanted=wanted)
        return
    NoticeChoice.objects.update_or_create(
            organisation=organisation, user=None, email=link.email.lower(), kind=link.kind, channel=Channel.EMAIL,
            defaults={"wanted": wanted, "at": at},
        )  # fmt: skip


def _check(kind: str, channel: str, wanted: bool) -> None:
    known = KINDS.get(kind)
    if known is None or channel not in known.channels:
        raise ChoiceInvalid("There is no such kind of news.")
    if not wanted and channel in known.fixed:
        raise ChoiceInvalid(str(known.fixed[channel]))


def mail(*, organisation: Organisation, to: str, news: News, at: datetime) -> bool:
    """Post the news to an address, once for ever, unless its reader wants no such mail. Whether it was posted."""
    to = to.lower()
    if not to or not wants(organisation_id=organisation.pk, email=to, kind=news.kind):
        return False
    with transaction.atomic():
        _, fresh = NoticeSent.objects.get_or_create(
            organisation=organisation, recipient=to, key=news.key[:120],
            defaults={"kind": news.kind, "subject": news.subject[:80], "at": at},
        )  # fmt: skip
        if fresh:
            context = {"news": news, "provider": organisation}
            ending = stop(organisation.pk, news.kind, to)
            post_template(to=to, template="notice", context=context, at=at, stop=ending)
    return fresh


def show(*, organisation: Organisation, customer_id: int, people: list[User], news: News, at: datetime) -> int:
    """Put the news before people of a customer in the portal, once for ever, but for who wants none. How many."""
    wanted = [
        one.pk
        for one in people
        if wants(organisation_id=organisation.pk, email=one.email, kind=news.kind, channel=Channel.PORTAL)
    ]
    if not wanted:
        return 0
    return tell(
        people=wanted, organisation_id=customer_id, subject=news.subject, text=news.title, url=news.url, key=news.key,
        at=at,
    )  # fmt: skip

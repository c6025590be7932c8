"""Links to answer by from a mail, without an account: signed, for one order, one recipient and one purpose.

They are made at the moment of sending and stored nowhere: whoever reads our record of the message cannot answer in the
operator's name. The expiry lies inside, so that every try of a message carries the same links.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing

SALT = "ofx.partner.answer"
USUAL = ("acknowledge", "commit", "delay", "hold", "resume", "complete", "reject", "ask")
FAULT = ("acknowledge", "start", "resolve", "question", "hold", "note", "reject")
# What a message asks → which answers its links may give.
ANSWERS: dict[str, tuple[str, ...]] = {
    "create": USUAL,
    "answer": USUAL,
    "amend": ("accept_change", "refuse_change", "delay"),
    "cancel": ("accept_cancel", "refuse_cancel", "complete"),
    "fault:create": FAULT,
    "fault:reopen": FAULT,
    **dict.fromkeys(("fault:note", "fault:answer", "fault:attach"), FAULT[1:]),
}
FAULT_BUTTONS = (("start", "In work"), ("resolve", "Resolved"), ("question", "Ask us"), ("hold", "Put on hold"))
# As buttons of the mail: (answer, words).
BUTTONS: dict[str, tuple[tuple[str, str], ...]] = {
    "create": (
        ("acknowledge", "Take the order"), ("commit", "Commit to a date"), ("delay", "Report a delay"),
        ("complete", "Done"), ("reject", "We cannot deliver"), ("ask", "Ask for information"),
    ),
    "answer": (("commit", "Commit to a date"), ("resume", "Go on"), ("delay", "Report a delay"), ("complete", "Done")),
    "amend": (("accept_change", "Accept the change"), ("refuse_change", "Refuse the change")),
    "cancel": (("accept_cancel", "Accept the cancel"), ("refuse_cancel", "Refuse the cancel")),
    "fault:create": (("acknowledge", "Take it"), *FAULT_BUTTONS, ("reject", "Refuse")),
    "fault:reopen": FAULT_BUTTONS,
    **dict.fromkeys(("fault:note", "fault:answer", "fault:attach"), FAULT_BUTTONS),
}  # fmt: skip


class BadLink(ValueError):
    """The link was not made by us, or was changed on its way."""


@dataclass(frozen=True)
class Link:
    """What a link stands for. `purpose`: the verb of the message that carried it."""

    our_key: str
    recipient: str
    purpose: str
    until: date

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that may be given by it."""
        return ANSWERS.get(self.purpose, ())


def signed(link: Link) -> str:
    """The link's token, safe inside a URL."""
    values = [link.our_key, link.recipient, link.purpose, link.until.isoformat()]
    return signing.Signer(salt=SALT).sign_object(values).replace(":", "~")


def read(token: str) -> Link:
    """The link of a token. Raises BadLink. Whether it has expired is for the caller, who knows the time."""
    try:
        values: Any = signing.Signer(salt=SALT).unsign_object(token.replace("~", ":"))
        our_key, recipient, purpose, until = values
        return Link(str(our_key), str(recipient), str(purpose), date.fromisoformat(until))
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise BadLink("this link was not made by us, or was changed on its way") from error


def buttons(base: str, our_key: str, recipient: str, purpose: str, until: date) -> list[tuple[str, str]]:
    """(words, address) of each answer that a mail offers; none where answers have no address."""
    if not base:
        return []
    token = signed(Link(our_key, recipient, purpose, until))
    return [(words, f"{base}{token}/?answer={answer}") for answer, words in BUTTONS.get(purpose, ())]

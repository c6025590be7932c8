"""A mail as it came, read without trust: who, about what, what is new in it, and whether a machine wrote it."""

import hashlib
import re
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser

TEXT = 8000  # characters of a mail that become a note
READ = 60_000  # characters of a mail's body that are looked at
MOST_RECIPIENTS = 50

# What follows one of these lines is quoted from an earlier mail. Linear: each line is looked at once.
_QUOTES = (
    re.compile(r"^\s*-{2,}\s*(original message|forwarded message|ursprüngliche nachricht)", re.IGNORECASE),
    re.compile(r"^\s*_{20,}\s*$"),
    re.compile(r"^\s*(on|am|le)\b.{6,150}\b(wrote|schrieb|a écrit)\s*:\s*$", re.IGNORECASE),
    re.compile(r"^\s*from:\s.{3,150}$", re.IGNORECASE),
)
_AUTO_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "X-Failed-Recipients")
_AUTO_SENDERS = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce")


@dataclass(frozen=True)
class Letter:
    """What we keep of a mail."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    in_reply_to: str = ""
    references: str = ""
    recipients: list[str] = field(default_factory=list)
    automatic: bool = False


class _Words(HTMLParser):
    """The words of an HTML mail, its scripts and styles left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Blocks begin a line; what is no text is passed over."""
        if tag in ("script", "style", "head"):
            self.quiet += 1
        elif tag in ("br", "p", "div", "tr", "li", "blockquote"):
            self.parts.append("\n> " if tag == "blockquote" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """What is no text has ended."""
        if tag in ("script", "style", "head") and self.quiet:
            self.quiet -= 1

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.quiet:
            self.parts.append(data)


def read(raw: bytes) -> Letter:
    """The letter in some bytes; what cannot be read is left out. Never raises for hostile mails."""
    try:
        parsed = BytesParser(policy=policy.default).parsebytes(raw)
    except Exception:  # the standard library's parser fails on hostile headers in many ways
        parsed = EmailMessage()
    mail: EmailMessage = parsed if isinstance(parsed, EmailMessage) else EmailMessage()
    name, address = parseaddr(_header(mail, "From"))
    key = _header(mail, "Message-ID").strip() or f"<{hashlib.sha256(raw).hexdigest()[:40]}@nowhere.invalid>"
    return Letter(
        message_id=key[:250],
        sender=address.lower()[:250],
        sender_name=name[:120],
        subject=" ".join(_header(mail, "Subject").split())[:250],
        text=new_words(_body(mail))[:TEXT],
        in_reply_to=_header(mail, "In-Reply-To").strip()[:250],
        references=_header(mail, "References")[:4000],
        recipients=_recipients(mail),
        automatic=is_automatic(mail, address),
    )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        value = str(mail.get(name, "") or "")
    except Exception:  # a header that cannot be decoded
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _recipients(mail: EmailMessage) -> list[str]:
    named = [_header(mail, name) for name in ("Delivered-To", "X-Original-To", "To", "Cc")]
    found = [address.lower() for _, address in getaddresses([part[:5000] for part in named if part]) if "@" in address]
    return list(dict.fromkeys(found))[:MOST_RECIPIENTS]


def is_automatic(mail: EmailMessage, address: str) -> bool:
    """Whether a machine wrote it: out-of-office, a bounce, a list (RFC 3834). Such mails are never answered."""
    said = _header(mail, "Auto-Submitted").lower()
    if said and not said.startswith("no"):
        return True
    if _header(mail, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    if any(_header(mail, name) for name in _AUTO_HEADERS) or _header(mail, "Return-Path").strip() == "<>":
        return True
    return address.lower().split("@")[0].startswith(_AUTO_SENDERS) or not address


def _body(mail: EmailMessage) -> str:
    """The plain text, else the words of the HTML; at most READ characters."""
    for kind in ("plain", "html"):
        try:
            part = mail.get_body(preferencelist=(kind,))
            text = part.get_content() if part is not None else ""
        except Exception:  # unknown character sets, broken encodings
            text = _forced(mail, kind)
        if isinstance(text, str) and text.strip():
            text = text[:READ].replace("\x00", "").replace("\r\n", "\n")
            return text if kind == "plain" else _words(text)
    return ""


def _forced(mail: EmailMessage, kind: str) -> str:
    """The same where the mail names a character set that nobody knows: as UTF-8, the rest as question marks."""
    try:
        part = mail.get_body(preferencelist=(kind,))
        raw = part.get_payload(decode=True) if part is not None else b""
    except Exception:  # broken beyond that
        return ""
    return raw[: READ * 4].decode("utf-8", "replace") if isinstance(raw, bytes) else ""


def _words(html: str) -> str:
    reader = _Words()
    try:
        reader.feed(html)
    except Exception:  # what was read so far counts
        return "".join(reader.parts)
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts))


def new_words(text: str) -> str:
    """What the writer added: cut where the quoted history begins, quoted lines and the signature left out."""
    kept: list[str] = []
    for line in text[:READ].split("\n"):
        if any(pattern.match(line[:300]) for pattern in _QUOTES) and any(part.strip() for part in kept):
            break
        if line.rstrip("\r") in ("-- ", "--"):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()

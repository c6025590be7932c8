"""Two systems that tell each other everything must not talk to themselves (HUB 3.3, item 25).

(a) who wrote it: our own notes bear our id. (b) what we wrote: a hash of every note and file, and every state that we
set, kept on the leg; a partner that gives ids and dates of its own is known by them, each write once. (c) a fuse: more
messages about one case in ten minutes than people can cause wait for a person.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from partners.conversations.models import Leg, Message
from partners.mapping.canonical_faults import OutboundProblem, OutboundTicket, TicketNews
from partners.mapping.entities import Outbound
from partners.mapping.tmf621_in import digest
from partners.mapping.tmf621_out import MOVES, opening_notes

FUSE_WINDOW = timedelta(minutes=10)
SKEW = timedelta(minutes=5)  # how far the other side's clock may be behind ours
KEPT = 300
STATES = {**MOVES, "clear": "resolved"}
Written = dict[str, Any]


def blown(leg: Leg, at: datetime) -> bool:
    """Whether so much was said about this case lately that two machines must be talking."""
    recent = Message.objects.filter(leg=leg, direction="out", created_at__gt=at - FUSE_WINDOW)
    return recent.count() >= settings.HUB_LEG_FUSE


def remember(leg: Leg, verb: str, given: Outbound, at: datetime) -> None:
    """Keep what we tell, so that its echo is known. The caller holds the leg's lock."""
    if not isinstance(given, OutboundTicket | OutboundProblem):
        return
    written: Written = {"notes": {}, "files": {}, "states": [], **leg.written}
    for key, text in _texts(verb, given):
        written["notes"][key or f"#{len(written['notes'])}"] = digest(text.strip())
    if isinstance(given, OutboundTicket) and verb == "attach":
        written["files"][given.note_key or f"#{len(written['files'])}"] = digest(given.attachment.get("base64", ""))
    state = STATES.get(verb) or (given.state if verb == "status" else "")
    if state:
        written["states"].append([state, at.isoformat()])
    written["notes"] = dict(list(written["notes"].items())[-KEPT:])
    written["states"] = written["states"][-KEPT:]
    leg.written = written
    Leg.objects.filter(pk=leg.pk).update(written=written)


def _texts(verb: str, given: OutboundTicket | OutboundProblem) -> list[tuple[str, str]]:
    texts = [(given.note_key, given.text)] if verb != "create" and given.text else []
    if verb == "create" and isinstance(given, OutboundTicket):
        texts += [("", row["text"]) for row in opening_notes(given)]
    return texts


def without_echoes(leg: Leg, news: list[Any]) -> list[Any]:
    """The news less what we said ourselves. A state that we set is kept as a receipt of an operator (`extra.echo`),
    and dropped at a customer's own system, where it would undo what happened here meanwhile."""
    if not any(isinstance(row, TicketNews) for row in news):
        return news
    leg.written = Leg.objects.select_for_update().values_list("written", flat=True).get(pk=leg.pk)
    bound: dict[str, list[str]] = {name: list(keys) for name, keys in leg.written.get("bound", {}).items()}
    kept = [told for row in news if (told := _checked(leg, row, bound)) is not None]
    if bound != leg.written.get("bound", {}):
        leg.written = {**leg.written, "bound": bound}
        Leg.objects.filter(pk=leg.pk).update(written=leg.written)
    return kept


def _checked(leg: Leg, news: Any, bound: dict[str, list[str]]) -> Any:
    if not isinstance(news, TicketNews) or not _ours(leg.written, news, bound):
        return news
    if news.update_type in ("STATE", "RESOLVED") and leg.endpoint.customer_id is None:
        return replace(news, extra={**news.extra, "echo": True})
    return None


def _ours(written: Written, news: TicketNews, bound: dict[str, list[str]]) -> bool:
    if news.update_type in ("NOTE", "QUESTION"):
        return _same(written.get("notes", {}), news, digest(news.text.strip()), bound)
    if news.update_type == "ATTACHMENT":
        return _same(written.get("files", {}), news, str(news.extra.get("digest", "")), bound)
    if news.update_type in ("STATE", "RESOLVED"):
        since = [at for state, at in written.get("states", []) if state == news.state]
        times = [at for at in since if news.issued_at >= datetime.fromisoformat(at) - SKEW]
        return _bound(f"state:{news.state}", news.dedupe_key, len(times), bound)
    return False


def _same(written: dict[str, str], news: TicketNews, hashed: str, bound: dict[str, list[str]]) -> bool:
    """By our id; else by its words, each of our writes once: the partner may say the same after us."""
    if str(news.extra.get("note_id") or "") in written:
        return True
    return _bound(f"text:{hashed}", news.dedupe_key, list(written.values()).count(hashed), bound)


def _bound(name: str, key: str, writes: int, bound: dict[str, list[str]]) -> bool:
    """Whether this piece of news stands for one of so many writes of ours; the first ones seen do."""
    seen = bound.get(name, [])
    if key in seen:
        return True
    if len(seen) >= writes:
        return False
    bound[name] = [*seen, key]
    return True

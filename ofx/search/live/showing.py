"""Live answers as the page shows them: a line an operator, a badge an offer. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ofx.search.live.queries import Peer, Said, Truth

DELAYS = (1, 1, 1, 2, 2, 3, 5, 5, 8, 8, 13)  # seconds between two polls of the page; then it rests


@dataclass(frozen=True, slots=True)
class Line:
    """What one operator says of the place. `word` is for people, `tone` a colour that goes with it."""

    name: str
    simulated: bool
    word: str
    tone: str
    text: str
    asked: bool
    live: bool
    answered_at: datetime | None
    valid_until: datetime | None
    truth: Truth | None


def lines(peers: list[Peer], said: dict[int, Said], truths: dict[int, Truth]) -> list[Line]:
    """One line for each operator that answers live questions, by name."""
    ordered = sorted(peers, key=lambda peer: peer.name)
    return [_line(peer, said.get(peer.operator_id), truths.get(peer.operator_id)) for peer in ordered]


def _line(peer: Peer, said: Said | None, truth: Truth | None) -> Line:
    word, tone = _word(said)
    answer = said.answer if said else None
    return Line(
        name=peer.name,
        simulated=peer.simulated,
        word=word,
        tone=tone,
        text=_text(said),
        asked=bool(said and said.state == "asking"),
        live=bool(said and said.holds),
        answered_at=answer.ended_at if answer else None,
        valid_until=answer.valid_until if answer else None,
        truth=truth,
    )


def _word(said: Said | None) -> tuple[str, str]:
    if said is None:
        return "No live answer", "grey"
    if said.state == "asking":
        return "Asking", "blue"
    if said.holds and said.answer is not None:
        return ("Available", "green") if said.answer.available else ("Not available", "amber")
    return "No live answer", "grey"


def _text(said: Said | None) -> str:
    if said is None:
        return ""
    if not said.holds:
        return said.question.detail if said.state == "no_answer" else ""
    found = said.answer.lines if said.answer else []
    return next((line["text"] for line in found if line["text"]), "")


def badge(live: dict[str, Any] | None) -> dict[str, Any] | None:
    """The badge of an offer: word, tone and whether an older answer stands behind it."""
    if live is None:
        return None
    if live["state"] == "live":
        if live["available"] is None:
            return {"word": "live: not named", "tone": "grey", "live": live}
        if not live["available"]:
            return {"word": "live: refused", "tone": "amber", "live": live}
        return {"word": "live: transfer" if live["transfer"] else "live", "tone": "green", "live": live}
    return {"word": "asking" if live["state"] == "asking" else "no live answer", "tone": "grey", "live": live}

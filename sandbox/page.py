"""The small page for people: who the simulated partners are and what they hold."""

from __future__ import annotations

from html import escape

from sandbox import scenarios
from sandbox.config import Config
from sandbox.desk import Desk

STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid #8886}.mark{background:#c60;color:#fff;padding:.1rem .5rem;border-radius:.3rem}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}"""


def _row(cells: list[object], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"


def _partner(desk: Desk) -> str:
    states = desk.store.rows("SELECT state, count(*) AS n FROM orders GROUP BY state ORDER BY state")
    waiting = desk.store.one("SELECT count(*) AS n FROM outbox WHERE waiting = 1")
    way = "TMF622 v4" if desk.partner.kind == "tmf622" else "e-mail with CSV"
    if desk.partner.habits.webhooks:
        way += ", webhooks"
    held = ", ".join(f"{row['n']} {row['state']}" for row in states) or "none"
    cells = [desk.partner.name, way, held, waiting["n"] if waiting else 0, desk.store.journal_size()]
    return _row([*cells, desk.down() or "up"])


def render(config: Config, desks: dict[str, Desk]) -> str:
    """The whole page; no credential stands on it."""
    head = _row(["Partner", "Way", "Orders", "News waiting", "Journal entries", "Now"], "th")
    partners = "".join(_partner(desk) for desk in desks.values())
    table = "".join(
        _row([f"[scenario:{name}]", scenarios.WEIGHTS.get(name, 0), text]) for name, text in scenarios.TEXTS.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated partners</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style><h1>Simulated partners</h1>"
        '<p><span class="mark">Simulated</span> No network is touched: these operators exist only here.'
        f" One working day lasts {config.day_seconds:g} seconds times the partner's pace.</p>"
        f"<table>{head}{partners}</table><h2>Scenarios</h2>"
        f"<table>{_row(['Marker', 'Weight', 'What happens'], 'th')}{table}</table></html>"
    )

"""The small page for people: who the simulated partners are and what they hold."""

from __future__ import annotations

from html import escape

from sandbox import scenarios
from sandbox.care import lines
from sandbox.care import scenarios as fault_scenarios
from sandbox.care.desk import Care
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


def _care(care: Care) -> str:
    cells: list[object] = [care.house.partner.name]
    for kind in ("ticket", "test", "problem"):
        sql = "SELECT state, count(*) AS n FROM cases WHERE kind = ? GROUP BY state ORDER BY state"
        rows = care.store.rows(sql, (kind,))
        cells.append(", ".join(f"{row['n']} {row['state']}" for row in rows) or "none")
    faulty = care.store.rows("SELECT service, doc FROM lines ORDER BY service LIMIT 200")
    broken = [row["service"] for row in faulty if lines.condition(care.house, row["service"])["code"] != "LINE_OK"]
    waiting = care.store.one("SELECT count(*) AS n FROM case_news WHERE waiting = 1")
    return _row([*cells, ", ".join(broken[:12]) or "none", waiting["n"] if waiting else 0])


def _faults(cares: dict[str, Care]) -> str:
    head = _row(["Who", "Tickets", "Tests", "Problems", "Lines not right", "News waiting"], "th")
    desks = "".join(_care(care) for care in cares.values() if care.kinds)
    stories = "".join(
        _row([f"[scenario:{name}]", fault_scenarios.WEIGHTS.get(name, 0), text])
        for name, text in fault_scenarios.TEXTS.items()
    )
    codes = "".join(_row([name, code.colour, code.text]) for name, code in lines.CODES.items())
    return (
        f"<h2>Faults</h2><table>{head}{desks}</table><h2>Scenarios of tickets</h2>"
        f"<table>{_row(['Marker', 'Weight', 'What happens'], 'th')}{stories}</table><h2>Results of a service test</h2>"
        f"<table>{_row(['Code', 'Colour', 'What it means'], 'th')}{codes}</table>"
    )


def render(config: Config, desks: dict[str, Desk], cares: dict[str, Care]) -> str:
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
        '<p><span class="mark">Simulated</span> No network is touched: these companies and their systems exist '
        "only here."
        f" One working day lasts {config.day_seconds:g} seconds times the partner's pace.</p>"
        f"<table>{head}{partners}</table>{_faults(cares)}<h2>Scenarios of orders</h2>"
        f"<table>{_row(['Marker', 'Weight', 'What happens'], 'th')}{table}</table></html>"
    )

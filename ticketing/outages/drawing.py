"""The trade-off of the threshold as an SVG: false alarms a week across, minutes to detection up."""

import math
from collections.abc import Sequence

from ticketing.outages.simulation import Measured

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 110, 48, 60
TONES = ("#8a6d00", "#0b5cad", "#0f7a4a", "#7a3fa0", "#555555")
LOWEST = 0.02  # none in the simulated half year is drawn here


def chart(rows: Sequence[Measured], own: tuple[int, float]) -> str:
    """The whole picture. `own`: the (N, chance) that the product uses."""
    shown = [row for row in rows if math.isfinite(row.median_minutes)]
    top = max(10 * math.ceil(max(row.median_minutes for row in shown) / 10), 20)
    parts = [_head(), *_axes(top), _limit(top)]
    for tone, least in zip(TONES, sorted({row.least for row in shown}), strict=False):
        parts += _series([row for row in shown if row.least == least], tone, top, f"N = {least}")
    parts += [_own(row, top) for row in shown if (row.least, row.alpha) == own]
    return "\n".join([*parts, "</svg>", ""])


def _x(false: float) -> float:
    share = math.log10(max(false, LOWEST) / LOWEST) / math.log10(100 / LOWEST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(minutes: float, top: float) -> float:
    return HEIGHT - BOTTOM - minutes / top * (HEIGHT - TOP - BOTTOM)


def _head() -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">'
        "<title>Outage detection: minutes to detection against false alarms a week</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="22" font-size="15" fill="#1b2733">How the threshold trades false alarms '
        "for minutes to detection</text>"
        f'<text x="{LEFT}" y="38" fill="#55606b">Each line one N (faults at least); each point one chance, '
        "1e-2 at the right to 1e-8 at the left; simulated</text>"
    )


def _axes(top: float) -> list[str]:
    bottom, made = HEIGHT - BOTTOM, []
    for minutes in range(0, int(top) + 1, 5):
        y = _y(minutes, top)
        made.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e3e7eb"/>')
        made.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#55606b">{minutes}</text>')
    for value, words in ((LOWEST, "none"), (0.1, "0.1"), (1, "1"), (10, "10"), (100, "100")):
        made.append(f'<text x="{_x(value):.1f}" y="{bottom + 18}" text-anchor="middle" fill="#55606b">{words}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    made.append(f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle" fill="#1b2733">False alarms a week</text>')
    made.append(
        f'<text transform="translate(18 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#1b2733">'
        "Median minutes to detection</text>"
    )
    return made


def _limit(top: float) -> str:
    """The corner that is asked for: at most one false alarm a week, at most ten minutes."""
    x, y = _x(1), _y(10, top)
    return (
        f'<path d="M{x:.1f} {HEIGHT - BOTTOM}V{y:.1f}H{LEFT}" fill="none" stroke="#b3261e" stroke-dasharray="5 4"/>'
        f'<text x="{LEFT + 6}" y="{y - 6:.1f}" fill="#b3261e">asked for: below and left of this</text>'
    )


def _series(rows: Sequence[Measured], tone: str, top: float, name: str) -> list[str]:
    points = [(_x(row.false_a_week), _y(row.median_minutes, top)) for row in sorted(rows, key=lambda one: one.alpha)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    made = [f'<path d="M{path}" fill="none" stroke="{tone}" stroke-width="1.8"/>']
    made += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{tone}"/>' for x, y in points]
    x, y = points[-1]
    return [*made, f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{tone}">{name}</text>']


def _own(row: Measured, top: float) -> str:
    x, y = _x(row.false_a_week), _y(row.median_minutes, top)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="#1b2733" stroke-width="2"/>'
        f'<text x="{x + 12:.1f}" y="{y - 8:.1f}" fill="#1b2733">the product</text>'
    )

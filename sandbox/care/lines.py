"""The condition of each line, and what a test of it finds: a dozen codes with their measures."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.house import House
from sandbox.lifecycle import stamp

Measure = dict[str, Any]


@dataclass(frozen=True)
class Code:
    """A result of a service test. `stale`: the ONT is down, so its port data is old. `user`: a power cycle helps."""

    colour: str
    text: str
    stale: bool = False
    user: bool = False


CODES: dict[str, Code] = {
    "LINE_OK": Code("GREEN", "No fault found: light level, ranging and port are normal"),
    "ONT_LOW_LIGHT": Code("AMBER", "Light reaches the fibre box but is weak: bend, dirt or a long splice loss"),
    "PON_ERRORS": Code("AMBER", "Bit errors on the fibre above the limit"),
    "UNIPORT_ERRORS": Code("AMBER", "Errors on the customer port: cable or router", user=True),
    "SPEED_BELOW_PROFILE": Code("AMBER", "The port runs slower than the product: cable or router", user=True),
    "CFM_LOSS": Code("AMBER", "Continuity check loses frames"),
    "ONT_NO_LIGHT": Code("RED", "The fibre box sees no light: fibre broken or unplugged", stale=True),
    "ONT_DYING_GASP": Code("RED", "The fibre box lost power and said so", stale=True, user=True),
    "ONT_OFFLINE": Code("RED", "The fibre box does not answer; no last message", stale=True, user=True),
    "ONT_RANGING_FAILED": Code("RED", "The fibre box sees light but cannot join the network", stale=True),
    "PON_DOWN": Code("RED", "All fibre boxes of this splitter are gone", stale=True),
    "UNIPORT_DOWN": Code("RED", "The customer port is down: router off or unplugged", user=True),
    "CFM_DOWN": Code("RED", "Continuity check lost: the Ethernet path is down"),
    "SESSION_AUTH_FAILED": Code("RED", "The line is up, the router's sign-in is refused", user=True),
    "KNOWN_INCIDENT": Code("RED", "This line is part of a known incident; do not raise it", stale=True),
}
DRAWN = {"AMBER": ("ONT_LOW_LIGHT", "PON_ERRORS", "SPEED_BELOW_PROFILE"),
         "RED": ("ONT_NO_LIGHT", "ONT_DYING_GASP", "UNIPORT_DOWN", "SESSION_AUTH_FAILED")}  # fmt: skip
USUAL = {"green": "LINE_OK", "amber": "ONT_LOW_LIGHT", "red": "ONT_NO_LIGHT"}


def condition(house: House, service: str) -> dict[str, Any]:
    """`{code, since, user_can_fix?, problem?}` of a line; one nobody has spoken of is drawn by seed."""
    row = house.store.one("SELECT doc FROM lines WHERE service = ?", (service,))
    if row:
        return json.loads(row["doc"])
    rng = house.rng("line", service)
    colour = rng.choices(("GREEN", "AMBER", "RED"), (80, 8, 12))[0]
    code = rng.choice(DRAWN[colour]) if colour in DRAWN else "LINE_OK"
    return {"code": code, "since": ""}


def put(house: House, service: str, code: str, **more: Any) -> dict[str, Any]:
    """Set the condition of a line."""
    doc = {"code": code, "since": stamp(house.now()), **more}
    house.store.run("INSERT OR REPLACE INTO lines (service, doc) VALUES (?, ?)", (service, json.dumps(doc)))
    return doc


def repair(house: House, service: str) -> None:
    """The line works again, whatever it had."""
    if service:
        put(house, service, "LINE_OK")


def power_cycle(house: House, service: str) -> dict[str, Any]:
    """The user switched everything off and on: helps against some faults."""
    found = condition(house, service)
    helps = found.get("user_can_fix", CODES[found["code"]].user)
    return put(house, service, "LINE_OK") if helps else found


def measures(code: str, rng: random.Random, at: datetime, since: str) -> list[Measure]:
    """What the test measured. Port data of a dead ONT is what it last told: its time is older."""
    about = CODES[code]
    seen = at - timedelta(minutes=rng.randint(7, 300)) if about.stale else at
    if about.stale and since:
        seen = min(seen, datetime.fromisoformat(since))
    rows = [*_optics(code, rng), *_port(code, rng)]
    old = {"uniPortState", "uniPortSpeed", "uniPortErrors"}
    told = [_measure(name, text, unit, value, seen if name in old else at) for name, text, unit, value in rows]
    return [*told, _measure("lastSeen", "When the ONT last answered", "", stamp(seen), at)]


def _optics(code: str, rng: random.Random) -> list[tuple[str, str, str, Any]]:
    dark = code in ("ONT_NO_LIGHT", "ONT_DYING_GASP", "ONT_OFFLINE", "PON_DOWN", "KNOWN_INCIDENT")
    level = {"ONT_LOW_LIGHT": -27.9, "PON_ERRORS": -25.4, "ONT_RANGING_FAILED": -24.8}.get(code, -18.5)
    light = round(level + rng.uniform(-1.4, 1.4), 1)
    states = {"ONT_RANGING_FAILED": "O3 serial number", "ONT_DYING_GASP": "dying gasp"}
    state = states.get(code, "down" if dark else "O5 operation")
    ber = "3.1E-4" if code == "PON_ERRORS" else "<1E-9"
    rows: list[tuple[str, str, str, Any]] = [("ontState", "State of the optical terminal", "", state)]
    if not dark:
        rows += [
            ("rxPower", "Light received at the terminal", "dBm", light),
            ("txPower", "Light sent by the terminal", "dBm", round(rng.uniform(1.6, 3.4), 1)),
            ("bitErrorRate", "Bit error rate upstream", "", ber),
        ]
    return rows


def _port(code: str, rng: random.Random) -> list[tuple[str, str, str, Any]]:
    down = code == "UNIPORT_DOWN"
    speed = 100 if code == "SPEED_BELOW_PROFILE" else 1000
    errors = rng.randint(900, 9000) if code == "UNIPORT_ERRORS" else 0
    rows: list[tuple[str, str, str, Any]] = [("uniPortState", "Customer port", "", "down" if down else "up")]
    if not down:
        rows += [("uniPortSpeed", "Speed of the customer port", "Mbit/s", speed)]
    rows += [("uniPortErrors", "Errors on the customer port in 24 h", "", errors)]
    if code.startswith("CFM"):
        loss = 100.0 if code == "CFM_DOWN" else round(rng.uniform(0.4, 6.0), 1)
        rows += [("cfmLoss", "Frames lost by the continuity check", "%", loss)]
    if code == "SESSION_AUTH_FAILED":
        rows += [("session", "Sign-in of the router", "", "refused: user unknown")]
    return rows


def _measure(name: str, text: str, unit: str, value: Any, at: datetime) -> Measure:
    return {
        "metricName": name,
        "metricDescription": text,
        "unitOfMeasure": unit,
        "value": {"name": name, "value": value},
        "captureDateTime": stamp(at),
    }

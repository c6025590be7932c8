"""Who the simulated partners are: names, credentials, habits. Written once, read by both sides."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

VERSION = 1
TMF_ROOT = "tmf-api/productOrderingManagement/v4"
TICKET_ROOT = "tmf-api/troubleTicket/v4"


@dataclass(frozen=True)
class Habits:
    """How a partner behaves. Seconds are real seconds; `pace` multiplies the scenario's working days."""

    pace: float = 1.0
    webhooks: bool = False
    listener_path: str = ""  # put behind the registered callback; `{event}` becomes the event's name
    repeat: float = 0.0  # chance that an update is sent a second time
    reorder: float = 0.0  # chance that an update is sent after a later one
    retry_seconds: float = 0.5  # first pause after a webhook that got no 2xx; doubles
    retry_cap_seconds: float = 15.0
    latency_seconds: float = 0.0
    hold_seconds: float = 40.0  # how long `timeout_after_commit` keeps an answer back
    error_count: int = 2  # how many requests `error_5xx` refuses
    max_page: int = 100
    unstable_lists: bool = False
    amend_at_once: bool = True
    clock_skew_seconds: float = 0.0
    reservation_days: float = 1.0  # working days that a reserved visit lives …
    reservation_seconds: float = 120.0  # … but never less real time than a person needs to act
    weights: dict[str, float] = field(default_factory=dict)  # scenario -> weight; empty: the documented ones


@dataclass(frozen=True)
class Partner:
    """One simulated operator."""

    id: str
    name: str
    kind: str  # tmf622 | email
    base_path: str = ""
    token: str = ""
    webhook_secret: str = ""
    address: str = ""  # email: where orders are sent
    mailbox: str = ""  # email: Maildir of its answers, relative to the home
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True)
class Config:
    """The whole sandbox. `home` is OFX_HOME; everything of the sandbox lives below `home/sandbox`."""

    home: Path
    seed: int
    day_seconds: float
    host: str
    port: int
    smtp_port: int
    admin_token: str
    partners: tuple[Partner, ...]
    systems: tuple[Partner, ...] = ()  # customers' own systems
    mailboxes: Path | None = None  # OFX_MAILBOX: where the Maildirs stand instead of below the home

    @property
    def url(self) -> str:
        """Root address of the HTTP server, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def partner(self, partner_id: str) -> Partner:
        """The partner of that id; KeyError if there is none."""
        for partner in self.partners:
            if partner.id == partner_id:
                return partner
        raise KeyError(partner_id)

    def system(self, system_id: str) -> Partner:
        """The customer's system of that id; KeyError if there is none."""
        return next((system for system in self.systems if system.id == system_id), None) or self.partner(system_id)

    def mailbox(self, partner: Partner) -> Path:
        """The Maildir that the partner answers into."""
        if self.mailboxes:
            return self.mailboxes / Path(partner.mailbox).name
        return self.home / partner.mailbox

    def base_url(self, partner_id: str) -> str:
        """Root of the partner's TMF622 API, without a slash at the end."""
        return self.url + self.partner(partner_id).base_path


def _token(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(24)}"


def _secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def _tmf(partner_id: str, name: str, **habits: Any) -> Partner:
    return Partner(
        id=partner_id,
        name=name,
        kind="tmf622",
        base_path=f"/{partner_id}/{TMF_ROOT}",
        token=_token(partner_id),
        webhook_secret=_secret(),
        habits=Habits(**habits),
    )


def _fresh_partners() -> tuple[Partner, ...]:
    return (
        _tmf("northfibre", "Northfibre (simulated)", webhooks=True),
        _tmf(
            "southlink",
            "Southlink (simulated)",
            pace=2.0,
            latency_seconds=0.15,
            max_page=20,
            unstable_lists=True,
            amend_at_once=False,
        ),
        _tmf(
            "eastwave",
            "Eastwave (simulated)",
            pace=1.2,
            webhooks=True,
            repeat=0.25,
            reorder=0.25,
            amend_at_once=False,
        ),
        Partner(
            id="mailtel",
            name="Mailtel (simulated)",
            kind="email",
            address="orders@mailtel.example",
            mailbox="mailbox/mailtel",
            habits=Habits(pace=1.5, repeat=0.2, reorder=0.2, amend_at_once=False),
        ),
    )


def _fresh_systems() -> tuple[Partner, ...]:
    return (
        Partner(
            id="harbour-itsm",
            name="Harbour Books service desk (simulated customer system)",
            kind="itsm",
            base_path=f"/harbour-itsm/{TICKET_ROOT}",
            token=_token("itsm"),
            webhook_secret=_secret(),
            habits=Habits(webhooks=True),
        ),
    )


def _fresh() -> dict[str, Any]:
    return {
        "version": VERSION,
        "simulated": True,
        "seed": 2026,
        "day_seconds": 2.0,
        "host": "127.0.0.1",
        "port": 8100,
        "smtp_port": 8125,
        "admin_token": _token("admin"),
        "partners": [asdict(p) for p in _fresh_partners()],
        "systems": [asdict(s) for s in _fresh_systems()],
    }


def config_path(home: Path) -> Path:
    """Where the file stands."""
    return Path(home) / "sandbox" / "config.json"


def _create_once(path: Path) -> None:
    """Write a fresh file unless there is one. A link fails on a taken name; no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".config.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(_fresh(), out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _complete(path: Path) -> dict[str, Any]:
    """The file's content; one written before customers' systems were simulated gets them, once."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    if "systems" in raw or raw.get("version") != VERSION:
        return raw
    with path.with_name("config.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        raw = json.loads(path.read_text(encoding="utf-8"))
        if "systems" not in raw:
            raw["systems"] = [asdict(system) for system in _fresh_systems()]
            draft = path.with_name(".config.completed")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(raw, out, indent=2)
            draft.replace(path)
    return raw


def _habits(raw: Mapping[str, Any]) -> Habits:
    known = {f.name for f in fields(Habits)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise ValueError(f"sandbox config: unknown habit {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return Habits(**raw)


def _partners(raw: list[Mapping[str, Any]]) -> tuple[Partner, ...]:
    return tuple(Partner(**{**row, "habits": _habits(row.get("habits", {}))}) for row in raw)


def _parse(home: Path, raw: Mapping[str, Any]) -> Config:
    if raw.get("version") != VERSION:
        raise ValueError(f"sandbox config: version {raw.get('version')!r}, this program reads {VERSION}")
    return Config(
        home=Path(home).absolute(),
        seed=int(raw["seed"]),
        day_seconds=float(raw["day_seconds"]),
        host=str(raw["host"]),
        port=int(raw["port"]),
        smtp_port=int(raw["smtp_port"]),
        admin_token=str(raw["admin_token"]),
        partners=_partners(raw["partners"]),
        systems=_partners(raw["systems"]),
    )


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if value <= 0:
        raise ValueError(f"{name} must be above zero, not {text!r}")
    return value


def load(home: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read `home/sandbox/config.json`, creating it with random credentials the first time.

    OFX_SANDBOX_PORT, OFX_SANDBOX_SMTP_PORT, OFX_SANDBOX_DAY_SECONDS and OFX_MAILBOX win over the file.
    ValueError says what is wrong in the file or in a variable.
    """
    env = os.environ if environ is None else environ
    path = config_path(home)
    if not path.exists():
        _create_once(path)
    config = _parse(home, _complete(path))
    return replace(
        config,
        port=int(_number(env, "OFX_SANDBOX_PORT", config.port)),
        smtp_port=int(_number(env, "OFX_SANDBOX_SMTP_PORT", config.smtp_port)),
        day_seconds=_number(env, "OFX_SANDBOX_DAY_SECONDS", config.day_seconds),
        mailboxes=Path(env["OFX_MAILBOX"]).absolute() if env.get("OFX_MAILBOX") else None,
    )

"""The laws of the house (ARCHITECTURE 3 and 6), as tests. Move the wall, not the law: a change here needs an ADR."""

import ast
import inspect
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from ofx.core import sweeps
from ofx.core.events import registry

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ofx", "partners", "ticketing", "sla")
OUR_APPS = ("core", "partners", "search", "orders", "ticketing", "sla", "tmf", "portal")

# Slices, so that a new one cannot be forgotten: folder → the models.py that re-exports its models.
SLICES = {
    "ofx/core/accounts": "ofx/core/models.py",
    "ofx/core/events": "ofx/core/models.py",
    "ofx/core/alerts": "ofx/core/models.py",
    "ofx/core/audit": "ofx/core/models.py",
    "ofx/core/backup": None,
    "ofx/core/calendars": "ofx/core/models.py",
    "ofx/core/health": "ofx/core/models.py",
    "ofx/core/mail": "ofx/core/models.py",
    "ofx/core/notices": "ofx/core/models.py",
    "ofx/core/personal": "ofx/core/models.py",
    "ofx/core/ui": None,
    "ofx/search": "ofx/search/models.py",
    "ofx/search/live": "ofx/search/models.py",
    "ofx/search/bulk": "ofx/search/models.py",
    "ofx/orders": "ofx/orders/models/__init__.py",
    "sla/compensation": "sla/models.py",
    "ticketing/guides": "ticketing/models.py",
    "ticketing/known_errors": "ticketing/models.py",
    "ticketing/tickets": "ticketing/models.py",
    "ticketing/outages": "ticketing/models.py",
    "ofx/tmf": "ofx/tmf/models.py",
    "ofx/tmf/hub": "ofx/tmf/models.py",
    "ofx/tmf/appointment": "ofx/tmf/models.py",
    "ofx/tmf/inquiry": "ofx/tmf/models.py",
    "ofx/tmf/product_order": "ofx/tmf/models.py",
    "ofx/tmf/service_problem": "ofx/tmf/models.py",
    "ofx/tmf/service_test": "ofx/tmf/models.py",
    "ofx/tmf/trouble_ticket": "ofx/tmf/models.py",
    "ofx/portal": "ofx/portal/models.py",
    "partners/operators": "partners/models.py",
    "partners/agreements": "partners/models.py",
    "partners/reach": "partners/models.py",
    "partners/coverage": "partners/models.py",
    "partners/connectors": None,
    "partners/mapping": None,
    "partners/conversations": "partners/models.py",
}
FORBIDDEN_NAMES = {"utils", "helpers", "services", "managers", "util", "helper", "misc", "common"}

# Models without a scoped door, and through what they are reached instead.
UNSCOPED = {
    "core.User": "people are reached through the memberships of an organisation",
    "core.Event": "scoped by its own queryset",
    "core.Handled": "book-keeping of the dispatcher; on no page",
    "core.Failing": "book-keeping of the dispatcher; on no page",
    "core.Mail": "mails on their way out; on no page",
    "core.NoticeChoice": "only through one's own account, or the signed link of a mail",
    "core.NoticeSent": "book-keeping: who was mailed what; on no page",
    "core.Heartbeat": "signs of life of the installation; no tenant's",
    "core.Calendar": "public reference data",
    "core.CalendarVersion": "public reference data",
    "core.CalendarDay": "public reference data",
    "partners.Place": "public reference data",
    "partners.Address": "public reference data",
    "partners.Price": "only through coverage.queries and search, by agreement",
    "partners.FootprintRow": "only through its footprint",
    "partners.RejectedRow": "only through its footprint",
    "partners.TermsLine": "only through its terms",
    "partners.ReachArea": "public reference data",
    "partners.ReachMap": "what the worker counts from; pages read a tenant's own lines",
    "partners.ReachCount": "book-keeping of the worker; on no page",
    "partners.Attempt": "only through its message",
    "search.LiveGate": "a circuit breaker; on no page",
    "search.BulkPlace": "only through its run",
    "portal.BatchRow": "only through its batch",
    "orders.OrderItem": "only through its order",
    "orders.Fact": "only through its partner order",
    "orders.Flag": "only through its partner order",
    "orders.MilestoneReached": "only through its partner order",
    "orders.DateChange": "only through its partner order",
    "orders.AmendRequest": "only through its partner order",
    "orders.CancelRequest": "only through its partner order",
    "orders.Note": "only through its order",
    "orders.Attachment": "only through its order",
    "sla.CompensationRate": "public reference data",
    "ticketing.GuideVersion": "only through its guide",
    "ticketing.GuideStep": "only through its run",
    "ticketing.KnownErrorVersion": "only through its known error",
    "ticketing.KnownErrorTicket": "only through its known error",
    "ticketing.KnownErrorUse": "only through its known error",
    "ticketing.KnownErrorIndex": "what the search reads; the records it finds go through the scoped door",
    "ticketing.KnownErrorWord": "how common a word is; on no page",
    "ticketing.CandidateTicket": "only through its candidate",
    "ticketing.TicketNote": "only through its ticket",
    "ticketing.TicketWait": "only through its ticket",
    "ticketing.TicketLink": "only through its ticket",
    "ticketing.TicketParty": "only through its ticket",
    "ticketing.TicketFact": "only through its partner ticket",
    "ticketing.SopStep": "only through its ticket",
    "ticketing.Attachment": "only through its ticket",
    "ticketing.DeskTime": "only through its ticket",
    "ticketing.OutageKey": "only through its outage",
    "ticketing.OutageChild": "only through its outage",
    "ticketing.OutageParty": "only through its outage",
    "ticketing.OutageUpdate": "only through its outage",
    "ticketing.OutageReceipt": "only through its outage",
    "ticketing.OutageJob": "only through its outage",
    "ticketing.OutageSignal": "what detection counts; shown as evidence of an outage",
    "ticketing.OutageBaseline": "what detection learnt; on no page",
    "ticketing.OutageWatching": "book-keeping of detection; on no page",
    "orders.StageExpectation": "statistics read by the fold; on no page by itself",
}

# URL name → why its view needs no scoped door. A stale entry fails.
UNSCOPED_URLS = {
    "healthz": "signs of life, no tenant's data",
    "metrics": "numbers of the installation, guarded by a token or by the machine",
    "account_login": "before anyone is known",
    "account_logout": "only ends one's own session",
    "account_inactive": "a notice for somebody who cannot sign in",
    "account_reset_password": "before anyone is known; the answer is the same for everybody",
    "account_reset_password_done": "a notice, the same for everybody",
    "account_reset_password_from_key": "the link of the mail is the scope",
    "account_reset_password_from_key_done": "a notice, the same for everybody",
    "organisation_sign_in": "before anyone is known; tells by the domain only",
    "openid_connect_login": "before anyone is known; leads to the organisation's provider",
    "openid_connect_callback": "the state in the session and what the provider signed are the scope",
    "invitation": "the signed link of the mail is the scope",
    "mfa_index": "allauth's page of one's own second factor",
    "mfa_authenticate": "the half-finished sign-in in the session is the scope",
    "api-schema": "the API's description, the same for everybody",
    "api-docs": "the API's description, the same for everybody",
    "fault-fixed": "the signed link is the scope: one fix of one ticket, one recipient",
    "notice-stop": "the signed link is the scope: one house, one kind of news, one address",
    "partner-link": "the signed link is the scope: one order, one recipient, and it ends by itself",
    "partner-fault-link": "the signed link is the scope: one fault, one recipient, and it ends by itself",
    "status-page": "public on purpose: what a provider tells everybody",
    "hook": "the inbound door: the unguessable key and the signature are the scope (HUB 0)",
}

# Public functions of actions.py whose arguments are not keyword-only, and why.
POSITIONAL_ACTIONS = {
    "ofx/core/events/actions.py": "the event kernel: publish(name, subject), handle(event, subscriber)",
}


def python_files(*roots: str) -> list[Path]:
    """Our own Python files below the roots, migrations left out."""
    found = [path for root in roots for path in (ROOT / root).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring left out: a docstring is for the reader, not a burden."""
    body = function.body
    documented = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    docstring = (body[0].end_lineno or 0) - body[0].lineno + 1 if documented else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def rel(path: Path) -> str:
    """Path from the project's root."""
    return path.relative_to(ROOT).as_posix()


def is_actions(path: Path) -> bool:
    """Whether the file holds actions: `actions.py`, or a part of an `actions/` folder (ADR 0006)."""
    return path.name == "actions.py" or path.parent.name == "actions"


def is_models(path: Path) -> bool:
    """Whether the file holds models: `models.py`, or a part of a `models/` folder (ADR 0006)."""
    return path.name == "models.py" or path.parent.name == "models"


def exported(path: Path) -> set[str]:
    """The names in a module's `__all__`."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def our_models() -> list[type[models.Model]]:
    """Models of our apps, without those that Django makes for many-to-many fields."""
    return [m for label in OUR_APPS for m in apps.get_app_config(label).get_models() if not m._meta.auto_created]


def test_calls_go_down_and_events_go_up() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_slice_is_listed() -> None:
    found = {
        rel(path.parent)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name in {"models.py", "actions.py", "views.py", "queries.py"}
    }
    found -= {"ofx/core", "partners", "ticketing", "sla"}
    assert {folder for folder in found if folder not in SLICES and not folder.startswith("ofx/portal/")} == set()


def test_every_slices_models_are_re_exported() -> None:
    for slice_, home in SLICES.items():
        if home is None or not ((ROOT / slice_ / "models.py").exists() or (ROOT / slice_ / "models").exists()):
            continue
        exported = ast.literal_eval(
            next(
                ast.get_source_segment((ROOT / home).read_text(), node.value) or "[]"
                for node in tree(ROOT / home).body
                if isinstance(node, ast.Assign | ast.AnnAssign)
                and getattr(node.targets[0] if isinstance(node, ast.Assign) else node.target, "id", "") == "__all__"
            )
        )
        module = slice_.replace("/", ".") + ".models"
        defined = {model.__name__ for model in our_models() if (model.__module__ + ".").startswith(module + ".")}
        assert defined <= set(exported), f"{home} does not re-export {sorted(defined - set(exported))}"


def test_every_model_has_the_scoped_door_or_a_reason_without() -> None:
    missing, stale = [], set(UNSCOPED)
    for model in our_models():
        label = model._meta.label
        if label in UNSCOPED:
            stale.discard(label)
        elif not hasattr(model._default_manager, "visible_to"):
            missing.append(label)
    assert missing == []
    assert stale == set()


def all_urls(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """(route, name, view) of every URL."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from all_urls(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name or "", entry.callback


@cache
def source_of(thing: Any) -> str:
    """The source of a function or class; finding it is slow."""
    return inspect.getsource(thing)


def view_source(view: Callable[..., Any]) -> str:
    """The source of a view and of all functions of its slice that it names, directly or through each other."""
    target = getattr(view, "cls", None) or getattr(view, "view_class", None) or inspect.unwrap(view)
    slice_ = ".".join(target.__module__.split(".")[:2])
    todo, seen, text = [target], set(), ""
    while todo:
        thing = inspect.unwrap(todo.pop())
        if thing in seen:
            continue
        seen.add(thing)
        source = source_of(thing)
        text += source
        named = vars(sys.modules[thing.__module__])
        used = [named[name] for name in set(re.findall(r"\w+", source)) & named.keys()]
        code = [other for other in used if inspect.isfunction(other) or inspect.isclass(other)]
        todo += [other for other in code if other.__module__.startswith(slice_)]
    return text


def test_every_url_is_scoped_or_on_the_list_with_a_reason() -> None:
    unscoped, stale = [], set(UNSCOPED_URLS)
    for route, name, view in all_urls():
        if name in UNSCOPED_URLS:
            stale.discard(name)
        elif not re.search(r"visible_to|\.acting|request\.user", view_source(view)):
            unscoped.append(f"{route} ({name})")
    assert unscoped == []
    assert stale == set()


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{rel(path)}:{function.lineno} {function.name} {length(function)}"
        for path in python_files(*PACKAGES, "sandbox")
        for function in functions(path)
        if length(function) > 60
    ]
    assert long == []


def test_half_the_functions_have_at_most_eight_lines_and_nine_in_ten_thirty() -> None:
    lengths = [length(f) for path in python_files(*PACKAGES) for f in functions(path)]
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[8] <= 30


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {rel(path) for path in python_files(*PACKAGES, "sandbox") if len(path.read_text().splitlines()) > 400}
    assert long == set()


def test_no_drawer_for_odds_and_ends() -> None:
    names = {path.stem for path in python_files(*PACKAGES)} | {p.parent.name for p in python_files(*PACKAGES)}
    assert names & FORBIDDEN_NAMES == set()


def imported(node: ast.Import | ast.ImportFrom) -> str:
    return (node.module or "." if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]


def test_no_import_hides_inside_a_function() -> None:
    # ... to dodge a cycle. Half a second each at every start: these wait for the few requests that need them.
    heavy = {"circuit_maintenance_parser", "openpyxl", "pyproj"}
    hidden = [
        (imported(node), f"{rel(path)}:{node.lineno}")
        for path in python_files(*PACKAGES)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [where for name, where in hidden if name not in heavy] == []
    assert heavy - {name for name, _ in hidden} == set(), "stale"


def test_no_model_signal_and_no_generic_foreign_key_carries_domain_flow() -> None:
    pattern = re.compile(r"\b(post_save|pre_save|post_delete|pre_delete|m2m_changed|GenericForeignKey)\b")
    assert [rel(path) for path in python_files(*PACKAGES) if pattern.search(path.read_text())] == []


def test_domain_code_does_not_read_the_clock() -> None:
    # The queue and the event kernel measure leases and pauses against real time, never against a case's time.
    machinery = {"ofx/core/events/actions.py"}
    pattern = re.compile(r"\b(timezone\.now|datetime\.now|datetime\.utcnow|date\.today|clock\.now)\(")
    reading = [
        rel(path)
        for path in python_files(*PACKAGES)
        if (is_actions(path) or is_models(path) or path.name in {"queries.py", "fold.py", "engine.py"})
        and pattern.search(path.read_text())
    ]
    assert set(reading) - machinery == set()


def test_every_action_takes_keywords_only() -> None:
    loose = []
    for path in python_files(*PACKAGES):
        if not is_actions(path) or rel(path) in POSITIONAL_ACTIONS:
            continue
        offered = exported(path.parent / "__init__.py") if path.parent.name == "actions" else None
        for node in tree(path).body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and (offered is None or node.name in offered) and node.args.args:
                loose.append(f"{rel(path)}:{node.lineno} {node.name}")
    assert loose == []


def test_every_public_function_says_what_it_does() -> None:
    silent = []
    for path in python_files(*PACKAGES, "sandbox"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                owner_private = node.name in {"Meta", "Migration"}
                if not owner_private and ast.get_docstring(node) is None and not _nested(path, node):
                    silent.append(f"{rel(path)}:{node.lineno} {node.name}")
    assert silent == []


def _nested(path: Path, wanted: ast.AST) -> bool:
    """Whether a definition stands inside a function, or is a choices class (its labels speak)."""
    if isinstance(wanted, ast.ClassDef) and any("Choices" in ast.unparse(base) for base in wanted.bases):
        return True
    return any(node is wanted for function in functions(path) for node in ast.walk(function) if node is not function)


def published_names() -> set[str]:
    """Every event name that stands as a literal in a publish(...) call."""
    names = set()
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "publish" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    names.add(first.value)
    return names


def test_every_event_name_is_documented() -> None:
    text = (ROOT / "docs/events.md").read_text()
    names = published_names() | registry.all_names()
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    source = "".join(path.read_text() for path in python_files(*PACKAGES, "sandbox"))
    settings = set(re.findall(r"[\"']((?:OFX_[A-Z_]+)|DATABASE_URL|BROKER_URL)[\"']", source))
    assert {name for name in settings if f"`{name}`" not in text} == set()


def test_every_sweep_has_an_interval_and_every_interval_a_sweep(settings: Any) -> None:
    assert set(settings.SWEEPS) == set(sweeps.SWEEPS)


def test_every_requirement_says_why() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-nodeps.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                assert re.match(r"\S+==\S+\s+# \S.+", line), f"{name}: {line}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_left_out_of_its_package(package: str) -> None:
    folders = {path.parent for path in python_files(package)}
    assert [rel(folder) for folder in folders if not (folder / "__init__.py").exists()] == []

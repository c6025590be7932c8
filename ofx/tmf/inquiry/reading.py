"""Parts of a body that several resources read: what has the wrong type is a 400 that names it, unknown parts are left.

What is given back passes through here, so that it fits the standard whatever was sent.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ofx.tmf.rest.dates import moment, stamp
from ofx.tmf.rest.errors import invalid

Json = dict[str, Any]
PLACE = (
    "id", "name", "role", "postcode", "country", "city", "locality", "stateOrProvince", "streetNr", "streetNrSuffix",
    "streetName", "streetType",
)  # fmt: skip


def text(body: Json, name: str, limit: int = 250, path: str = "") -> str:
    """A text; a number is taken as its digits, null as none. Raises ValidationError."""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(path + name, "A text is expected.")
    found = str(value).strip()
    if len(found) > limit:
        raise invalid(path + name, f"At most {limit} characters.")
    return found


def flag(body: Json, name: str, default: bool | None = None) -> bool | None:
    """true or false. Raises ValidationError."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise invalid(name, "true or false is expected.")
    return value


def when(body: Json, name: str, path: str = "") -> str:
    """A moment as we write it. Raises ValidationError."""
    value = text(body, name, 40, path)
    try:
        return stamp(moment(value)) or "" if value else ""
    except ValueError as error:
        raise invalid(path + name, str(error)) from error


def member(body: Json, name: str, path: str = "") -> Json:
    """An object; null is an empty one. Raises ValidationError."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(path + name, "An object is expected.")
    return value


def members(body: Json, name: str, most: int = 50, path: str = "") -> list[Json]:
    """A list of objects without the empty ones. Raises ValidationError."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise invalid(path + name, "A list of objects is expected.")
    found = [one for one in value if one]
    if len(found) > most:
        raise invalid(path + name, f"At most {most} of them.")
    return found


def place(given: Json, path: str = "place.") -> Json:
    """A place by value or by reference. Raises ValidationError."""
    return {name: found for name in PLACE if (found := text(given, name, path=path))}


def chosen_place(body: Json, path: str = "") -> Json:
    """The place of installation among `place`, else the first; empty without any. Raises ValidationError."""
    rows = members(body, "place", 10, path)
    marked = [one for one in rows if "install" in str(one.get("role", "")).lower()]
    return place((marked or rows)[0], f"{path}place.") if rows else {}


def reference(given: Json, path: str = "") -> Json:
    """id and name of a reference. Raises ValidationError."""
    return {name: found for name in ("id", "name") if (found := text(given, name, 120, path))}


def references(body: Json, name: str) -> list[Json]:
    """References that have an id; with the role where there is one. Raises ValidationError."""
    found = []
    for one in members(body, name):
        made = reference(one, f"{name}.") | ({"role": role} if (role := text(one, "role", 60, f"{name}.")) else {})
        if "id" in made:
            found.append({**made, "@referredType": "Organization", **_types(one)})
    return found


def notes(body: Json) -> list[Json]:
    """Notes that say something; one without an id gets its number. Raises ValidationError."""
    found = []
    for number, one in enumerate(members(body, "note"), start=1):
        words = text(one, "text", 2000, "note.")
        if words:
            made = {"id": text(one, "id", 60, "note.") or str(number), "text": words}
            made |= {name: value for name, value in _note_more(one) if value}
            found.append({**made, "@type": "Note"})
    return found


def unsaid(given: Iterable[Json], known: Iterable[str]) -> list[str]:
    """The texts of notes that are not there yet, since tools send the whole list again. "Yes" to a second question is
    a second "Yes"."""
    there = Counter(known)
    fresh = []
    for one in given:
        there[one["text"]] -= 1
        if there[one["text"]] < 0:
            fresh.append(one["text"])
    return fresh


def _note_more(one: Json) -> list[tuple[str, str]]:
    return [("author", text(one, "author", 120, "note.")), ("date", when(one, "date", "note."))]


def _types(given: Json) -> Json:
    kept = {name: str(given[name])[:80] for name in ("@referredType", "@type") if isinstance(given.get(name), str)}
    return {name: value for name, value in kept.items() if value}


def merged(old: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    found = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def filled(**values: Any) -> Json:
    """Only what is not empty; a False and a 0 are kept. `type_` becomes `@type`."""
    found = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    if "type_" in found:
        found["@type"] = found.pop("type_")
    return found

"""The TM Forum's own files as judges: requests, responses, errors and notifications are validated against them.

`Contract("TMF622-ProductOrder-v4.0.0.swagger.json", "productOrderingManagement", "v4")` reads a Swagger 2.0 (v4) or an
OpenAPI 3.0 (v5) file of OFX_TMF. Tests that need the files skip where OFX_TMF is unset.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings

Json = dict[str, Any]
METHODS = ("get", "post", "patch", "delete", "put")
DEEPEST = 5


@dataclass(frozen=True)
class Operation:
    """One operation of a file: `GET /productOrder/{id}`."""

    method: str
    path: str

    @property
    def resource(self) -> str:
        """The first part of the path."""
        return self.path.strip("/").split("/")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def _loaded(path: Path) -> Json:
    text = path.read_text(encoding="utf-8")
    found: Json = json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)
    return found


FORMATS = jsonschema.FormatChecker(())


@FORMATS.checks("date-time", ValueError)
def _date_time(value: Any) -> bool:
    """RFC 3339, with a zone."""
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


class Contract:
    """One official file."""

    def __init__(self, file: str, api: str, version: str = "v4") -> None:
        self.file, self.api, self.version = file, api, version
        self.base = f"/tmf-api/{api}/{version}"

    @property
    def document(self) -> Json:
        """The file as it is."""
        if settings.OFX_TMF is None:
            pytest.skip("OFX_TMF names no folder with the official files")
        return _loaded(settings.OFX_TMF / self.file)

    @property
    def judged(self) -> Json:
        """The file with its discriminators made into something that JSON Schema decides."""
        return _decided(settings.OFX_TMF / self.file) if self.document else {}

    @property
    def modern(self) -> bool:
        """OpenAPI 3, not Swagger 2."""
        return "openapi" in self.document

    def operations(self) -> list[Operation]:
        """Every operation that we must serve; listeners are the other side's."""
        return [
            Operation(method.upper(), path)
            for path, methods in self.document["paths"].items()
            for method in methods
            if method in METHODS and not path.startswith("/listener")
        ]

    def events(self) -> list[str]:
        """Every event that the file knows, as `ProductOrderStateChangeEvent`."""
        names = [path.rpartition("/")[2] for path in self.document["paths"] if path.startswith("/listener")]
        return [name[0].upper() + name[1:] for name in names]

    # -- judging

    def check_response(self, operation: Operation, response: Any, *, partial: bool = False) -> None:
        """Fail unless the status is one of the file's and the body fits it. `partial`: cut by `fields`."""
        status = str(response.status_code)
        found = self.document["paths"][operation.path][operation.method.lower()]["responses"]
        assert status in found or "default" in found, f"{operation}: the file knows no {status}"
        schema = self._schema_of(self._resolved(found.get(status) or found["default"]))
        if schema is None:
            assert not response.content, f"{operation}: {status} has no body"
        else:
            self.check(schema, response.json(), f"{operation} → {status}", partial)

    def check_request(self, operation: Operation, body: Any) -> None:
        """Fail unless the file allows this body."""
        schema = self.request_schema(operation)
        assert schema is not None, f"{operation} takes no body"
        self.check(schema, body, f"{operation} body", ours=False)

    def check_event(self, body: Json) -> None:
        """Fail unless a notification is what the file says of its listener."""
        name = body["eventType"]
        path = f"/listener/{name[0].lower()}{name[1:]}"
        assert path in self.document["paths"], f"the file knows no {path}"
        if self.modern:
            schema = self.request_schema(Operation("POST", path))
        else:  # the v4 files write EventSubscription there by mistake of their generator
            schema = {"$ref": f"#/definitions/{name}"}
        self.check(schema, body, name)

    def check(self, schema: Any, value: Any, where: str, partial: bool = False, ours: bool = True) -> None:
        """Fail with every reason. `ours`: we wrote it, so its moments end in Z."""
        whole = {**schema, **self._roots()}
        kind = jsonschema.Draft7Validator if self.modern else jsonschema.Draft4Validator
        checker = kind(whole, format_checker=FORMATS)
        errors = [
            f"{error.json_path}: {error.message[:300]}"
            for error in checker.iter_errors(value)
            if not (partial and error.validator == "required")
        ]
        assert not errors, f"{where}\n" + "\n".join(errors)
        assert not (ours and list(_bad_dates(value))), where

    def _roots(self) -> Json:
        names = ("components",) if self.modern else ("definitions", "parameters", "responses")
        return {name: self.judged[name] for name in names if name in self.judged}

    def _resolved(self, value: Any) -> Any:
        while isinstance(value, dict) and "$ref" in value:
            found: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def _schema_of(self, response: Json) -> Json | None:
        if not self.modern:
            return response.get("schema")
        content = response.get("content") or {}
        return next((entry["schema"] for kind, entry in content.items() if "json" in kind), None)

    def request_schema(self, operation: Operation) -> Json | None:
        """What the file says of the body of an operation; None where it takes none."""
        found = self.document["paths"][operation.path][operation.method.lower()]
        if self.modern:
            return self._schema_of(self._resolved(found["requestBody"])) if "requestBody" in found else None
        bodies = [self._resolved(one) for one in found.get("parameters", [])]
        return next((one["schema"] for one in bodies if one.get("in") == "body"), None)

    # -- making

    def sample(self, operation: Operation) -> Any:
        """A body with every attribute that the file knows, to a depth: what a buyer's system may send."""
        return self._sample(self.request_schema(operation), 0)

    def names(self, resource: str) -> list[str]:
        """The first-level attributes of a resource's schema."""
        key = "components" if self.modern else "definitions"
        schemas = self.document[key]["schemas"] if self.modern else self.document[key]
        return sorted(self._properties(schemas[resource]))

    def _properties(self, schema: Any) -> Json:
        schema = self._resolved(schema)
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found |= self._properties(part)
        return found

    def _sample(self, schema: Any, depth: int, kind: str = "") -> Any:
        name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else kind
        schema = self._resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if "oneOf" in schema:
            return self._sample(schema["oneOf"][-1], depth)
        properties = self._properties(schema)
        if properties:
            return self._sample_object(schema, properties, name, depth)
        if schema.get("type") == "array":
            return [self._sample(schema["items"], depth + 1)]
        return SAMPLES.get((schema.get("type"), schema.get("format")), SAMPLES.get((schema.get("type"), None), "x"))

    def _sample_object(self, schema: Any, properties: Json, name: str, depth: int) -> Json:
        wanted = set(properties) if depth < DEEPEST else self._required(schema)
        made = {one: self._sample(properties[one], depth + 1) for one in properties if one in wanted}
        if self.modern and "@type" in properties:
            made["@type"] = name.removesuffix("_FVO").removesuffix("_MVO")
        for word in {"@baseType", "@schemaLocation"} - self._required(schema):
            made.pop(word, None)
        return made

    def _required(self, schema: Any) -> set[str]:
        schema = self._resolved(schema)
        return {*schema.get("required", []), *(one for part in schema.get("allOf", []) for one in self._required(part))}


SAMPLES: dict[tuple[Any, Any], Any] = {
    ("string", None): "sample",
    ("string", "date-time"): "2027-03-20T09:00:00Z",
    ("string", "uri"): "https://buyer.example/sample",
    ("string", "base64"): "c2FtcGxl",
    ("integer", None): 1,
    ("number", None): 1.5,
    ("boolean", None): True,
    ("object", None): {},
}


@cache
def _decided(path: Path) -> Json:
    found: Json = _decide(_loaded(path))
    return found


def _decide(node: Any) -> Any:
    """oneOf with a discriminator → the branch that `@type` names; OpenAPI's `nullable` → null is allowed."""
    if isinstance(node, list):
        return [_decide(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _decide(value) for name, value in node.items()}
    mapping = (node.get("discriminator") or {}).get("mapping") if isinstance(node.get("discriminator"), dict) else None
    if "oneOf" in node and mapping:
        made.pop("oneOf")
        made["required"] = ["@type"]
        made["allOf"] = [
            {
                "if": {"properties": {"@type": {"const": name}}, "required": ["@type"]},
                "then": {"$ref": target},
            }
            for name, target in mapping.items()
        ]
        made["properties"] = {"@type": {"enum": sorted(mapping)}}
    if made.get("nullable"):
        made = {"anyOf": [{"type": "null"}, made]}
    return made


def _bad_dates(value: Any, path: str = "$") -> Iterator[str]:
    """Moments that do not end in Z."""
    if isinstance(value, dict):
        for name, inner in value.items():
            date_like = isinstance(inner, str) and name.endswith(("Date", "Time", "Ocurred", "Occurred"))
            if date_like and not inner.endswith("Z"):
                yield f"{path}.{name}"
            yield from _bad_dates(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _bad_dates(inner, f"{path}[{number}]")

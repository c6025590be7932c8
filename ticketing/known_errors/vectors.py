"""A column of vectors: pgvector's type where the database has that extension, an array of reals where it has not."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ticketing.known_errors.vocabulary import EMBEDDING_SIZE

_KNOWN: dict[str, bool] = {}


def installed(connection: Any) -> bool:
    """Whether the database has pgvector now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")
        return bool(cursor.fetchone()[0])


def has_pgvector(connection: Any) -> bool:
    """The same, asked once a process and database: a query must not pay for it."""
    name = str(connection.settings_dict["NAME"])
    if name not in _KNOWN:
        _KNOWN[name] = installed(connection)
    return _KNOWN[name]


def as_text(vector: Any) -> str:
    """How pgvector reads it: `[0.1,0.2]`."""
    return "[" + ",".join(f"{float(number):.6f}" for number in vector) + "]"


class VectorField(models.Field):  # type: ignore[type-arg]
    """A unit vector of EMBEDDING_SIZE numbers."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """pgvector's type, else real[]."""
        return f"vector({EMBEDDING_SIZE})" if installed(connection) else "real[]"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[float] | None:
        """A list of floats."""
        if value is None or isinstance(value, list):
            return value
        return [float(part) for part in value.strip("[]").split(",")]

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Text for pgvector, a list for an array."""
        if value is None:
            return None
        return as_text(value) if has_pgvector(connection) else [float(number) for number in value]

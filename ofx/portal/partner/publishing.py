"""An operator's footprint by the API: the same way as an upload in the browser, its columns found by their names."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction

from partners.coverage.actions import NotPossible, start_import, upload_import
from partners.coverage.columns import guess, problems
from partners.coverage.normalise import BadPlace, country_code
from partners.coverage.reading import ReadError, open_table
from partners.models import Import, Operator


class NotReadable(ValueError):
    """The file cannot be published; the text names the fix."""


def publish_file(*, operator: Operator, file: Any, country: str, actor: Any, at: datetime) -> Import:
    """Take in a file and hand it to a worker. Raises NotReadable."""
    with tempfile.NamedTemporaryFile(suffix=Path(str(file.name)).suffix) as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        mapping = _mapping(Path(copy.name))
    file.seek(0)
    return _start(operator, file, Path(str(file.name)).name, mapping, country, actor, at)


def publish_rows(*, operator: Operator, content: File, country: str, actor: Any, at: datetime) -> Import:
    """Take in rows as a file of their own."""
    content.name = f"api-{at:%Y%m%d-%H%M%S}.csv"
    return publish_file(operator=operator, file=content, country=country, actor=actor, at=at)


def _mapping(path: Path) -> dict[str, str]:
    try:
        with open_table(path) as table:
            mapping = guess(table.header)
            wrong = problems(mapping, table.header)
    except ReadError as error:
        raise NotReadable(str(error)) from error
    if wrong:
        raise NotReadable(" ".join(wrong.values()))
    return mapping


def _start(
    operator: Operator, file: Any, name: str, mapping: dict[str, str], country: str, actor: Any, at: datetime
) -> Import:
    try:
        with transaction.atomic():
            code = country_code(country)
            row = upload_import(operator=operator, file=file, name=name, country=code, actor=actor, at=at)
            return start_import(upload=row, mapping=mapping, actor=actor, at=at)
    except (NotPossible, BadPlace) as error:
        raise NotReadable(str(error)) from error

"""What known errors hold on a person: which versions they wrote. The records are about faults and name nobody."""

from collections.abc import Iterator
from typing import Any

from ofx.core.personal.registry import Person, exports
from ticketing.known_errors.models import KnownErrorVersion


@exports("known_errors")
def written(person: Person) -> Iterator[dict[str, Any]]:
    """Versions that they wrote, within the organisation that asked; erased with the account, which loses its name."""
    rows = KnownErrorVersion.objects.filter(by=person.user).select_related("article").order_by("pk")
    if person.user is None:
        return
    if person.organisation_id is not None:
        rows = rows.filter(article__organisation_id=person.organisation_id)
    for row in rows.iterator(chunk_size=500):
        yield {"record": row.article.reference, "version": row.number, "at": row.at, "note": row.note}

"""Load a file into new footprints: streamed in batches by COPY, each row checked, the rejected kept with their reason.

Nothing is visible until the end, when one transaction puts all new versions in force. Memory does not grow with the
file. A load that dies leaves a version in state loading, which the sweep ends.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from partners.coverage.actions import extend_lease, fail_footprint, open_footprint, publish_footprint
from partners.coverage.columns import Mapping, problems
from partners.coverage.models import Footprint, Offering, Operator, Price, RejectedRow
from partners.coverage.postcodes import copy_text
from partners.coverage.reading import OpenTable, ReadError, Unreadable, open_table
from partners.coverage.rows import Offer, Premises, Rejected, RowReader

BATCH = 50_000
MOST_REJECTED = 100_000  # kept for download; all are counted
MOST_PRODUCTS = 5_000
MOST_KNOWN_ADDRESSES = 200_000
COPY_ROWS = """COPY partners_footprintrow (footprint_id, country, level, key, technology, status, available_from,
  down_mbps, up_mbps, lead_days, offering_id) FROM STDIN"""
COPY_ADDRESSES = "COPY incoming_address (country, uprn, key, postcode, text, lat, lon) FROM STDIN"
MERGE_ADDRESSES = """
INSERT INTO partners_address (country, uprn, key, postcode, text, lat, lon)
SELECT DISTINCT ON (country, key) country, uprn, key, postcode, text, lat, lon FROM incoming_address
ON CONFLICT (country, key) DO UPDATE SET lat = coalesce(partners_address.lat, excluded.lat),
  lon = coalesce(partners_address.lon, excluded.lon)
WHERE partners_address.lat IS NULL AND excluded.lat IS NOT NULL
"""


class ImportFailed(Exception):
    """The file was not taken; `str(error)` says why and what would do."""


@dataclass
class Progress:
    """How far a load is; handed to `report` after each batch."""

    rows: int = 0
    rejected: int = 0
    bytes_done: int = 0
    bytes_total: int = 0


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is to be loaded."""

    path: Path
    name: str
    mapping: Mapping
    country: str
    synthetic: bool = False
    note: str = ""  # shown with the data: attribution that its licence asks for


@dataclass
class Result:
    """What became of a file."""

    footprints: list[Footprint]
    rows: int
    rejected: int
    operators: Counter[str] = field(default_factory=Counter)


@dataclass
class Batch:
    """What is written in one transaction."""

    lines: list[str] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    refused: int = 0


class Loader:
    """One load. `operator_for(provider)` names the operator of a row; one-operator files ignore its argument."""

    def __init__(
        self,
        source: Source,
        operator_for: Callable[[str], Operator],
        *,
        clock: Callable[[], datetime],
        actor: Any,
        report: Callable[[Progress], None] | None = None,
        opened: Callable[[Footprint], None] | None = None,
    ) -> None:
        self.source, self.operator_for = source, operator_for
        self.clock, self.actor = clock, actor
        self.report = report or (lambda progress: None)
        self.opened = opened or (lambda footprint: None)
        self.footprints: dict[str, Footprint] = {}
        self.offerings: dict[tuple[str, Offer], int] = {}
        self.counts: Counter[tuple[str, ...]] = Counter()  # footprint, level, technology, status
        self.known_addresses: set[str] = set()
        self.progress = Progress()

    def run(self) -> Result:
        """Read everything, publish. Raises ImportFailed; then nothing of it is in force."""
        try:
            with open_table(self.source.path) as table:
                self.check(table)
                self.read(table)
            return self.publish()
        except ReadError as error:
            self.give_up(str(error))
            raise ImportFailed(str(error)) from error
        except BaseException as error:
            self.give_up(str(error) or repr(error))
            raise

    def check(self, table: OpenTable) -> None:
        """Refuse a mapping that does not fit the file."""
        wrong = problems(self.source.mapping, table.header)
        if wrong:
            raise ImportFailed(" ".join(wrong.values()))

    def read(self, table: OpenTable) -> None:
        """All rows, batch by batch."""
        self.progress.bytes_total = table.size
        reader = RowReader(
            header=table.header,
            mapping=self.source.mapping,
            country=self.source.country,
            footprint_of=self.footprint_of,
            offering_of=self.offering_of,
        )
        if "provider" not in self.source.mapping:
            self.footprint_of("")
        batch = Batch()
        for cells in table.rows:
            try:
                batch.lines.append(reader.line(cells))
            except Rejected as reason:
                self.refuse(batch, table, cells, str(reason))
            if len(batch.lines) + batch.refused >= BATCH:
                batch = self.write(batch, reader, table)
        self.write(batch, reader, table)

    def refuse(self, batch: Batch, table: OpenTable, cells: list[str], reason: str) -> None:
        """Count a row that is not taken; keep it while there is room. Lines without anything in them are no rows."""
        if not any(cells) and not isinstance(cells, Unreadable):
            return
        batch.refused += 1
        if self.progress.rejected + batch.refused <= MOST_REJECTED:
            cut = [cell.replace("\x00", "�")[:300] for cell in cells[: len(table.header)]]
            raw = [list(pair) for pair in zip(table.header, cut, strict=False)]
            batch.rejected.append(RejectedRow(line=table.line(), reason=reason[:300], raw=raw))

    def write(self, batch: Batch, reader: RowReader, table: OpenTable) -> Batch:
        """Write one batch in a transaction of its own, say that we live, hand back an empty batch."""
        with transaction.atomic(), connection.cursor() as cursor:
            if batch.lines:
                batch.lines.sort()  # neighbours in the index go in together: a third quicker
                with cursor.copy(COPY_ROWS) as copy:
                    copy.write("\n".join([*batch.lines, ""]))
            self.write_addresses(cursor, reader.premises.values())
            self.keep_rejected(batch.rejected)
            for footprint in self.footprints.values():
                extend_lease(footprint=footprint, at=self.clock())
        self.counts.update(map(_kind, batch.lines))
        reader.premises.clear()
        self.progress.rows += len(batch.lines)
        self.progress.rejected += batch.refused
        self.progress.bytes_done = table.position()
        self.report(self.progress)
        return Batch()

    def write_addresses(self, cursor: Any, premises: Iterable[Premises]) -> None:
        """Addresses that this load has not written yet."""
        fresh = [row for row in premises if row.key not in self.known_addresses]
        if not fresh:
            return
        merge_addresses(cursor, fresh)
        if len(self.known_addresses) > MOST_KNOWN_ADDRESSES:
            self.known_addresses.clear()
        self.known_addresses.update(row.key for row in fresh)

    def keep_rejected(self, rows: list[RejectedRow]) -> None:
        """Rejected rows hang on the first footprint of the load: a file of many operators has one list."""
        if not rows:
            return
        home = next(iter(self.footprints.values()), None)
        if home is None:
            return
        for row in rows:
            row.footprint = home
        RejectedRow.objects.bulk_create(rows, batch_size=5000)

    # -- what the rows ask for -----------------------------------------------------------------------------------
    def footprint_of(self, provider: str) -> int:
        """Id of the version that this provider's rows go to, opened at its first row."""
        if provider not in self.footprints:
            operator = self.operator_for(provider)
            footprint = open_footprint(
                operator=operator,
                source=self.source.name,
                synthetic=self.source.synthetic,
                actor=self.actor,
                at=self.clock(),
                note=self.source.note,
            )
            self.footprints[provider] = footprint
            self.opened(footprint)
        return self.footprints[provider].pk

    def offering_of(self, provider: str, offer: Offer) -> int:
        """Id of the offering that a row names, made with its list price where it is new."""
        key = (provider, offer)
        if key not in self.offerings:
            if len(self.offerings) >= MOST_PRODUCTS:
                raise Rejected(f"The file names more than {MOST_PRODUCTS:,} products: is that column a product?")
            self.offerings[key] = self.make_offering(self.footprints[provider].operator, offer)
        return self.offerings[key]

    def make_offering(self, operator: Operator, offer: Offer) -> int:
        """The operator's offering of that code, else one sold only where rows name it, at list price."""
        known = Offering.objects.filter(operator=operator, code=offer.name).first()
        if known is not None:
            return known.pk
        with transaction.atomic():
            offering, made = Offering.objects.get_or_create(
                operator=operator,
                code=offering_code(offer),
                defaults={
                    "name": offer.name,
                    "technology": offer.technology,
                    "down_mbps": offer.down_mbps,
                    "up_mbps": offer.up_mbps,
                    "lead_days": offer.lead_days,
                    "everywhere": False,
                },
            )
            if made:
                Price.objects.create(
                    offering=offering,
                    one_off=offer.one_off,
                    monthly=offer.monthly,
                    currency=offer.currency,
                    starts=self.clock().date(),
                )
        return offering.pk

    # -- the end -------------------------------------------------------------------------------------------------
    def publish(self) -> Result:
        """Put every new version in force in one transaction. Raises ImportFailed where no row was taken."""
        if not self.progress.rows:
            raise ImportFailed(
                f"None of the file's {self.progress.rejected:,} rows could be taken, so nothing was published. "
                "Look at the reasons, mend the file or the columns, and try again."
            )
        result = Result([], self.progress.rows, self.progress.rejected)
        with transaction.atomic():
            for footprint in sorted(self.footprints.values(), key=lambda row: row.operator_id):
                self.publish_one(footprint, result)
        return result

    def publish_one(self, footprint: Footprint, result: Result) -> None:
        """One of the versions; the rejected rows are counted where they are kept, at the first of them."""
        summary = self.summary(footprint)
        if not summary:
            fail_footprint(footprint=footprint, reason="no row was taken", actor=self.actor, at=self.clock())
            return
        home = next(iter(self.footprints.values()))
        published = publish_footprint(
            footprint=footprint,
            summary=summary,
            rows_rejected=self.progress.rejected if footprint == home else 0,
            actor=self.actor,
            at=self.clock(),
        )
        result.footprints.append(published)
        result.operators[published.operator.code] = published.rows_total

    def summary(self, footprint: Footprint) -> list[dict[str, Any]]:
        """What the version holds, by technology, level and status."""
        own = [(kind, rows) for kind, rows in self.counts.items() if kind[0] == str(footprint.pk)]
        return [
            {"technology": technology, "level": level, "status": status, "rows": rows}
            for (_, level, technology, status), rows in sorted(own)
        ]

    def give_up(self, reason: str) -> None:
        """End the versions that were opened."""
        for footprint in self.footprints.values():
            fail_footprint(footprint=footprint, reason=reason, actor=self.actor, at=self.clock())


def merge_addresses(cursor: Any, rows: Iterable[Premises]) -> int:
    """Insert addresses that are new, fill in positions that were missing. Returns how many rows changed."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming_address")
    cursor.execute("CREATE TEMP TABLE incoming_address (LIKE partners_address) ON COMMIT DROP")
    cursor.execute("ALTER TABLE incoming_address DROP COLUMN id")
    with cursor.copy(COPY_ADDRESSES) as copy:
        copy.write(copy_text(rows))
    cursor.execute(MERGE_ADDRESSES)
    return int(cursor.rowcount)


def _kind(line: str) -> tuple[str, ...]:
    """Footprint, level, technology and status of a line of COPY."""
    cells = line.split("\t", 6)
    return cells[0], cells[2], cells[4], cells[5]


def offering_code(offer: Offer) -> str:
    """A code that is the same for the same product, speeds and price."""
    speeds = "-".join("x" if value is None else f"{value:g}" for value in (offer.down_mbps, offer.up_mbps))
    return f"{slugify(offer.name)[:40] or 'product'}-{speeds}-{offer.monthly:.2f}-{offer.one_off:.2f}"[:80]

"""Our columns, and how theirs are matched to them.

A mapping is a plain dict: our column → the name of theirs, or `=text` for a value that holds for every row.
"""

import re
from dataclasses import dataclass

Mapping = dict[str, str]
CONSTANT = "="


@dataclass(frozen=True)
class OurColumn:
    """One thing that a row may say. `words` are names under which it is found without being told."""

    key: str
    label: str
    help: str
    words: tuple[str, ...]
    constant: bool = False  # a fixed value for the whole file makes sense


COLUMNS: tuple[OurColumn, ...] = (
    OurColumn("postcode", "Postcode", "full postcode or ZIP; an outcode or sector serves the whole area",
              ("postcode", "postal code", "post code", "zip", "zip code", "zipcode", "pcd", "pcds", "eircode", "plz")),
    OurColumn("sector", "Postcode sector", "as SW1A 1", ("sector", "postcode sector")),
    OurColumn("outcode", "Outcode", "as SW1A", ("outcode", "district", "postcode district", "area")),
    OurColumn("uprn", "Premises id", "UPRN or another national id", ("uprn", "premises id", "premise id", "urpn")),
    OurColumn("address", "Address", "one line; makes the row valid for that premises only",
              ("address", "full address", "premises", "site address")),
    OurColumn("lat", "Latitude", "degrees, WGS 84", ("lat", "latitude")),
    OurColumn("lon", "Longitude", "degrees, WGS 84", ("lon", "long", "lng", "longitude")),
    OurColumn("technology", "Technology", "FTTP, FTTC, EAD, DFA; others are kept as they are",
              ("technology", "tech", "access type", "access technology", "bearer"), constant=True),
    OurColumn("status", "Status", "live, planned or build; empty means live",
              ("status", "state", "rfs status", "availability", "stage"), constant=True),
    OurColumn("available_from", "Available from", "date, for planned and in build",
              ("available from", "available_from", "rfs date", "rfs", "ready for service", "live date", "planned date"),
              constant=True),
    OurColumn("down_mbps", "Download", "Mbit/s", ("down", "download", "down mbps", "download speed", "max down",
              "max download speed", "down_mbps", "downstream"), constant=True),
    OurColumn("up_mbps", "Upload", "Mbit/s", ("up", "upload", "up mbps", "upload speed", "max up",
              "max upload speed", "up_mbps", "upstream"), constant=True),
    OurColumn("lead_days", "Lead time", "installation, in working days",
              ("lead", "lead days", "lead time", "lead_days", "lead time days", "sla days"), constant=True),
    OurColumn("product", "Product", "makes the row an offer of that product at that place",
              ("product", "plan", "package", "offer", "product name", "tariff"), constant=True),
    OurColumn("monthly", "Monthly price", "list price a month",
              ("monthly", "price", "monthly price", "mrc", "price_usd", "rental"), constant=True),
    OurColumn("one_off", "One-off price", "list price once",
              ("one off", "one-off", "nrc", "connection", "install price", "setup"), constant=True),
    OurColumn("currency", "Currency", "three letters; the country's if not given", ("currency", "ccy"), constant=True),
    OurColumn("provider", "Operator", "only in files of many operators", ("provider", "operator", "isp", "carrier")),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
PLACE_KEYS = ("postcode", "sector", "outcode", "uprn")


def guess(header: list[str], columns: tuple[OurColumn, ...] = COLUMNS) -> Mapping:
    """Our columns found by name in a header; each of theirs is used once."""
    words = {_plain(name): name for name in reversed(header)}
    found: Mapping = {}
    for column in columns:
        hit = next((words[word] for word in map(_plain, column.words) if word in words), None)
        if hit is not None and hit not in found.values():
            found[column.key] = hit
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def problems(mapping: Mapping, header: list[str], *, many: bool = False) -> dict[str, str]:
    """Our column (or "") → what is wrong with a mapping, for people; empty where it will do."""
    found: dict[str, str] = {}
    for key, theirs in mapping.items():
        if key not in BY_KEY:
            found[key] = f"We have no column “{key}”. Ours are: {', '.join(BY_KEY)}."
        elif theirs.startswith(CONSTANT):
            if not BY_KEY[key].constant:
                found[key] = f"“{BY_KEY[key].label}” differs from row to row: choose one of the file's columns."
        elif theirs not in header:
            found[key] = f"The file has no column “{theirs}”. It has: {', '.join(header)[:300]}."
    if not any(mapping.get(key) for key in PLACE_KEYS):
        found["postcode"] = "Choose the column that says where: postcode, sector, outcode or premises id."
    if mapping.get("address") and not mapping.get("postcode"):
        found["address"] = "An address is only understood together with a postcode column."
    if not mapping.get("technology") and not mapping.get("product"):
        found["technology"] = "Choose the technology's column, or give one technology for the whole file."
    if many != bool(mapping.get("provider")) and many:
        found["provider"] = "Choose the column that names the operator of each row."
    return found

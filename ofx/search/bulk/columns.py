"""Our columns of a file of places, and how theirs are matched to them. A mapping: our column → the name of theirs."""

from partners.coverage.columns import Mapping, OurColumn

COLUMNS: tuple[OurColumn, ...] = (
    OurColumn("postcode", "Postcode", "whole postcode or ZIP",
              ("postcode", "post code", "postal code", "zip", "zip code", "zipcode", "eircode", "plz", "pcd", "pcds")),
    OurColumn("uprn", "Premises id", "UPRN or another national id", ("uprn", "premises id", "premise id")),
    OurColumn("address", "Address", "one line; narrows the answer to the premises, with a postcode beside it",
              ("address", "full address", "site address", "street", "address line 1", "premises")),
    OurColumn("country", "Country", "two letters; else as chosen for the file", ("country", "country code")),
    OurColumn("reference", "Your reference", "comes back with the result",
              ("reference", "ref", "site id", "site", "id", "your reference", "site reference")),
    OurColumn("customer", "Customer", "name or account number, for orders",
              ("customer", "customer name", "account", "account number", "client")),
    OurColumn("contact_name", "Site contact", "for orders", ("contact", "contact name", "site contact")),
    OurColumn("contact_phone", "Contact's phone", "for orders", ("phone", "contact phone", "telephone", "mobile")),
    OurColumn("contact_email", "Contact's e-mail", "for orders", ("email", "e-mail", "contact email")),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
PLACE_KEYS = ("postcode", "uprn", "address")


def problems(mapping: Mapping, header: list[str]) -> dict[str, str]:
    """Our column → what is wrong with a mapping; empty where it will do."""
    found = {
        key: f"The file has no column “{theirs}”. It has: {', '.join(header)[:300]}."
        for key, theirs in mapping.items()
        if theirs not in header
    }
    if not any(mapping.get(key) for key in PLACE_KEYS):
        found["postcode"] = "Choose the column that says where: postcode, premises id or address."
    return found

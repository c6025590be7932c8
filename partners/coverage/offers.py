"""Files of many operators at once: an operator is made for each provider that the file names."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from django.db import transaction
from django.utils.text import slugify

from ofx.core.models import Organisation
from partners.coverage.importer import Source
from partners.coverage.models import Operator
from partners.coverage.rows import Rejected

MOST_OPERATORS = 500
US_MAPPING = {
    "provider": "provider",
    "product": "plan",
    "postcode": "zip",
    "address": "address",
    "lat": "lat",
    "lon": "lon",
    "down_mbps": "down_mbps",
    "up_mbps": "up_mbps",
    "monthly": "price_usd",
    "currency": "=USD",
}
US_ATTRIBUTION = (
    "Offers of 2023: University of Virginia Biocomplexity Institute (SDAD), CC BY 4.0; content from BroadbandNow. "
    "Technologies are not stated in the source."
)


def us_offers(path: Path) -> tuple[Source, Callable[[str], Operator]]:
    """The public file of US offers by address (data/README): its columns, and the operator of each provider."""
    source = Source(path=path, name=path.name, mapping=US_MAPPING, country="US", note=US_ATTRIBUTION)
    return source, real_operators("US")


def real_operators(country: str) -> Callable[[str], Operator]:
    """Provider's name → operator, made where it is new: real, without any agreement, so nothing is sent to it."""
    made: dict[str, Operator] = {}

    def operator_for(provider: str) -> Operator:
        if not provider:
            raise Rejected("The operator's name is empty.")
        if provider not in made:
            if len(made) >= MOST_OPERATORS:
                raise Rejected(f"The file names more than {MOST_OPERATORS} operators: is that column the operator?")
            made[provider] = _operator(provider[:120], country)
        return made[provider]

    return operator_for


def _operator(name: str, country: str) -> Operator:
    code = f"{country.lower()}-{slugify(name)[:28] or 'operator'}"
    other = Operator.objects.filter(code=code).exclude(name=name).exists()
    if other:  # “A&B” and “AB” make the same code
        code = f"{code}-{crc32(name.encode()):08x}"
    with transaction.atomic():
        organisation, _ = Organisation.objects.get_or_create(
            slug=f"op-{code}", defaults={"kind": "operator", "name": name, "country": country}
        )
        operator, _ = Operator.objects.get_or_create(
            code=code, defaults={"organisation": organisation, "name": name, "country": country}
        )
    return operator

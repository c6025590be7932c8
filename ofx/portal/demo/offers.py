"""The real thing beside the invented: offers by address in three US counties, where the data folder has the file."""

from django.conf import settings

from ofx.core.clock import now
from ofx.portal.demo.base import Demo, DemoError
from partners.coverage.importer import ImportFailed, Loader, Progress
from partners.coverage.offers import us_offers
from partners.coverage.progress import Progress as Line
from partners.coverage.reading import ReadError
from partners.models import Footprint

LABEL = "US offers by address"
FILE = "us_offers_by_address_2023.csv.xz"


def run(demo: Demo) -> str:
    """Import the whole file through the same importer as everybody's, once."""
    path = settings.OFX_DATA / FILE if settings.OFX_DATA else None
    if path is None or not path.exists():
        return "left out, OFX_DATA names no folder that holds them"
    if not demo.full:
        return "left out at this scale"
    if not Footprint.objects.filter(source=FILE, state="active").exists():
        line = Line("US offers", 1_129_452, demo.out)

        def report(progress: Progress) -> None:
            line.to(progress.rows + progress.rejected)

        source, operator_for = us_offers(path)
        try:
            Loader(source, operator_for, clock=now, actor=None, report=report).run()
        except (ImportFailed, ReadError) as error:
            raise DemoError(str(error)) from error
        line.finish()
    return f"{Footprint.objects.filter(source=FILE, state='active').count()} real operators, none with an agreement"

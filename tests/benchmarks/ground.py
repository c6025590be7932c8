"""Where benches stand: their folder, and a database server of their own with the product's tables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ofx.embedded import paths
from ofx.embedded.postgres import Postgres

CHECKOUT = Path(__file__).resolve().parents[2]


def home(name: str = "") -> Path:
    """The folder of one bench below OFX_BENCH_HOME (default .ofx/bench); it is kept between runs."""
    base = Path(os.environ.get("OFX_BENCH_HOME", "").strip() or CHECKOUT / ".ofx" / "bench").absolute()
    return base / name


@contextmanager
def migrated(name: str, settings: str = "ofx.settings") -> Iterator[dict[str, str]]:
    """The environment of a migrated database on a server that runs as long as the block."""
    place = home(name)
    server = Postgres(place)
    server.start()
    try:
        environment = {
            **os.environ,
            "DATABASE_URL": paths.database_url(place),
            "OFX_HOME": str(place),
            "DJANGO_SETTINGS_MODULE": settings,
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
        subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
        yield environment
    finally:
        server.stop()

"""Which parts of the system are alive, and the numbers of its work."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

# Prometheus' client reads this when it is imported, so it stands before every module that imports it: numbers are kept
# in files that all web processes of a machine share. Where none can be written each process tells its own.
with suppress(OSError):
    Path(settings.METRICS_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)

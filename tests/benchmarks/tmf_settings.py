"""The product's settings with a bare DRF viewset beside its URLs, to measure TMF622 against."""

from ofx.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.tmf_urls"

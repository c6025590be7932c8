"""The product's settings with a bare view beside its URLs, to measure against."""

from ofx.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.tickets_urls"

"""The product's settings with two bare views beside its URLs, to measure against."""

from ofx.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"

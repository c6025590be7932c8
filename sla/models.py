"""The package's models, slice by slice."""

from sla.compensation.models import CompensationCover, CompensationRate

__all__ = ["CompensationCover", "CompensationRate"]

"""What the portal keeps: figures counted in the background, nothing that is not elsewhere in full."""

from ofx.portal.bulk.models import BatchRow, OrderBatch
from ofx.portal.home.models import DayFigures

__all__ = ["BatchRow", "DayFigures", "OrderBatch"]

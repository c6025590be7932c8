"""What the portal keeps: figures counted in the background, nothing that is not elsewhere in full."""

from ofx.portal.bulk.models import BatchRow, OrderBatch
from ofx.portal.home.models import DayFigures
from ofx.portal.widget.models import WidgetKey, WidgetSite

__all__ = ["BatchRow", "DayFigures", "OrderBatch", "WidgetKey", "WidgetSite"]

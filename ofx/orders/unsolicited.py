"""Messages that match no case of ours: a partner may have made an order by itself (DOMAIN R16)."""

from datetime import datetime

from ofx.core.transitions import IllegalTransition
from ofx.orders.actions.changing import adopt_unsolicited
from partners.connectors.base import Unreadable
from partners.connectors.registry import connector_for
from partners.conversations import actions as conversations
from partners.mapping.base import Unmappable
from partners.mapping.canonical import News
from partners.mapping.dialects import mapping_for
from partners.models import Leg, Message


def look(*, message_id: int, at: datetime) -> int:
    """Make orders of the unsolicited ceases in a message, and have it read again. Returns how many are known now."""
    message = Message.objects.select_related("endpoint__operator").filter(pk=message_id, state="unrouted").first()
    if message is None or not message.endpoint.speaks("order"):
        return 0
    known = 0
    for news in _created(message):
        adopt_unsolicited(endpoint=message.endpoint, news=news, at=at)
        known += Leg.objects.filter(endpoint=message.endpoint, external_id=news.external_id).exists()
    if known:
        try:
            conversations.replay(message=message, actor=None, at=at)
        except IllegalTransition:
            return 0
    return known


def _created(message: Message) -> list[News]:
    endpoint = message.endpoint
    mapping = mapping_for(endpoint.dialect, endpoint.kind)
    try:
        records = connector_for(endpoint.kind).parse(bytes(message.raw), message.headers)
    except Unreadable:
        return []
    found: list[News] = []
    for record in records:
        try:
            told = [news for news in mapping.inbound(record).news if isinstance(news, News)]
            found += [news for news in told if news.update_type == "CREATED"]
        except Unmappable:
            continue
    return found

"""What partners demand to be told of a fault, asked in words that somebody at home can answer."""

from collections.abc import Iterable

from ticketing.tickets.vocabulary import CHARACTERISTICS

# Code → question and hint. What is not here is asked as the desk reads it.
PLAIN: dict[str, tuple[str, str]] = {
    "SERVICE_HAS_WORKED": ("Has this connection ever worked?", ""),
    "LAST_WORKED": ("On which day did it last work?", ""),
    "CPE_CHECKED": ("Have you looked at the cables of your router, and switched it off and on?", ""),
    "CPE_TYPE": ("Which router do you have?", "Its name stands on the label, often underneath."),
    "CPE_POWER": ("Is any light on at your router?", ""),
    "USAGE_CHANGES": ("Has anything changed at your place lately?", "New devices, building work, furniture. Or: no."),
    "PRODUCT_CHANGES": ("Has your package been changed in the last weeks?", ""),
    "24HR_ACCESS": ("Can an engineer get in at any time, also at night?", ""),
    "REPEAT_PROBLEM": ("Have you had the same trouble before?", ""),
    "SYNC_LIGHT": ("What does the light marked PON, DSL or Broadband do?", "For example: on, off, blinking, red."),
    "ONT_POWER": ("Is the light marked Power on at the fibre box?", "The small box where the fibre comes in."),
}
DESK_ONLY = {"TRC_CHARGEBAND"}  # agreed between provider and partner: no customer can know it


def askable(codes: Iterable[str], *, customer: bool) -> list[str]:
    """Those that the last form can ask of this reader; what is left is for the desk, before it raises the fault."""
    return [code for code in codes if code in CHARACTERISTICS and not (customer and code in DESK_ONLY)]


def question(code: str, *, customer: bool) -> tuple[str, str]:
    """The question and a hint."""
    return PLAIN[code] if customer and code in PLAIN else (CHARACTERISTICS[code][0], "")

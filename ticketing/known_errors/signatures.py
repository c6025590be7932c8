"""Does a test result, a light or a closure code point at a record? Pure."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Signature:
    """What a test, the lights or a closure said."""

    code: str = ""
    colour: str = ""
    leds: str = ""
    closure: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.code or self.colour or self.leds or self.closure)


def matches(signature: Signature, article: Any) -> tuple[float, list[str]]:
    """How well a record's signature fits, 0 to 1, with the reasons in words. A test code says most."""
    found: list[tuple[float, str]] = []
    if signature.code and any(_like(signature.code, pattern) for pattern in article.test_codes):
        found.append((1.0, f"same test code, {signature.code}"))
    if signature.closure and any(_like(signature.closure, pattern) for pattern in article.closure_codes):
        found.append((0.8, f"same closure code, {signature.closure}"))
    if signature.leds and article.leds and _lights(signature.leds) & _lights(article.leds):
        found.append((0.6, "same lights"))
    if found and signature.colour and signature.colour == article.test_colour:
        found.append((0.1, f"test is {signature.colour}"))
    return min(1.0, max((weight for weight, _ in found), default=0.0)), [why for _, why in found]


def _like(code: str, pattern: str) -> bool:
    return fnmatchcase(code.upper(), pattern.upper())


def _lights(text: str) -> set[str]:
    """`PON red, LOS blinking` → {"pon red", "los blinking"}."""
    return {" ".join(part.split()) for part in re.split(r"[,;]", text.lower()) if part.strip()}

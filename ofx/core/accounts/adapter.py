"""How django-allauth signs people in here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited by their organisation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always closed."""
        return False

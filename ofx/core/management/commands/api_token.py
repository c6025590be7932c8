"""Print an API token for a user."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ofx.core import clock
from ofx.core.accounts.actions import issue_token, revoke_token
from ofx.core.accounts.models import ApiToken, User


class Command(BaseCommand):
    """`manage.py api_token --user EMAIL [--label TEXT] [--revoke ID]`."""

    help = "Print a new API token of a user (kept hashed), or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        """--user, --label, --revoke."""
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--label", default="command line")
        parser.add_argument("--revoke", type=int, metavar="ID", help="revoke this token instead of making one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue or revoke."""
        user = User.objects.filter(email__iexact=options["user"]).first()
        if user is None or user.acting is None:
            raise CommandError(f"--user: no user with a membership has the e-mail {options['user']}")
        if options["revoke"]:
            token = ApiToken.objects.filter(pk=options["revoke"], membership__user=user).first()
            if token is None:
                raise CommandError(f"--revoke: {user.email} has no token {options['revoke']}")
            revoke_token(token=token, actor=None, at=clock.now())
            return
        _, secret = issue_token(membership=user.acting, label=options["label"], actor=None, at=clock.now())
        self.stdout.write(secret)

"""`manage.py up`: everything on this machine under one supervisor (what `make run` runs)."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ofx.core.accounts.models import Organisation
from ofx.embedded.broker import BrokerError
from ofx.embedded.lock import AlreadyRunning
from ofx.embedded.postgres import PostgresError
from ofx.embedded.stack import Options, Questions, Stack, UpError
from ofx.embedded.supervisor import StartFailed


class Command(BaseCommand):
    """Starts database, broker, web, worker, scheduler and sandbox; Ctrl-C stops them all."""

    help = "Run the whole product on this machine: database, broker, web, worker, scheduler, sandbox."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--no-demo and --no-sandbox."""
        parser.add_argument("--no-demo", action="store_true", help="load no demo data")
        parser.add_argument("--no-sandbox", action="store_true", help="start no simulated partners")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until somebody stops it."""
        without_pool()
        stack = Stack(read_options(options), Questions(has_pending_migrations, has_no_organisations))
        try:
            stack.run()
        except (UpError, StartFailed, AlreadyRunning, PostgresError, BrokerError) as error:
            raise CommandError(str(error)) from None


def read_options(given: dict[str, Any]) -> Options:
    """What to start, from the settings, the environment and the command line."""
    return Options(
        home=settings.OFX_HOME,
        port=settings.OFX_PORT,
        base_url=settings.OFX_BASE_URL,
        broker_url=settings.BROKER_URL,
        sandbox_port=settings.SANDBOX_PORT,
        password=settings.DEMO_PASSWORD,
        embedded_database=not os.environ.get("DATABASE_URL", "").strip(),
        embedded_broker=not os.environ.get("BROKER_URL", "").strip(),
        demo=not given["no_demo"],
        sandbox=not given["no_sandbox"],
    )


def without_pool() -> None:
    """Let this process ask the database without a pool: a supervisor that forks must have no threads."""
    connection.settings_dict["OPTIONS"] = {
        key: value for key, value in connection.settings_dict["OPTIONS"].items() if key != "pool"
    }


def has_pending_migrations() -> bool:
    """Whether the database lacks a migration; asking is quicker than running `migrate` in vain."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    finally:
        connection.close()


def has_no_organisations() -> bool:
    """Whether the database is still empty."""
    try:
        return not Organisation.objects.exists()
    finally:
        connection.close()

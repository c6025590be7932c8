"""The kernel's app: no telecom word in it."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Loads every package's subscribers, sweeps, metrics and what can be watched, once all apps are ready."""

    name = "ofx.core"
    label = "core"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Fill the registries of event subscribers, sweeps and watchable things."""
        autodiscover_modules("subscribers", "sweeps", "watching", "personal", "metrics")
        for name in (
            "health.sources",
            "accounts.traces",
            "mail.sweeps",
            "personal.sweeps",
            "notices.personal",
        ):  # the kernel's own slices
            import_module(f"ofx.core.{name}")

"""All settings, and the only code that reads the environment.

`Settings.from_env` takes any mapping, so that a test or an application can pass its own; `parameters` is the table of
variables. Only `apply_defaults`, `choose_metrics_exporters`, `elect` and `disable_sdk` write to the environment: the
SDK, its instrumentations and its command read those variables themselves, and accept no argument instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Final, TextIO

from pazpaz_otel import masking, parsing
from pazpaz_otel.errors import SettingsError
from pazpaz_otel.parameters import PRODUCTION

_DEFAULTS: Final = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database",
}
_LOCAL: Final = frozenset({"local", "dev", "development", "test", "testing", ""})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    policy: str | None = None
    strict: bool = False
    explain: bool = False
    explain_file: str | None = None
    """The file in which to record what was dropped."""
    lean: bool = True
    guard_output: bool = False
    excluded_urls: tuple[tuple[str, str], ...] = ()
    """Pairs of framework and the patterns of its URLs that are neither traced nor counted, separated by commas."""
    disabled_instrumentations: tuple[str, ...] = ()
    enable_metrics: bool = True
    sdk_disabled: bool = False
    config_file: str | None = None
    sampler: str | None = None
    metrics_exporters: tuple[str, ...] = ("otlp",)
    prometheus_host: str = "localhost"
    prometheus_port: int = 9464
    ledger: str = "auto"
    """`auto`, `on`, `off`, or a directory."""
    scrape_interval: float = 15.0
    """In seconds."""
    metric_export_interval: float | None = None
    """In seconds, if set."""
    web_concurrency: int = 1
    """The number of workers that uvicorn and gunicorn start unless their command line sets it."""
    sentry_dsn: str | None = None
    sentry_environment: str | None = None
    sentry_release: str | None = None
    guide_environment: str | None = None
    """The value of `ENVIRONMENT`, which the guide's back end uses."""
    resource_attributes: tuple[tuple[str, str], ...] = ()
    """`OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, decoded."""
    urls: tuple[str, ...] = ()
    """The environment's values that are URLs."""
    databases: tuple[tuple[str, str], ...] = ()
    """Pairs of part and value of database addresses in the environment (`PGHOST`, `POSTGRES_DB`, `DB_USER`)."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings in `environ`, by default the process's environment.

        Raises:
            SettingsError: a variable of this package can't be used; the message has its name, never its value.
        """
        env = os.environ if environ is None else environ
        resource = dict(parsing.pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", "")))
        if env.get("OTEL_SERVICE_NAME"):
            resource["service.name"] = env["OTEL_SERVICE_NAME"]
        return cls(
            policy=env.get("PAZPAZ_OTEL_POLICY") or None,
            strict=parsing.flag(env, "PAZPAZ_OTEL_STRICT", default=False),
            explain=bool(env.get("PAZPAZ_OTEL_EXPLAIN")) and not parsing.is_false(env["PAZPAZ_OTEL_EXPLAIN"]),
            explain_file=parsing.path(env.get("PAZPAZ_OTEL_EXPLAIN", "")),
            lean=parsing.flag(env, "PAZPAZ_OTEL_LEAN", default=True),
            guard_output=parsing.flag(env, "PAZPAZ_OTEL_GUARD_OUTPUT", default=False),
            excluded_urls=tuple(parsing.excluded_urls(env)),
            disabled_instrumentations=parsing.names(env.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "")),
            enable_metrics=parsing.flag(env, "ENABLE_METRICS", default=True),
            sdk_disabled=env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true",
            config_file=env.get("OTEL_CONFIG_FILE") or None,
            sampler=env.get("OTEL_TRACES_SAMPLER") or None,
            metrics_exporters=parsing.names(env.get("OTEL_METRICS_EXPORTER", "otlp")),
            prometheus_host=env.get("OTEL_EXPORTER_PROMETHEUS_HOST") or "localhost",
            prometheus_port=parsing.port(env, "OTEL_EXPORTER_PROMETHEUS_PORT", 9464),
            ledger=parsing.ledger(env.get("PAZPAZ_OTEL_LEDGER", "")),
            scrape_interval=parsing.seconds(env, "PAZPAZ_OTEL_SCRAPE_INTERVAL", 15.0),
            metric_export_interval=parsing.milliseconds(env.get("OTEL_METRIC_EXPORT_INTERVAL", "")),
            web_concurrency=parsing.count(env.get("WEB_CONCURRENCY", "")),
            sentry_dsn=env.get("SENTRY_DSN") or None,
            sentry_environment=env.get("SENTRY_ENVIRONMENT") or None,
            sentry_release=env.get("SENTRY_RELEASE") or None,
            guide_environment=env.get("ENVIRONMENT") or None,
            resource_attributes=tuple(resource.items()),
            urls=tuple(value for value in env.values() if "://" in value),
            databases=tuple(parsing.database_parts(env)),
        )

    def resource_attribute(self, key: str) -> str | None:
        """Return a resource attribute from the environment, or None."""
        return dict(self.resource_attributes).get(key)

    @property
    def environment(self) -> str | None:
        """The deployment's environment, as used for Sentry and the resource."""
        return (
            self.sentry_environment
            or self.resource_attribute("deployment.environment.name")
            or self.resource_attribute("deployment.environment")
            or self.guide_environment
        )

    @property
    def release(self) -> str | None:
        """The release, as used for Sentry and the resource."""
        return self.sentry_release or self.resource_attribute("service.version")

    @property
    def is_local(self) -> bool:
        """Whether the deployment's environment is a developer's own machine."""
        return (self.environment or "") in _LOCAL

    @property
    def unexplained(self) -> str | None:
        """Why nothing is explained in this environment, though `PAZPAZ_OTEL_EXPLAIN` asks for it; None: it may be."""
        if self.explain_file is not None:
            is_production = (self.environment or "").lower() in PRODUCTION
            return "writes no file: the environment is production" if is_production else None
        if self.explain and not self.is_local:
            return f"says nothing: the environment, {self.environment}, isn't a local one; name a file instead"
        return None


def apply_defaults(environ: MutableMapping[str, str] | None = None, *, metrics: bool = True) -> None:
    """Set this distribution's defaults for standard variables; values that are already set stay.

    Args:
        environ: the mapping to change; by default, the process's environment.
        metrics: False turns metrics off, whatever exporter is set.
    """
    env = os.environ if environ is None else environ
    for name, value in _DEFAULTS.items():
        env.setdefault(name, value)
    if not metrics:
        env["OTEL_METRICS_EXPORTER"] = "none"


def disable_sdk() -> None:
    """Turn every signal off, for this process and its children.

    The last resort if guards can't be installed: the SDK has no other switch for providers that an application creates
    itself.
    """
    os.environ["OTEL_SDK_DISABLED"] = "true"


def mask(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return `text` without the environment's secrets and without a URL's user and password."""
    return masking.mask(text, os.environ if environ is None else environ)


def inherited(overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment updated with `overrides`, for a child process."""
    return {**os.environ, **(overrides or {})}


def choose_metrics_exporters(names: Iterable[str]) -> None:
    """Set the exporters that the SDK's configurator creates."""
    os.environ["OTEL_METRICS_EXPORTER"] = ",".join(names)


def elect(name: str) -> None:
    """Set the distribution and the configurator that the auto-instrumentation uses; values already set stay."""
    for variable in ("OTEL_PYTHON_DISTRO", "OTEL_PYTHON_CONFIGURATOR"):
        os.environ.setdefault(variable, name)


def has_proxies() -> bool:
    """Return whether the environment or the operating system names a proxy, or what needs none."""
    if sys.platform in {"darwin", "win32"}:
        from urllib.request import getproxies  # noqa: PLC0415 - half a megabyte, and elsewhere only the environment counts

        return bool(getproxies())
    return any(value and name.lower().endswith("_proxy") for name, value in os.environ.items())


def wants_colour(stream: TextIO) -> bool:
    """Return whether to write to a stream in colour: only to a terminal, without `NO_COLOR` (https://no-color.org)."""
    if os.environ.get("FORCE_COLOR"):
        return True
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def is_strict() -> bool:
    """Return whether to refuse to start if settings can't be used; also True if this setting itself can't."""
    return _is_on("PAZPAZ_OTEL_STRICT")


def guards_output() -> bool:
    """Return whether to guard lines if settings can't be used; also True if this setting itself can't."""
    return _is_on("PAZPAZ_OTEL_GUARD_OUTPUT")


def _is_on(name: str) -> bool:
    try:
        return parsing.flag(os.environ, name, default=False)
    except SettingsError:
        return True


def registered_words() -> tuple[str, ...]:
    """Return the environment's values that routes begin with and queues are named by, as they are now.

    An application may read its `.env` file into the environment when it is imported.
    """
    return tuple(parsing.registered_words(os.environ))

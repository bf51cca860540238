"""Run an audit: start the receivers and the process, search, and report."""

from __future__ import annotations

import builtins
import contextlib
import json
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.excerpt import of_source
from pazpaz_otel.audit.facts import facts_of, held_back, in_braces, overflowed
from pazpaz_otel.audit.report import Report, leaks_of
from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.audit.sinks import GrpcSink, HttpSink, Received, Sink
from pazpaz_otel.audit.walk import walk
from pazpaz_otel.diagnosis.packages import is_installed
from pazpaz_otel.notices import OWN_LINE
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pazpaz_otel.audit.facts import Fact
    from pazpaz_otel.audit.scan import Find

_PROPAGATED = ("baggage", "tracestate", "traceparent", "sentry-trace", "b3")
_TIMEOUT = 300
_LAST = 6
# What Python itself and the usual servers say of an application that can't start.
_PYTHON: Final = (
    "Traceback most recent call last File line in During handling of the above exception another occurred No module"
    f" named ERROR INFO Application startup failed Exiting Waiting for lifespan on py {' '.join(dir(builtins))}"
)


class AuditError(Exception):
    """The audited process failed; the message contains the last lines it printed."""


def instrumented(python: str = sys.executable) -> list[str]:
    """Return the command that starts Python under the zero-code instrumentation."""
    return [str(Path(sysconfig.get_path("scripts")) / "opentelemetry-instrument"), python]


def run_audit(  # noqa: PLR0913 - each has a name at the call
    environment: Mapping[str, str],
    *,
    seed: int,
    protocol: str = "http/protobuf",
    policy: str | None = None,
    command: Sequence[str] | None = None,
    raw_output: bool = False,
    brief: bool = False,
) -> Report:
    """Audit a process that plants the whole corpus on every surface, in the given environment.

    Args:
        environment: the process's environment, which is the user's; exporters and endpoints are overridden.
        seed: the seed of the invented data.
        protocol: ``http/protobuf`` or ``grpc``, as in ``OTEL_EXPORTER_OTLP_PROTOCOL``.
        policy: the policy file, for the list of keys to plant under.
        command: the command that starts Python; by default `instrumented()`.
        raw_output: whether to leave the process's own log lines unguarded.
        brief: whether to plant only on spans and logs, which is enough to show that the search finds leaks.

    Raises:
        AuditError: the process didn't finish.
    """
    with (
        receiving(protocol) as (http, sinks, settings),
        tempfile.TemporaryDirectory(prefix="pazpaz-otel-audit-") as folder,
    ):
        record = Path(folder) / "record.json"
        arguments = ["--record", str(record), "--seed", str(seed), "--downstream", http.endpoint]
        if is_installed("prometheus"):
            metrics_port = str(free_port())
            settings["OTEL_METRICS_EXPORTER"] = "otlp,prometheus"
            settings["OTEL_EXPORTER_PROMETHEUS_PORT"] = metrics_port
            arguments += ["--scrape", f"http://localhost:{metrics_port}/metrics"]
        arguments += ["--policy", policy] if policy else []
        arguments += ["--raw-output"] if raw_output else []
        arguments += ["--brief"] if brief else []
        done = _run(
            [*(command or instrumented()), "-m", "pazpaz_otel.audit.driver", *arguments], {**environment, **settings}
        )
        if not record.exists():
            raise AuditError(f"the process under audit ended with {done.returncode}:\n{last_lines(done.stderr)}")
        planted = json.loads(record.read_text(encoding="utf-8"))
        outputs = {"stdout": done.stdout, "stderr": done.stderr, "metrics endpoint": planted["exposed"].encode()}
        return examine(planted, [one for sink in sinks for one in sink.received], outputs, seed)


@contextlib.contextmanager
def receiving(protocol: str) -> Iterator[tuple[HttpSink, list[Sink], dict[str, str]]]:
    """Start an audit's receivers; yield the one for HTTP, all, and the settings that send a process's telemetry there.

    Args:
        protocol: ``http/protobuf`` or ``grpc``.
    """
    with contextlib.ExitStack() as stack:
        http = stack.enter_context(HttpSink())
        otlp: HttpSink | GrpcSink = http
        sinks: list[Sink] = [http]
        if protocol == "grpc":
            otlp = stack.enter_context(GrpcSink())
            sinks.append(otlp)
        yield (
            http,
            sinks,
            {
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_METRICS_EXPORTER": "otlp",
                "OTEL_LOGS_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_ENDPOINT": otlp.endpoint,
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                "OTEL_EXPORTER_OTLP_INSECURE": "true",
                "OTEL_TRACES_SAMPLER": "always_on",
                "OTEL_METRIC_EXPORT_INTERVAL": "600000",
                "SENTRY_DSN": http.dsn,
                "PYTHONUNBUFFERED": "1",
            },
        )


def last_lines(output: bytes) -> str:
    """Return the last lines of what a process printed, which say why it ended, without the environment's secrets."""
    return mask("\n".join(_last(output)))


def last_words(output: bytes) -> list[str]:
    """Return the last lines of an application, which may quote its database: own lines, and words of its source."""
    return [mask(line if line.startswith(OWN_LINE) else of_source(line, _PYTHON)) for line in _last(output)]


def _last(output: bytes) -> list[str]:
    return output.decode("utf-8", "replace").splitlines()[-_LAST:]


def _whole(_: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", data


def examine(
    planted: Mapping[str, Any],
    received: Sequence[Received],
    outputs: Mapping[str, bytes],
    seed: int,
    parts: Callable[[str, bytes], Iterable[tuple[str, bytes]]] = _whole,
) -> Report:
    """Search what was received, and what the process printed, for what was planted.

    Args:
        planted: the record that `pazpaz_otel.audit.driver` wrote.
        received: the requests that arrived.
        outputs: further bytes, by the name of their source, such as ``stdout``.
        seed: the seed to report.
        parts: returns the parts of an output, by its name, each with when it was written.
    """
    plants = planted["plants"]
    scanner = Scanner({plant["id"]: plant["tokens"] for plant in plants})
    finds = [replace(find, when=one.when) for one in received for find in _search(scanner, one)]
    for name, data in outputs.items():
        for when, part in parts(name, data):
            # Processes repeat lines, and a metrics endpoint repeats every line at each scrape.
            lines = b"\n".join(dict.fromkeys(_lines(part)))
            finds += (replace(find, when=when) for find in scanner.data(lines, name))
    arrived = {form for one in received for fact in facts_of(one.message) for form in (fact, in_braces(fact))}
    useful: list[Fact] = list(dict.fromkeys((fact[0], fact[1], fact[2]) for fact in planted["useful"]))
    sizes = Counter({name: len(data) for name, data in outputs.items()})
    for one in received:
        sizes[one.sink] += len(one.body)
    return Report(
        seed=seed,
        surfaces=tuple(dict.fromkeys(plant["surface"] for plant in plants)),
        planted=len(plants),
        leaks=leaks_of(finds, plants),
        received=sizes,
        kept=tuple(fact for fact in useful if fact in arrived),
        missing=tuple(fact for fact in useful if fact not in arrived),
        failures=tuple(planted["failures"]),
        last_words=() if arrived else tuple(last_words(outputs.get("stderr", b""))),
        planted_on=Counter(plant["surface"] for plant in plants),
        held_back=tuple(held_back(one.message for one in received)),
        overflowed=tuple(overflowed(one.message for one in received)),
    )


def _lines(output: bytes) -> Iterator[bytes]:
    """Yield the lines, each bucket of a histogram in two: the labels, which its series repeats, and the rest."""
    for line in output.split(b"\n"):
        labels, bound, rest = line.rpartition(b',le="')
        if bound and labels.partition(b"{")[0].endswith(b"_bucket"):
            yield labels
            yield bound + rest
        else:
            yield line


def _search(scanner: Scanner, one: Received) -> Iterator[Find]:
    if one.sink == "http":
        # The application's own call: its URL and body are between it and the other service; what telemetry adds isn't.
        for name in _PROPAGATED:
            yield from scanner.text(one.headers.get(name, ""), f"outgoing header {name}")
    elif one.message is None:
        yield from scanner.data(one.body, one.sink)
        for name, value in one.headers.items():
            yield from scanner.text(value, f"{one.sink} header {name}")
    else:
        for surface, content in walk(one.message):
            where = f"{one.sink} {surface}"
            yield from scanner.text(content, where) if isinstance(content, str) else scanner.data(content, where)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=_TIMEOUT, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise AuditError(f"the process under audit didn't end within {_TIMEOUT} s") from None
    except OSError as error:
        raise AuditError(f"{command[0]} can't be started: {error.strerror}") from None

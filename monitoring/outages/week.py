"""A quiet week and a day, as promtool's series: nights, a deploy, backups, a few failures, as in every week.

Nothing in it is an outage, so nobody is to be told of anything. It is made from chance with a fixed seed: the same week
every time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitoring.outages.world import COUNTER, labelled, notation, read

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = 8
"""The eighth day is the first one's weekday: what compares with last week has one."""
MINUTES = DAYS * 24 * 60
_DAY = 24 * 60
_DEPLOY = 2 * _DAY + 14 * 60 + 7
"""Minute of the deploy: a container starts anew, and its counters with it."""
_BACKUP = 2 * 60
_CERTIFICATE = 58 * 86_400
_FAILS, _SLOW, _AGENT_FAILS, _AGENT_SLOW = 0.0004, 0.02, 0.02, 0.03
"""Shares of requests and of the agent's queries."""
_LEFT = 0.01
"""Share of requests whose client goes on to another page before the answer."""
_TRIES = 40
_WORKDAYS = 5
_EVENING = range(7, 23)


@dataclass(frozen=True)
class Fault:
    """A fault in the middle of the week, to see that the week can fail: minutes in which every second request fails."""

    start: int
    minutes: int


def series(fault: Fault | None = None) -> list[dict[str, str]]:
    """Return the week, a sample a minute."""
    healthy: dict[str, str] = read("healthy.yaml")
    chance = random.Random(1945)  # noqa: S311 - traffic, not a secret
    requests = [_arrivals(chance, 8.0, minute) for minute in range(MINUTES)]
    failed = [_failures(chance, count, minute, fault) for minute, count in enumerate(requests)]
    slow = [_some(chance, count, _SLOW) for count in requests]
    made = (
        _http(requests, failed, slow)
        | _nginx(chance, requests)
        | _practice(chance)
        | _agent(chance)
        | _machines(chance)
    )
    flat = {name: _flat(name, value) for name, value in healthy.items() if not _replaced(name, made)}
    return [{"series": labelled(name), "values": notation(values)} for name, values in {**flat, **made}.items()]


def _replaced(name: str, made: dict[str, list[float | None]]) -> bool:
    return name in made or name.startswith(_OWN)


_OWN = ("http_server_request_duration_seconds_", 'target_info{job="practice_api"')
"""Series whose labels the deploy changes."""
_ROUTE = 'job="practice_api", instance="a", http_route="/api/v1/clients"'


def _http(requests: list[int], failed: list[int], slow: list[int]) -> dict[str, list[float | None]]:
    count, bucket = (f"http_server_request_duration_seconds_{part}" for part in ("count", "bucket"))
    well = [every - wrong for every, wrong in zip(requests, failed, strict=True)]
    quick = [every - late for every, late in zip(requests, slow, strict=True)]
    made = {
        f'{count}{{{_ROUTE}, http_response_status_code="200"}}': _counted(well),
        f'{count}{{{_ROUTE}, http_response_status_code="500"}}': _born(_counted(failed)),
    }
    for edge, gains in (("0.1", quick), ("0.2", quick), ("1", requests), ("+Inf", requests)):
        made[f'{bucket}{{{_ROUTE}, le="{edge}"}}'] = _counted(gains)
    for version, when in (("1.4.1", range(_DEPLOY)), ("1.4.2", range(_DEPLOY, MINUTES))):
        name = (
            'target_info{job="practice_api", instance="a", telemetry_sdk_name="opentelemetry",'
            f' service_version="{version}", pazpaz_otel_policy_state="current"}}'
        )
        made[name] = [1.0 if minute in when else None for minute in range(MINUTES)]
    made['pazpaz_otel_guard_dropped_total{job="practice_api", pazpaz_otel_guard_surface="span_attribute",'
         ' pazpaz_otel_guard_reason="unlisted"}'] = _counted(requests)  # fmt: skip
    return made


def _practice(chance: random.Random) -> dict[str, list[float | None]]:
    own = 'job="practice_api", instance="a", workspace_id="w1"'
    rates = {
        f"appointments_created_total{{{own}}}": 0.15,
        f'appointments_cancelled_total{{{own}, reason="client_request"}}': 0.012,
        f"session_notes_saved_total{{{own}}}": 0.12,
    }
    return {
        name: _counted([_arrivals(chance, rate, minute) for minute in range(MINUTES)]) for name, rate in rates.items()
    }


def _nginx(chance: random.Random, requests: list[int]) -> dict[str, list[float | None]]:
    """What visitors left, and what the deploy couldn't answer."""
    own = 'nginx_failures_total{job="otel-collector-internal", instance="otel-collector:8887", status='
    left = [_some(chance, count, _LEFT) for count in requests]
    unanswered = [20 if minute == _DEPLOY else 0 for minute in range(MINUTES)]
    return {f'{own}"499"}}': _counted(left), f'{own}"502"}}': _counted(unanswered)}


def _agent(chance: random.Random) -> dict[str, list[float | None]]:
    own = 'job="practice_api", instance="a"'
    queries = [_arrivals(chance, 0.3, minute) for minute in range(MINUTES)]
    wrong = [_some(chance, count, _AGENT_FAILS) for count in queries]
    long = [_some(chance, count, _AGENT_SLOW) for count in queries]
    duration = "ai_agent_query_duration_seconds"
    made = {
        f'ai_agent_queries_total{{{own}, status="success"}}': _counted(queries),
        f'ai_agent_queries_total{{{own}, status="error"}}': _born(_counted(wrong)),
        f'ai_agent_llm_errors_total{{{own}, error_type="api_error", model="command-r-plus"}}': _born(_counted(wrong)),
        f'ai_agent_llm_tokens_total{{{own}, token_type="input"}}': _counted([count * 1800 for count in queries]),
        f"{duration}_count{{{own}}}": _counted(queries),
    }
    for edge in ("5.0", "10.0", "15.0", "+Inf"):
        gains = [every - late for every, late in zip(queries, long, strict=True)] if edge == "5.0" else queries
        made[f'{duration}_bucket{{{own}, le="{edge}"}}'] = _counted(gains)
    return made


def _machines(chance: random.Random) -> dict[str, list[float | None]]:
    """What the server, the database and the probes show; keys are those of healthy.yaml, by their beginning."""
    one_probe = {_DAY + 611, 5 * _DAY + 1113}
    shapes: dict[str, Callable[[int], float]] = {
        'probe_success{job="uptime", monitor="api-health"': lambda at: float(at not in one_probe and at != _DEPLOY),
        "probe_ssl_earliest_cert_expiry{": lambda _: float(_CERTIFICATE + MINUTES * 60),
        "db_client_connection_count{": lambda at: chance.randint(0, 6 if _open(at) else 1),
        "pg_stat_database_numbackends{": lambda at: chance.randint(6, 24 if _open(at) else 9),
        "pg_stat_activity_max_tx_duration{": lambda _: chance.choice((0.0, 0.0, 0.02, 1.5)),
        "pazpaz_backup_last_success_timestamp_seconds{": lambda at: float(_last_backup(at) * 60),
        "node_filesystem_avail_bytes{": lambda at: 25e9 - at * 3e4 - (3e9 if _backs_up(at) else 0),
        "node_memory_MemAvailable_bytes{": lambda _: 4e9 + chance.uniform(-6e8, 6e8),
        "node_timex_offset_seconds{": lambda _: chance.uniform(-0.01, 0.01),
        "container_start_time_seconds{": lambda at: 100.0 if at < _DEPLOY else _DEPLOY * 60.0,
        "container_memory_working_set_bytes{": lambda _: 2e8 + chance.uniform(0, 1.4e8),
        "redis_memory_used_bytes{": lambda _: 5e7 + chance.uniform(0, 2e7),
        "otelcol_exporter_queue_size{": lambda _: float(chance.choice((0, 0, 0, 20_000, 400_000))),
    }
    healthy: dict[str, str] = read("healthy.yaml")
    made: dict[str, list[float | None]] = {}
    for start, shape in shapes.items():
        for name in [name for name in healthy if name.startswith(start)]:
            made[name] = [shape(minute) for minute in range(MINUTES)]
    reads = [12_000 if _backs_up(minute) else 600 for minute in range(MINUTES)]
    made[next(name for name in healthy if name.startswith("pg_stat_database_blks_read{"))] = _counted(reads)
    return made


def _flat(name: str, value: str) -> list[float | None]:
    if value == "now":
        return [minute * 60.0 for minute in range(MINUTES)]
    if COUNTER.search(name) and value.startswith("+"):
        return [float(value) * minute for minute in range(MINUTES)]
    return [float(value)] * MINUTES


def _counted(gains: list[int]) -> list[float | None]:
    """A counter that gains so much a minute, and begins at 0 again with the deploy."""
    total, values = 0.0, []
    for minute, gain in enumerate(gains):
        total = gain if minute == _DEPLOY else total + gain
        values.append(total)
    return list(values)


def _born(values: list[float | None]) -> list[float | None]:
    """A counter that isn't there before its first count."""
    return [value or None for value in values]


def _open(minute: int) -> bool:
    """Whether practices are open: five days a week, from eight to seven."""
    return minute // _DAY % 7 < _WORKDAYS and 8 * 60 <= minute % _DAY < 19 * 60


def _arrivals(chance: random.Random, rate: float, minute: int) -> int:
    """How many come within a minute: by day so many, in the evening few, at night nearly none."""
    hour = minute % _DAY // 60
    share = 1.0 if _open(minute) else 0.08 if hour in _EVENING else 0.01
    return _some(chance, _TRIES, rate * share / _TRIES)


def _some(chance: random.Random, count: int, share: float) -> int:
    """How many of so many are met, each with the same chance."""
    return sum(chance.random() < share for _ in range(count))


def _failures(chance: random.Random, requests: int, minute: int, fault: Fault | None) -> int:
    if fault is not None and fault.start <= minute < fault.start + fault.minutes:
        return requests // 2
    return _some(chance, requests, _FAILS)


def _backs_up(minute: int) -> bool:
    return _BACKUP <= minute % _DAY < _BACKUP + 10


def _last_backup(minute: int) -> int:
    return (minute - _BACKUP) // _DAY * _DAY + _BACKUP

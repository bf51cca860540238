"""Eight quiet days as promtool's series, made of recorded minutes: nothing in them is an outage.

`recorded.json` is three quarters of an hour of the real stack (`python -m tests.stack.recording`): practices at work, a
deploy, and the quiet of a night. Nobody has recorded a week. This one takes its minutes from there, five in a row, by
chance: working ones as often as the hour of the day has them (`CURVE`, made up), night ones otherwise. The deploy is
in it three times, from process to process. What isn't recorded is made: the AI agent's queries, visitors who leave, the
nightly dump with what it reads and keeps, a restart of the Collector, and from `healthy.yaml` the containers, the
write-ahead log and the clock.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from monitoring.outages.world import COUNTER, labelled, notation, read

DAYS = 8
"""The eighth day is the first one's weekday: what compares with last week has one."""
MINUTES = DAYS * 24 * 60
STEP = 120
"""Seconds between two samples of the week; windows of five minutes still hold two."""
RECORDED = Path(__file__).parent / "recorded.json"
_DAY = 24 * 60
_DEPLOYS = (_DAY + 10 * 60 + 3, 3 * _DAY + 14 * 60 + 7, 4 * _DAY + 18 * 60 + 41)
"""Minutes of the deploys: the service's process is another one from then on."""
_COLLECTOR_RESTART = 2 * _DAY + 11 * 60 + 30
_BEFORE, _AFTER = 'instance="a"', 'instance="b"'
_AROUND = range(-2, 6)
"""Minutes around the deploy that the week takes from the recording as they stand."""
_SETTLED = 3
"""Minutes into the recorded night from which on nothing is under way any more."""
_OWN_TIME = ("pazpaz_backup_", "probe_ssl_", "container_")
"""Series that say a time of the recording's own, or are of no real container."""
_BACKUP, _DUMPING = 2 * 60, 8
"""The minute of the day at which a dump is made, and how many it takes."""
_DUMP_BYTES, _DUMP_BLOCKS = 200_000_000, 30_000
"""What a dump keeps on the disk, and the blocks that it reads from it in a minute."""
CURVE = (0, 0, 0, 0, 0, 0, 0.02, 0.1, 0.6, 0.9, 1, 0.9, 0.5, 0.6, 0.9, 1, 0.8, 0.5, 0.25, 0.1, 0.05, 0.02, 0, 0)
"""Traffic at each hour of a working day, as a share of what was recorded: two peaks and a lunch break."""
DAYS_OF_WEEK = (1, 0.9, 1, 0.8, 0.6, 0.1, 0)
"""Traffic of each day of the week, from Monday on, as a share of the busiest one's."""
_BLOCK = 5
"""Recorded minutes that stay together."""
_QUERIES, _LEFT, _TRIES = 0.3, 0.08, 10
"""Queries of the agent and visitors who leave, in a minute of work."""
_WRONG, _LONG = 0.02, 0.03
"""Shares of queries that fail, and that take long."""
_ROUTE = 'http_server_request_duration_seconds_count{job="practice_api", instance="a", http_route="/api/v1/clients"'
_VISITORS = 'nginx_failures_total{job="otel-collector-internal", instance="otel-collector:8887"'

Samples = list[float | None]


@dataclass(frozen=True)
class Fault:
    """A fault, to see that the week can fail: minutes in each of which so many requests fail."""

    start: int
    minutes: int
    failures: int = 4


@dataclass(frozen=True)
class Recording:
    """What was recorded.

    Attributes:
        step: seconds between two samples.
        deploy: the second at which the deploy began.
        night: the second at which practices closed.
        end: its length in seconds.
        counters: series to their samples, in promtool's notation.
        gauges: likewise.
    """

    step: int
    deploy: int
    night: int
    end: int
    counters: dict[str, str]
    gauges: dict[str, str]

    @classmethod
    def read(cls) -> Recording:
        """Read the file."""
        return cls(**json.loads(RECORDED.read_text(encoding="utf-8")))

    def samples(self) -> dict[str, Samples]:
        """Return every series but those that say a time of the recording's own."""
        both = self.counters | self.gauges
        return {name: _samples(text) for name, text in both.items() if not name.startswith(_OWN_TIME)}

    def minutes(self, chance: random.Random) -> list[int]:
        """Return the minute of the recording that stands at each minute of the week."""
        work = range(self.deploy // 60 + _AROUND.stop, self.night // 60 - _BLOCK)
        night = range(self.night // 60 + _SETTLED, self.end // 60 - _BLOCK)
        order: list[int] = []
        for minute in range(0, MINUTES, _BLOCK):
            start = chance.choice(work if chance.random() < _busy(minute) else night)
            order += range(start, start + _BLOCK)
        for deploy in _DEPLOYS:
            for offset in _AROUND:
                order[deploy + offset] = self.deploy // 60 + offset
        return order


def as_recorded() -> tuple[list[dict[str, str]], int, int]:
    """Return the recording as it is, its step and its length in seconds; what isn't in it is the healthy world's."""
    recording = Recording.read()
    recorded = recording.samples()
    samples = _flat(recorded, recording.end, recording.step) | recorded
    return _series(samples), recording.step, recording.end


def series(fault: Fault | None = None) -> list[dict[str, str]]:
    """Return the week."""
    recording = Recording.read()
    chance = random.Random(1945)  # noqa: S311 - traffic, not a secret
    left = [_arrivals(chance, _LEFT, minute) for minute in range(MINUTES)]
    made = (
        _dumped(_repeated(recording, chance))
        | _agent(chance)
        | _machines()
        | {f'{_VISITORS}, status="499"}}': _counted(left)}
    )
    if fault is not None:
        failed = [fault.failures * (0 <= minute - fault.start < fault.minutes) for minute in range(MINUTES)]
        made[f'{_ROUTE}, http_response_status_code="503"}}'] = _counted(failed)
    samples = _flat(made, MINUTES * 60, 60) | made
    return _series({name: values[:: STEP // 60] for name, values in samples.items()})


def _series(samples: dict[str, Samples]) -> list[dict[str, str]]:
    return [{"series": labelled(name), "values": notation(values)} for name, values in samples.items()]


def _repeated(recording: Recording, chance: random.Random) -> dict[str, Samples]:
    """Repeat what was recorded; a service's process goes from one deploy to the next one."""
    order = recording.minutes(chance)
    recorded = {name: values[:: 60 // recording.step] for name, values in recording.samples().items()}
    repeated: dict[str, Samples] = {}
    for name, values in recorded.items():
        counts = name in recording.counters
        if _BEFORE in name and name.replace(_BEFORE, _AFTER) in recorded:
            continue
        if _BEFORE in name or _AFTER in name:
            repeated |= _processes(name, recorded, order, counts=counts)
        else:
            restart = _COLLECTOR_RESTART if "otel-collector-internal" in name else None
            repeated[name] = _replayed([values] * MINUTES, order, counts=counts, restart=restart)
    return repeated


def _processes(name: str, recorded: dict[str, Samples], order: list[int], *, counts: bool) -> dict[str, Samples]:
    """One series for each process: it does what the second one did, and ends as the first one ended."""
    first, second = (recorded.get(re.sub('instance="."', own, name), recorded[name]) for own in (_BEFORE, _AFTER))
    made: dict[str, Samples] = {}
    for number, letter in enumerate("abcd"):
        born = _DEPLOYS[number - 1] + _AROUND.start if number else 0
        ends, gone = (
            (_DEPLOYS[number] + _AROUND.start, _DEPLOYS[number] + _AROUND.stop)
            if number < len(_DEPLOYS)
            else (MINUTES, MINUTES)
        )
        sources = [second] * (ends - born) + [first] * (gone - ends)
        values = _replayed(sources, order[born:gone], counts=counts)
        made[re.sub('instance="."', f'instance="{letter}"', name)] = [None] * born + values + [None] * (MINUTES - gone)
    return made


def _replayed(sources: list[Samples], order: list[int], *, counts: bool, restart: int | None = None) -> Samples:
    """The values of each minute's source; a counter that is there from the start begins at 0 and gains as it did."""
    replayed: Samples = []
    total: float | None = None if sources[0][order[0]] is None else 0.0
    for values, at in zip(sources, order, strict=False):
        if len(replayed) == restart and total is not None:
            total = 0.0
        value, before = values[at], values[at - 1] if at else None
        if counts and value is not None:
            gain = value - before if before is not None and before <= value else value
            total = value if total is None else total + gain
        replayed.append(total if counts else value)
    return replayed


def _samples(text: str) -> Samples:
    """Read what `notation` has written."""
    samples: Samples = []
    for part in text.split():
        value, _, more = part.partition("x")
        number = None if value in {"_", "stale"} else float(value)
        samples += [number] * (int(more or 0) + (value != "_" or not more))
    return samples


def _agent(chance: random.Random) -> dict[str, Samples]:
    own = 'job="practice_api", instance="a"'
    queries = [_arrivals(chance, _QUERIES, minute) for minute in range(MINUTES)]
    wrong = [_some(chance, count, _WRONG) for count in queries]
    long = [_some(chance, count, _LONG) for count in queries]
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


def _dumped(repeated: dict[str, Samples]) -> dict[str, Samples]:
    """Add what the nightly dump reads and what it keeps."""
    dumping = [_BACKUP <= minute % _DAY < _BACKUP + _DUMPING for minute in range(MINUTES)]
    done = list(itertools.accumulate(dumping))
    each = {"pg_stat_database_blks_read{": _DUMP_BLOCKS, "node_filesystem_avail_bytes{": -_DUMP_BYTES / _DUMPING}
    for name, values in repeated.items():
        gain = each.get(name[: name.index("{") + 1])
        if gain and ('datname="pazpaz"' in name or "datname" not in name):
            repeated[name] = [
                None if value is None else value + gain * n for value, n in zip(values, done, strict=True)
            ]
    return repeated


def _machines() -> dict[str, Samples]:
    """The nightly dump, and each deploy's new container."""
    dumps = [(minute - _BACKUP) // _DAY for minute in range(MINUTES)]
    backups = [float(dump * _DAY + _BACKUP) * 60 for dump in dumps]
    started = [
        max((deploy * 60.0 for deploy in _DEPLOYS if deploy <= minute), default=100.0) for minute in range(MINUTES)
    ]
    shapes = {"pazpaz_backup_last_success_timestamp_seconds{": backups, "container_start_time_seconds{": started}
    healthy: dict[str, str] = read("healthy.yaml")
    return {name: list(values) for start, values in shapes.items() for name in healthy if name.startswith(start)}


def _flat(made: dict[str, Samples], seconds: int, step: int) -> dict[str, Samples]:
    """What of the healthy world isn't made otherwise, metric by metric, as it always is."""
    healthy: dict[str, str] = read("healthy.yaml")
    metrics = {name.partition("{")[0] for name in made}
    moments = range(0, seconds, step)
    flat: dict[str, Samples] = {}
    for name, value in healthy.items():
        if name.partition("{")[0] in metrics:
            continue
        if value == "now":
            flat[name] = [float(at) for at in moments]
        elif name.startswith("probe_ssl_"):
            flat[name] = [float(value) + seconds] * len(moments)
        elif COUNTER.search(name) and value.startswith("+"):
            flat[name] = [float(value) * at / 60 for at in moments]
        else:
            flat[name] = [float(value)] * len(moments)
    return flat


def _counted(gains: list[int]) -> Samples:
    """A counter that gains so much a minute."""
    total, values = 0.0, []
    for gain in gains:
        total += gain
        values.append(total)
    return list(values)


def _born(values: Samples) -> Samples:
    """A counter that isn't there before its first count."""
    return [value or None for value in values]


def _busy(minute: int) -> float:
    """Traffic as a share of what was recorded."""
    hour, part = minute % _DAY // 60, minute % 60 / 60
    day = DAYS_OF_WEEK[minute // _DAY % 7]
    return day * (CURVE[hour] * (1 - part) + CURVE[(hour + 1) % 24] * part)


def _arrivals(chance: random.Random, rate: float, minute: int) -> int:
    """How many come within a minute."""
    return _some(chance, _TRIES, rate * _busy(minute) / _TRIES)


def _some(chance: random.Random, count: int, share: float) -> int:
    """How many of so many are met, each with the same chance."""
    return sum(chance.random() < share for _ in range(count))

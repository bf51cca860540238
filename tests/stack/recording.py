"""`python -m tests.stack.recording FILE [MINUTES]`: traffic of the real stack, recorded for a quiet week of it.

The reference back end on PostgreSQL and Redis, nginx, the Collector, the exporters and Prometheus run in real time,
with the shipped intervals. Two thirds of the time practices work, and early in it a deploy starts the back end anew; in
the last third nobody is there, as at night. The file has every series that the shipped rules read, a value each 15
seconds; `monitoring/outages/week.py` makes a week of it.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from monitoring.alerting import render_rules
from monitoring.outages.world import notation
from tests.programs.running import get
from tests.stack.load import Load
from tests.stack.monitoring_stack import ROOT, MonitoringStack

STEP = 15
DEPLOY, NIGHT = 1 / 9, 2 / 3
"""Shares of the time: when the deploy is, and from when nobody is there."""
WARM_UP = 120
_CUMULATIVE = ("counter", "histogram", "summary")
_PAUSE = (20, 60)


def main(arguments: list[str]) -> int:
    """Run the stack for the given minutes, 45 by default, and write what it recorded."""
    target, seconds = Path(arguments[0]), int(arguments[1]) * 60 if arguments[1:] else 45 * 60
    with (
        tempfile.TemporaryDirectory() as folder,
        MonitoringStack(Path(folder), scale=1) as stack,
        Load(stack.backend.url, threads=1) as load,
    ):
        load.pause = 1.5
        work = threading.Event()
        threading.Thread(target=_practise, args=(stack, work), daemon=True).start()
        time.sleep(WARM_UP)
        start = time.time()
        time.sleep(seconds * DEPLOY)
        stack.backend.stop()
        stack.backend.start()
        _fail_once(stack)
        time.sleep(start + seconds * NIGHT - time.time())
        work.set()
        load.pause = seconds
        time.sleep(start + seconds - time.time())
        series = _recorded(stack, start, seconds)
    parts = {"step": STEP, "deploy": int(seconds * DEPLOY), "night": int(seconds * NIGHT), "end": seconds}
    target.write_text(json.dumps({**parts, **series}, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _practise(stack: MonitoringStack, stop: threading.Event) -> None:
    """Practices at work: some traffic, a pause, some more."""
    command = [sys.executable, "-m", "traffic", stack.backend.url, "--cancelled", "12", "--workspaces", "2"]
    chance = random.Random(1945)
    while not stop.is_set():
        subprocess.run(command, cwd=ROOT / "examples", check=False, capture_output=True)
        stop.wait(chance.uniform(*_PAUSE))


def _fail_once(stack: MonitoringStack) -> None:
    """One request that fails, as happens: its status is born with it."""
    get(f"{stack.backend.url}/test/latency?ms=0&status=500")


def _recorded(stack: MonitoringStack, start: float, seconds: int) -> dict[str, dict[str, str]]:
    """Every series that the rules read, counters and gauges apart, under the names of the shipped stack."""
    rules = " ".join(render_rules().values())
    types = {name: entries[0]["type"] for name, entries in _ask(stack, "metadata").items()}
    time_range = {"start": start, "end": start + seconds - STEP, "step": STEP}
    services = _ask(stack, "query_range", query='target_info{telemetry_sdk_name!=""}', **time_range)["result"]
    services.sort(key=lambda series: series["values"][0][0])
    names = {series["metric"]["instance"]: letter for series, letter in zip(services, "ab", strict=True)}
    names |= {here: there for there, here in stack.addresses.items()}
    recorded: dict[str, dict[str, str]] = {"counters": {}, "gauges": {}}
    for name in _ask(stack, "label/__name__/values"):
        if ":" in name or not re.search(rf"(?<![\w:]){name}\b(?!:)", rules):
            continue
        counts = any(types.get(base) in _CUMULATIVE for base in (name, re.sub("_(total|count|bucket)$", "", name)))
        for series in _ask(stack, "query_range", query=_summed(name), **time_range)["result"]:
            if series["metric"].get("job") == "spare":
                continue
            labels = ", ".join(f'{label}="{value}"' for label, value in sorted(_labels(series, names).items()))
            values: list[float | None] = [None] * (seconds // STEP)
            for at, value in series["values"]:
                values[round((at - start) / STEP)] = float(value) if counts else float(f"{float(value):.4g}")
            recorded["counters" if counts else "gauges"][f"{name}{{{labels}}}"] = notation(values)
    return recorded


def _summed(name: str) -> str:
    """The metric without the labels that no rule looks at."""
    if name.startswith("http_server_request_duration_seconds"):
        apart = "le" if name.endswith("_bucket") else "http_response_status_code"
        return f"sum by (environment, job, instance, {apart}) ({name})"
    disk = '{mountpoint="/"}' if name.startswith("node_filesystem_") else ""
    return f"sum without (workspace_id, reason, server, alertmanager, device) ({name}{disk})"


def _labels(series: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """The labels that it has in the shipped stack: addresses by name, a service's processes by letter, no folders."""
    labels = {label: value for label, value in series["metric"].items() if label not in {"__name__", "environment"}}
    for here, there in names.items():
        labels["instance"] = labels.get("instance", "").replace(here, there)
    labels["instance"] = re.sub(r"127\.0\.0\.1:\d+", "localhost:9090", labels["instance"])
    if "rule_group" in labels:
        labels["rule_group"] = labels["rule_group"].rpartition("/")[2]
    return labels


def _ask(stack: MonitoringStack, what: str, **parameters: Any) -> Any:
    url = f"{stack.prometheus.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)["data"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

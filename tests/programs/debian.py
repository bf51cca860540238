"""Programs that come as Debian packages: installed by `make test-deps`, or by the tests themselves in CI."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from tests.programs.cache import cache_folder
from tests.programs.missing import in_ci, unavailable

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "redis-server": "redis-server",
    "redis-cli": "redis-tools",
    "nginx": "nginx-light",
    "wrk": "wrk",
    "runc": "runc",
    "busybox": "busybox-static",
    "chromium-headless-shell": "chromium-headless-shell",
}
"""Program → the Debian package that holds it."""

_IN_PLACE = {"chromium-headless-shell": "chromium"}
"""Program → one that does the same, slower, where the first isn't installed."""

_STREAM = "libnginx-mod-stream"

_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def debian_binary(program: str) -> Path:
    """The system's `program`, one of `PACKAGES`."""
    found = _which(program)
    if found is None and in_ci():
        install([PACKAGES[program]])
        found = _which(program)
    if found is None:
        unavailable(program, "not installed", "make test-deps")
    return Path(found)


def nginx_stream_module() -> Path | None:
    """Debian's nginx module for streams, which nginx' own images have built in; None where it isn't installed."""
    module = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
    if not module.exists() and in_ci():
        install([_STREAM])
    return module if module.exists() else None


def install(packages: list[str]) -> None:
    """Install Debian packages; changes nothing where apt or the right to use it is missing."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with (cache_folder() / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([apt, "-qq", "update"], env=environment, capture_output=True, check=False)
        command = [apt, "-qq", "install", "--yes", "--no-install-recommends", *packages]
        subprocess.run(command, env=environment, capture_output=True, check=False)


def missing_packages() -> list[str]:
    """The packages of `PACKAGES` whose programs this machine lacks, each once."""
    missing = {package for program, package in PACKAGES.items() if _which(program) is None}
    return sorted(missing | ({_STREAM} if nginx_stream_module() is None else set()))


def _which(program: str) -> str | None:
    found = shutil.which(program, path=_PATH)
    return _which(_IN_PLACE[program]) if found is None and program in _IN_PLACE else found

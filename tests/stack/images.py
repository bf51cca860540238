"""What stands in for the images: their users, folders, entry points, and the real program where there is one here.

An image can't be had without a registry, so each is written down: who its user is, which folders that user owns (a new
volume takes the owner over), what it starts. Where the program itself can be had (built from Go modules, from Debian,
the distribution's own), it is the real one; Grafana, Loki, Tempo and cadvisor are a page that answers their health
check and keeps what it is sent.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.programs import (
    alertmanager_binary,
    amtool_binary,
    collector_binary,
    debian_binary,
    node_exporter_binary,
    postgres_exporter_binary,
    postgres_folder,
    prometheus_binary,
    promtool_binary,
)
from tests.programs.frontend import frontend_folder
from tests.programs.npm import node
from tests.stack.bundles import copy_program

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SITE = "staging.practice.example"
"""The name that the page's image is built for."""
BUSYBOX = ("sh", "basename", "cat", "chmod", "cp", "cut", "date", "find", "grep", "head",
           "id", "ls", "mkdir", "mv", "rm", "sed", "sha256sum", "sleep", "touch", "tr",
           "wc", "wget", "nc", "printenv")  # fmt: skip
_LIBRARIES = {"/usr/lib": Path("/usr/lib"), "/usr/lib64": Path("/usr/lib64"), "/usr/lib32": Path("/usr/lib32")}
_POSTGRES = r"""
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  initdb -D "$PGDATA" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -c config_file=/etc/postgresql/postgresql.conf" -w start
  psql -v ON_ERROR_STOP=1 --no-psqlrc -d postgres -c "CREATE DATABASE $POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql -v ON_ERROR_STOP=1 --no-psqlrc -d "$POSTGRES_DB" -f "$file"
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
"""
"""What the official image's entry point does on an empty data folder."""


@dataclass(frozen=True)
class Image:
    """What an image holds.

    Attributes:
        entrypoint: what it starts.
        command: its arguments where the compose file names none.
        users: its users beside root and nobody, with their groups.
        owns: folders and the user and group that own them.
        open_to_all: those of them that every user may write to.
        programs: path inside → the program here.
        borrowed: path inside → a folder of this machine, mounted read-only, that the programs need.
        files: path inside → content.
    """

    entrypoint: tuple[str, ...] = ("/bin/sh",)
    command: tuple[str, ...] = ()
    users: dict[str, tuple[int, int]] = field(default_factory=dict)
    owns: dict[str, tuple[int, int]] = field(default_factory=dict)
    open_to_all: tuple[str, ...] = ()
    programs: dict[str, Path] = field(default_factory=dict)
    borrowed: dict[str, Path] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    path: str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    folder: str = "/"

    def unpack(self, root: Path) -> None:
        """Write the root file system, with busybox for what a shell needs."""
        shutil.rmtree(root, ignore_errors=True)
        for name in ("bin", "etc", "tmp", "usr/lib", "usr/lib64", "usr/lib32", "usr/bin", "var", "run/secrets"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "tmp").chmod(0o1777)
        for name in ("lib", "lib64", "lib32"):
            (root / name).symlink_to(f"usr/{name}")
        for name in BUSYBOX:
            copy_program(debian_binary("busybox"), root / "bin" / name)
        users = {"root": (0, 0), "nobody": (65534, 65534), **self.users}
        lines = [f"{name}:x:{uid}:{gid}::/:/bin/sh\n" for name, (uid, gid) in users.items()]
        (root / "etc/passwd").write_text("".join(lines))
        (root / "etc/group").write_text("".join(f"{name}:x:{gid}:\n" for name, (_, gid) in users.items()))
        for inside, program in self.programs.items():
            copy_program(program, root / inside.lstrip("/"))
        for inside, text in self.files.items():
            file = root / inside.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for inside, owner in self.owns.items():
            (root / inside.lstrip("/")).mkdir(parents=True, exist_ok=True)
            os.chown(root / inside.lstrip("/"), *owner)
            (root / inside.lstrip("/")).chmod(0o3777 if inside in self.open_to_all else 0o755)

    def user(self, text: str) -> tuple[int, int]:
        """User and group of the compose file's `user`, as numbers."""
        name, _, group = text.partition(":")
        known = {"root": (0, 0), "nobody": (65534, 65534), **self.users}
        uid, gid = known[name] if name in known else (int(name), 0)
        return uid, int(group) if group else gid


def _page(port: int, folder: str, owner: tuple[int, int], read: str) -> Image:
    """An image whose program can't be had: it reads what it is given, writes where it must, and serves a page."""
    answer = r"printf 'HTTP/1.0 200 OK\r\n\r\nok\n'"
    script = (
        f"set -eu\nfind {read} -type f -exec cat {{}} + >/dev/null\necho kept >{folder}/kept\n"
        f"while true; do {answer} | nc -l -p {port} >/dev/null; done\n"
    )
    return Image(entrypoint=("/bin/sh", "/start"), files={"/start": script}, owns={folder: owner})


def image(service: str) -> Image:
    """What stands in for the image of a service of the compose file."""
    return _IMAGES[service]()


def _prometheus() -> Image:
    programs = {"/bin/prometheus": prometheus_binary(), "/bin/promtool": promtool_binary()}
    return Image(("/bin/prometheus",), programs=programs, borrowed=_libraries(), owns={"/prometheus": _NOBODY})


def _alertmanager() -> Image:
    programs = {"/bin/alertmanager": alertmanager_binary(), "/bin/amtool": amtool_binary()}
    return Image(("/bin/alertmanager",), programs=programs, borrowed=_libraries(), owns={"/alertmanager": _NOBODY})


def _collector() -> Image:
    """The image of `deploy/otel-collector/Dockerfile`: its entry point, and the configuration of its policy."""
    from pazpaz_otel.compile.collector import render
    from pazpaz_otel.policy import load_policy

    configuration = render(load_policy(ROOT / "examples/practice_api/policy.yaml"))
    files = {f"/etc/otelcol/{name}": text for name, text in configuration.items()}
    files["/etc/otelcol/start.sh"] = (ROOT / "deploy/otel-collector/start.sh").read_text()
    return Image(
        ("/bin/sh", "/etc/otelcol/start.sh"),
        programs={"/otelcol-contrib": collector_binary()},
        files=files,
        borrowed=_libraries(),
        owns={"/var/lib/otelcol": (10001, 10001)},
    )


def _db() -> Image:
    folder = postgres_folder()
    names = [file.name for file in folder.iterdir()]
    path = f"{folder}:/bin:/usr/bin"
    borrowed = _libraries() | (
        {} if str(folder).startswith("/usr/lib/") else {str(folder.parents[2]): folder.parents[2]}
    )
    share = subprocess.run([str(folder / "pg_config"), "--sharedir"], capture_output=True, text=True, check=True)
    borrowed[share.stdout.strip()] = Path(share.stdout.strip())
    assert "pg_ctl" in names
    return Image(
        ("/bin/sh", "/entrypoint"),
        users={"postgres": (999, 999)},
        files={"/entrypoint": _POSTGRES},
        borrowed=borrowed,
        owns={"/var/lib/postgresql": (999, 999), "/var/run/postgresql": (999, 999)},
        open_to_all=("/var/run/postgresql",),
        environment={"PGDATA": "/var/lib/postgresql/18/docker", "LANG": "C.UTF-8"},
        path=path,
    )


def _redis() -> Image:
    programs = {
        "/usr/bin/redis-server": debian_binary("redis-server"),
        "/usr/bin/redis-cli": debian_binary("redis-cli"),
    }
    return Image(users={"redis": (999, 1000)}, programs=programs, borrowed=_libraries(), owns={"/data": (999, 1000)})


def _frontend() -> Image:
    """Nginx and what its Dockerfile copies in: the page as it is built, and what the build tells nginx of it."""
    page = frontend_folder() / "page"
    name = [node(), str(page / "scripts/site.mjs"), SITE]
    files = {
        "/etc/nginx/mime.types": Path("/etc/nginx/mime.types").read_text(),
        "/etc/nginx/site.conf": subprocess.run(name, capture_output=True, text=True, check=True).stdout,
        "/var/log/nginx/error.log": "",
    }
    return Image(
        ("nginx",),
        ("-g", "daemon off;"),
        users={"nginx": (101, 101)},
        programs={"/usr/sbin/nginx": debian_binary("nginx")},
        files=files | {f"/etc/nginx/{name}": (page / name).read_text() for name in ("csp.conf", "pages.conf")},
        borrowed=_libraries() | {"/usr/share/nginx/html": page / "dist"},
    )


def _api() -> Image:
    """The reference backend as `deploy/api/Dockerfile` lays it out; its environment is this one's, at its own path."""
    text = (ROOT / "deploy/api/Dockerfile").read_text()
    entry, command = (
        tuple(str(part) for part in ast.literal_eval(re.search(rf"^{key} (\[.*\])$", text, re.MULTILINE)[1]))
        for key in ("ENTRYPOINT", "CMD")
    )
    venv, installed = Path(sys.prefix), Path(sys.base_prefix)
    programs, places = {}, {str(path): path for path in (venv, ROOT / "src")}
    if installed == Path("/usr"):
        # Its library is in `_libraries()`, and the rest isn't the interpreter's own.
        programs = {str(path): path for path in (venv / "bin/python").resolve().parent.glob("python3*")}
    else:
        places[str(installed)] = installed
    return Image(
        entry,
        command,
        programs=programs,
        files={"/usr/local/bin/start": (ROOT / "deploy/api/start.sh").read_text()},
        borrowed=_libraries() | places | {"/app/practice_api": ROOT / "examples/practice_api"},
        environment={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        path=f"{venv / 'bin'}:/bin:/usr/bin",
        folder="/app",
    )


def _exporter(program: Path, inside: str) -> Image:
    return Image(
        (inside,),
        programs={inside: program},
        borrowed=_libraries() | {"/etc/ssl/certs": Path("/etc/ssl/certs")},
    )


def _libraries() -> dict[str, Path]:
    return {inside: folder for inside, folder in _LIBRARIES.items() if folder.is_dir()}


_NOBODY = (65534, 65534)
_IMAGES: dict[str, Callable[[], Image]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "otel-collector": _collector,
    "db": _db,
    "backup": _db,
    "redis": _redis,
    "frontend": _frontend,
    "api": _api,
    "postgres-exporter": lambda: _exporter(postgres_exporter_binary(), "/bin/postgres_exporter"),
    "redis-exporter": lambda: _exporter(debian_binary("prometheus-redis-exporter"), "/redis_exporter"),
    "blackbox-exporter": lambda: _exporter(debian_binary("prometheus-blackbox-exporter"), "/bin/blackbox_exporter"),
    "node-exporter": lambda: _exporter(node_exporter_binary(), "/bin/node_exporter"),
    "grafana": lambda: _page(3000, "/var/lib/grafana", (472, 0), "/etc/grafana"),
    "loki": lambda: _page(3100, "/loki", (10001, 10001), "/etc/loki"),
    "tempo": lambda: _page(3200, "/var/tempo", (10001, 10001), "/etc/tempo"),
    "cadvisor": lambda: _page(8080, "/tmp", (0, 0), "/sys/class/net"),
}

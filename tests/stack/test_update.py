"""`deploy/update.sh`: what it applies, and what it says."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.compose import ROOT, services
from tests.programs import compose_binary

pytestmark = pytest.mark.stack

DOCKER = """#!/bin/sh
# Docker's part that needs a daemon: containers are lines of a file, and what is told to them is another's.
shift 3
case $1 in
config) exec {compose} -f docker-compose.prod.yml config --quiet ;;
ps) sed -n "s/^$3 //p" {folder}/containers ;;
up) cat {folder}/after-up >{folder}/containers ;;
pull | build) echo "$*" >>{folder}/asked ;;
run) echo "$*" >>{folder}/asked; grep -q "refuse" {folder}/checker && case "$*" in *{refused}*) exit 1 ;; esac; true ;;
*) echo "$*" >>{folder}/told ;;
esac
"""


class Server:
    """A checkout on a server where everything runs."""

    def __init__(self, folder: Path, refused: str = "nobody") -> None:
        self.folder, self.refused = folder, refused
        names = subprocess.run(
            ["git", "ls-files", "-z", "deploy", "monitoring", "collector", "examples/practice_api", "*.yml"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
                (self.checkout / name).write_bytes((ROOT / name).read_bytes())
        self.known = sorted(services())
        (folder / "containers").write_text("".join(f"{name} {name}-1\n" for name in self.known))
        (folder / "after-up").write_text((folder / "containers").read_text())
        (folder / "checker").write_text("accept")
        self._install_docker()

    @property
    def checkout(self) -> Path:
        """Where the files of the stack are."""
        return self.folder / "checkout"

    def copied(self, folder: Path) -> Server:
        """Another server in the same state."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        other = copy.copy(self)
        other.folder = folder
        other._install_docker()
        return other

    def _install_docker(self) -> None:
        docker = self.folder / "bin/docker"
        docker.parent.mkdir(exist_ok=True)
        docker.write_text(DOCKER.format(compose=compose_binary(), folder=self.folder, refused=self.refused))
        docker.chmod(0o755)

    def update(self, *, fails: bool = False) -> dict[str, str]:
        """Run the script; what it says of each service."""
        (self.folder / "told").write_text("")
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", str(self.checkout / "deploy/update.sh")],
            env={"PATH": path}, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stderr
        return {line.partition(": ")[0]: line.partition(": ")[2] for line in (done.stdout + done.stderr).splitlines()}

    def told(self) -> list[str]:
        """What was told to containers."""
        return (self.folder / "told").read_text().splitlines()


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that has been updated once."""
    made = Server(tmp_path_factory.mktemp("updated"))
    made.update()
    return made


@pytest.fixture
def server(updated: Server, tmp_path: Path) -> Server:
    """A server of the test's own that has been updated once."""
    return updated.copied(tmp_path)


def test_nothing_changed_is_nothing_done(server: Server) -> None:
    """A second run in a row touches no container and says so of each."""
    assert set(server.update().values()) == {"unchanged"}
    assert server.told() == []


@pytest.mark.parametrize(
    ("file", "done", "told"),
    [
        ("monitoring/prometheus/alerts/uptime.yml", {"prometheus": "read its files again"}, ["kill -s HUP prometheus"]),
        ("monitoring/alertmanager/templates/pazpaz.tmpl", {"alertmanager": "read its files again"},
         ["kill -s HUP alertmanager"]),
        ("collector/extras.yaml", {"otel-collector": "restarted"}, ["restart otel-collector"]),
        ("deploy/nginx/nginx.conf", {"frontend": "read its files again"}, ["kill -s HUP frontend"]),
        ("secrets/tls/fullchain.pem", {"frontend": "read its files again"}, ["kill -s HUP frontend"]),
        # A program in Go reads its authorities once.
        ("secrets/ca/self-signed.pem", {"blackbox-exporter": "restarted"}, ["restart blackbox-exporter"]),
        ("deploy/redis/redis.conf", {"redis": "restarted"}, ["restart redis"]),
    ],
)  # fmt: skip
def test_a_changed_file_is_applied(server: Server, file: str, done: dict[str, str], told: list[str]) -> None:
    """The service that mounts it reads it again, or is restarted where it can't, and no other is touched."""
    changed = server.checkout / file
    changed.parent.mkdir(parents=True, exist_ok=True)
    with changed.open("a") as text:
        text.write("\n# changed\n")
    said = server.update()
    assert {name: what for name, what in said.items() if what != "unchanged"} == done
    assert server.told() == told


@pytest.mark.parametrize("written", ["{}", '"{}"', "'{}'"])
def test_a_renewed_certificate_behind_a_link_is_applied(server: Server, written: str) -> None:
    """A folder that `.env` names, in quotes or not, is looked at where its links lead, as certbot's are."""
    (server.folder / "archive").mkdir()
    certificate = server.folder / "archive/fullchain1.pem"
    certificate.write_text("old")
    (server.folder / "live").mkdir()
    (server.folder / "live/fullchain.pem").symlink_to(certificate)
    (server.folder / "tls").symlink_to(server.folder / "live")
    (server.checkout / ".env").write_text(f"TLS_FOLDER={written.format(server.folder / 'tls')}\n")
    server.update()
    certificate.write_text("new")
    assert server.update()["frontend"] == "read its files again"


def test_what_compose_made_anew_is_left_alone(server: Server) -> None:
    """A container that Compose has just replaced has the new files; it is named and not restarted again."""
    (server.checkout / "collector/extras.yaml").write_text("# changed\n")
    after = (server.folder / "after-up").read_text().replace("otel-collector-1", "otel-collector-2")
    (server.folder / "after-up").write_text(after)
    assert server.update()["otel-collector"] == "started anew"
    assert server.told() == []


@pytest.mark.parametrize("program", ["promtool", "amtool", "nginx"])
def test_files_that_a_program_refuses_are_not_applied(tmp_path: Path, program: str) -> None:
    """Where a checker refuses the new files, nothing is touched, and one line says whose they are."""
    server = Server(tmp_path, refused=program)
    server.update()
    (server.folder / "checker").write_text("refuse")
    (server.folder / "after-up").write_text("")
    said = server.update(fails=True)
    assert list(said) == ["update"]
    assert "nothing was changed" in said["update"]
    assert server.told() == []
    assert (server.folder / "containers").read_text() != ""


def test_the_new_images_judge_the_new_files(server: Server) -> None:
    """Each checker is started from the image that is to come, once that is there: the one that runs may know less."""
    asked = server.folder / "asked"
    asked.write_text("")
    server.update()
    pulled, built, *checks = asked.read_text().splitlines()
    assert pulled == "pull --quiet --ignore-buildable --policy missing"
    assert built == "build --quiet"
    for check, (service, program) in zip(
        checks, (("prometheus", "promtool"), ("alertmanager", "amtool"), ("frontend", "nginx")), strict=True
    ):
        assert check.startswith(f"run --rm --no-deps -T --entrypoint {program} {service} ")


def test_an_update_comes_to_a_server_that_was_edited(tmp_path: Path) -> None:
    """The page's commands fetch a release over pinned images and an edited recipient, and keep the latter."""
    versions, mail = "monitoring/versions.env", "monitoring/alertmanager/alertmanager.yml"

    def git(*arguments: str, folder: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path / folder, check=True, capture_output=True)

    def edit(folder: str, name: str, old: str, new: str) -> None:
        file = tmp_path / folder / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    (tmp_path / "upstream").mkdir()
    for name in (versions, mail):
        (tmp_path / "upstream" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "upstream" / name).write_bytes((ROOT / name).read_bytes())
    git("init", folder="upstream")
    git("add", ".", folder="upstream")
    git("commit", "-m", "a release", folder="upstream")
    git("clone", "upstream", "server", folder=".")
    edit("server", versions, "busybox:1.37.0-musl", "busybox:1.37.0-musl@sha256:" + "1" * 64)
    edit("server", mail, "- to: alerts@pazpaz.app", "- to: me@practice.example")
    edit("upstream", versions, "busybox:1.37.0-musl", "busybox:1.38.0-musl")
    edit("upstream", mail, "resolve_timeout: 5m", "resolve_timeout: 6m")
    git("commit", "-am", "the next", folder="upstream")
    page = (ROOT / "docs/operations.md").read_text().partition("**Update, or apply")[2].partition("```sh\n")[2]
    commands = [line.split("#")[0].split() for line in page.partition("```")[0].splitlines() if line.startswith("git ")]
    for command in commands:
        git(*command[1:], folder="server")
    assert "BUSYBOX_IMAGE=busybox:1.38.0-musl\n" in (tmp_path / "server" / versions).read_text()
    merged = (tmp_path / "server" / mail).read_text()
    assert "- to: me@practice.example" in merged
    assert "resolve_timeout: 6m" in merged


def test_the_script_knows_every_mount() -> None:
    """Each folder of the checkout that a service mounts is one whose changes the script applies."""
    text = (ROOT / "deploy/update.sh").read_text()
    table = {line.split()[0]: line for line in text.partition("<<EOF\n")[2].partition("\nEOF")[0].splitlines()}
    for name, entry in services().items():
        for mount in entry.get("volumes", []):
            if mount["source"].startswith(f"{ROOT}/"):
                folder = str(Path(mount["source"]).relative_to(ROOT))
                looked_at_by_itself = folder == "monitoring/grafana/dashboards" or "initdb" in mount["target"]
                assert looked_at_by_itself or folder in table[name], f"{name} mounts {folder}"

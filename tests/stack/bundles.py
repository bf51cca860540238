"""Services of the compose file as OCI bundles, started by runc the way that Docker starts them.

Everything that the compose file says of a service is kept: mounts, user, read-only root, memory file systems,
capabilities, limits, kernel settings, environment, secrets, entry point, networks. What an image holds can't be had
here; `images.py` says what stands in for it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.programs import Program, debian_binary, wait_until

if TYPE_CHECKING:
    from tests.stack.images import Image

_NAMESPACES = ("pid", "ipc", "uts", "mount", "cgroup")
_BASIC = [
    ("/proc", "proc", "proc", []),
    ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    ("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
    ("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
    ("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
]


class Sandbox(Program):
    """Namespaces of processes, mounts and networks; whatever runs in them ends with this object.

    Args:
        folder: a folder of its own; bundles, volumes and runc's state are in it.
        stack: the compose file as Docker Compose resolves it; each of its networks becomes a bridge.
        sources: paths of the compose file that lie elsewhere here, the longest match first.
    """

    def __init__(self, folder: Path, stack: dict[str, Any], sources: dict[str, Path]) -> None:
        self.stack, self.sources = stack, sources
        self.networks = sorted(stack["networks"])
        self.runc = str(debian_binary("runc"))
        folder.mkdir(parents=True, exist_ok=True)
        tried = subprocess.run(
            ["unshare", "--pid", "--mount", "--net", "--fork", "true"], capture_output=True, text=True, check=False
        )
        if tried.returncode:
            pytest.skip(f"containers need root and the right to make namespaces: {tried.stderr.strip()}")
        prepare = "mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && echo ready && exec sleep 86400"
        apart = ["unshare", "--pid", "--mount", "--net", "--fork", "--kill-child=KILL", "--mount-proc"]
        command = [*apart, "sh", "-c", prepare]
        super().__init__(command, folder, name="sandbox")

    def ready(self) -> bool:
        """Whether its namespaces are made."""
        return "ready" in self.log

    def start(self) -> Self:
        """Make the namespaces, and a bridge for each network."""
        super().start()
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        self._init = wait_until(lambda: children.read_text().split(), "the sandbox's first process")[0]
        self.run("ip", "link", "set", "lo", "up")
        for number, _ in enumerate(self.networks):
            self.run("ip", "link", "add", f"br{number}", "type", "bridge")
            self.run("ip", "address", "add", f"10.77.{number}.1/24", "dev", f"br{number}")
            self.run("ip", "link", "set", f"br{number}", "up")
        return self

    def stop(self, timeout: float = 20.0) -> None:
        """End whatever runs in it; the first process of a namespace of processes takes no SIGTERM."""
        self._end(signal.SIGKILL, timeout)

    def inside(self, *command: str) -> list[str]:
        """`command`, run in the sandbox's namespaces, where every network can be reached."""
        return ["nsenter", "-t", self._init, "-p", "-m", "-n", *command]

    def run(self, *command: str, fails: bool = False) -> str:
        """What `command` writes; `fails`: it may fail."""
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, check=False, timeout=60)
        assert fails or done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def state(self, *command: str) -> list[str]:
        """A runc command on the containers of this sandbox."""
        return self.inside(self.runc, "--root", str(self.folder / "runc"), *command)


class Container(Program):
    """One service of the compose file.

    Args:
        sandbox: where it runs.
        name: the service's name.
        image: what its image holds.
        command: a command that takes the place of the entry point and its arguments.
    """

    def __init__(self, sandbox: Sandbox, name: str, image: Image, command: list[str] | None = None) -> None:
        self.sandbox, self.image, self.stack = sandbox, image, sandbox.stack
        self.service = self.stack["services"][name]
        self._resolver: Program | None = None
        self.id = name if command is None else f"{name}-probe"
        bundle = sandbox.folder / "bundles" / self.id
        root = bundle / "rootfs"
        image.unpack(root)
        (root / "etc/hosts").write_text(_hosts(name, self.stack, sandbox.networks))
        (root / "etc/resolv.conf").write_text("nameserver 127.0.0.11\n")
        self.config = self._config(command, root, connected=command is None)
        (bundle / "config.json").write_text(json.dumps(self.config, indent=1))
        super().__init__([], bundle, name=self.id)
        self.command = sandbox.state("run", "--bundle", str(bundle), self.id)

    def start(self) -> Self:
        """Connect it and start it; its health check isn't waited for."""
        if any(
            namespace["type"] == "network" and "path" in namespace for namespace in self.config["linux"]["namespaces"]
        ):
            self._connect()
            script, hosts = Path(__file__).with_name("resolver.py"), self.folder / "rootfs/etc/hosts"
            resolver = ["ip", "netns", "exec", self.id, sys.executable, str(script), str(hosts)]
            self._resolver = Program(self.sandbox.inside(*resolver), self.folder, name="resolver").start()
        return super().start()

    def healthy(self) -> bool:
        """Whether its own health check, run inside it by its user, says so."""
        kind, *command = self.service["healthcheck"]["test"]
        return self.exec(*(command if kind == "CMD" else ["/bin/sh", "-c", *command])).returncode == 0

    def wait(self, timeout: float = 60) -> None:
        """Wait until it is healthy.

        Raises:
            RuntimeError: it ended.
            TimeoutError: it isn't healthy in time.
        """
        try:
            wait_until(lambda: self._ready_or_ended() and self.healthy(), f"{self.name} to be healthy", timeout)
        except TimeoutError as late:
            raise TimeoutError(f"{late}: {self.log[-2000:]}") from late

    def exec(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as Docker runs a health check."""
        return subprocess.run(
            self.sandbox.state("exec", self.id, *command), capture_output=True, text=True, check=False, timeout=60
        )

    def stop(self, timeout: float = 20.0) -> None:
        """End it and remove it."""
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(self.sandbox.state("kill", self.id, "KILL"), capture_output=True, check=False, timeout=20)
        super().stop(timeout)
        subprocess.run(self.sandbox.state("delete", "--force", self.id), capture_output=True, check=False, timeout=20)
        if self._resolver is not None:
            self._resolver.kill()

    def _config(self, command: list[str] | None, root: Path, *, connected: bool) -> dict[str, Any]:
        service, image = self.service, self.image
        arguments = command
        if arguments is None:
            own = service.get("entrypoint")
            rest = service.get("command") or ([] if own else list(image.command))
            arguments = [*(own or image.entrypoint), *rest]
        environment = {"PATH": image.path, "HOME": "/", **image.environment, **(service.get("environment") or {})}
        uid, gid = image.user(str(service.get("user", "0")))
        core = service.get("ulimits", {}).get("core")
        limits = service["deploy"]["resources"]["limits"]
        network = {"type": "network", **({"path": f"/run/netns/{self.id}"} if connected else {})}
        dropped = service.get("cap_drop") == ["ALL"] and not service.get("cap_add")
        assert dropped, f"{self.id} keeps capabilities"
        return {
            "ociVersion": "1.0.2",
            "process": {
                "terminal": False,
                "user": {"uid": uid, "gid": gid},
                "args": arguments,
                "env": [f"{key}={value}" for key, value in environment.items() if value is not None],
                "cwd": service.get("working_dir") or image.folder,
                "capabilities": {
                    kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")
                },
                "rlimits": [] if core is None else [
                    {"type": "RLIMIT_CORE", "soft": core.get("soft", 0), "hard": core.get("hard", 0)}
                ],
                "noNewPrivileges": "no-new-privileges:true" in service.get("security_opt", []),
            },
            "root": {"path": str(root), "readonly": bool(service.get("read_only"))},
            "hostname": self.id,
            "mounts": self._mounts(uid),
            "linux": {
                "namespaces": [*({"type": kind} for kind in _NAMESPACES), network],
                "cgroupsPath": f"/pazpaz-test-{os.getpid()}/{self.id}",
                "resources": {
                    "memory": {"limit": int(limits["memory"]), "swap": int(limits["memory"])},
                    "pids": {"limit": int(limits["pids"])},
                    # Half of the CPUs that a server gives it would make this test twice as slow, and show nothing.
                },
                "sysctl": service.get("sysctls") or {},
                "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys/firmware"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        }  # fmt: skip

    def _mounts(self, uid: int) -> list[dict[str, Any]]:
        """Docker's own mounts, then the service's by the depth of their targets, as Docker orders them."""
        mounts = [
            {"destination": to, "type": kind, "source": source, "options": options}
            for to, kind, source, options in _BASIC
        ]
        shm = self.service.get("shm_size", 67108864)
        mounts.append(_tmpfs(f"/dev/shm:mode=1777,size={shm}"))
        mounts += [_bind(path, inside, read_only=True) for inside, path in self.image.borrowed.items()]
        own = [_tmpfs(text) for text in self.service.get("tmpfs", [])]
        for mount in self.service.get("volumes", []):
            source = self._source(mount, uid)
            own.append(_bind(source, mount["target"], mount.get("read_only", False), mount.get("bind", {})))
        for secret in self.service.get("secrets", []):
            file = self._here(self.stack["secrets"][secret["source"]]["file"])
            own.append(_bind(file, secret["target"], read_only=True))
        return mounts + sorted(own, key=lambda mount: mount["destination"].count("/"))

    def _source(self, mount: dict[str, Any], uid: int) -> Path:
        if mount["type"] == "bind":
            return self._here(mount["source"])
        volume = self.sandbox.folder / "volumes" / mount["source"]
        volume.mkdir(parents=True, exist_ok=True)
        # An empty volume takes over the owner of the image's folder under it, and is root's where there is none.
        if not any(volume.iterdir()) and mount["target"] in self.image.owns:
            os.chown(volume, *self.image.owns[mount["target"]])
        return volume

    def _here(self, path: str) -> Path:
        for there, here in sorted(self.sandbox.sources.items(), key=lambda pair: -len(pair[0])):
            if path == there or path.startswith(f"{there}/"):
                return here / path[len(there) + 1 :] if path != there else here
        return Path(path)

    def _connect(self) -> None:
        run = self.sandbox.run
        run("ip", "netns", "add", self.id)
        run("ip", "-n", self.id, "link", "set", "lo", "up")
        for number, network in enumerate(self.sandbox.networks):
            if network in self.service["networks"]:
                link, end = f"eth{number}", f"v{number}-{_number(self.id, self.stack)}"
                run("ip", "link", "add", end, "type", "veth", "peer", "name", link, "netns", self.id)
                run("ip", "link", "set", end, "master", f"br{number}", "up")
                run("ip", "-n", self.id, "address", "add", f"{address(self.id, number, self.stack)}/24", "dev", link)
                run("ip", "-n", self.id, "link", "set", link, "up")


def address(name: str, network: int, stack: dict[str, Any]) -> str:
    """The address of a service in a network."""
    return f"10.77.{network}.{_number(name, stack)}"


def _number(name: str, stack: dict[str, Any]) -> int:
    return 10 + sorted(stack["services"]).index(name)


def _hosts(name: str, stack: dict[str, Any], networks: list[str]) -> str:
    """What Docker's resolver would answer: the services, and their aliases, that share a network with this one."""
    lines = ["127.0.0.1 localhost"]
    mine = stack["services"][name]["networks"]
    for other, service in stack["services"].items():
        for number, network in enumerate(networks):
            if network in mine and network in service["networks"]:
                names = [other, *((service["networks"][network] or {}).get("aliases") or [])]
                lines.append(f"{address(other, number, stack)} {' '.join(names)}")
    return "\n".join(lines) + "\n"


def _bind(source: Path, target: str, read_only: bool = False, bind: dict[str, Any] | None = None) -> dict[str, Any]:
    options = ["rbind", (bind or {}).get("propagation") or "rprivate", "ro" if read_only else "rw"]
    return {"destination": target, "type": "bind", "source": str(source), "options": options}


def _tmpfs(text: str) -> dict[str, Any]:
    target, _, options = text.partition(":")
    given = [option for option in options.split(",") if option]
    return {"destination": target, "type": "tmpfs", "source": "tmpfs", "options": ["noexec", "nosuid", "nodev", *given]}


def copy_program(source: Path, target: Path) -> None:
    """Put a program into a root file system; its libraries come from the borrowed `/usr/lib`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        os.link(source.resolve(), target)
        return
    shutil.copy2(source.resolve(), target)

"""Choose the location of the ledger's file, and reject unsuitable ones."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pazpaz_otel.errors import LedgerError

_REMOTE: Final = frozenset(
    "9p acfs afs beegfs ceph cifs coda davfs glusterfs gfs2 lustre ncpfs nfs nfs4 ocfs2 prl_fs smb2 smb3 smbfs "
    "vboxsf virtiofs".split()
)
"""Types of file systems on which SQLite's shared memory and locks don't work across machines."""
_LOCAL_FUSE: Final = frozenset({"fuse.fuse-overlayfs", "fuseblk"})
_IDENTITY: Final = ("service.namespace", "service.name", "deployment.environment.name", "deployment.environment")
_FORMAT: Final = 1
"""Part of the file's name, because another version of this package may use another format."""
_DAY: Final = 86_400


def ledger_file(directory: str | None, resource: Mapping[str, str], digest: str) -> Path:
    """Return the file of this service's ledger, in an existing directory that belongs to this user.

    Args:
        directory: the operator's directory, in which the ledger survives restarts. `None`: the temporary directory,
            where each process group has its own ledger, which ends with it.
        resource: the configured resource attributes; the service's name separates services.
        digest: the policy's digest; workers with another policy keep other series.

    Raises:
        LedgerError: the directory can't be used.
    """
    parts = [str(_FORMAT), digest, *(resource.get(key, "") for key in _IDENTITY)]
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    if directory is not None:
        return _usable(Path(directory)) / f"{name}.ledger"
    folder = _usable(Path(tempfile.gettempdir()) / f"pazpaz-otel-{os.getuid()}", private=True)
    _sweep(folder)
    return folder / f"{name}-{os.getpgrp()}.ledger"


def is_remote(path: Path, mounts: Iterable[str] | None = None) -> bool:
    """Return whether the path is on a file system that several machines share.

    Args:
        path: a directory.
        mounts: the lines of `/proc/self/mounts`; by default, this machine's. Without any, nothing is known.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
    real = path.resolve()
    kinds = {}
    for line in mounts:
        fields = line.split(" ")
        if len(fields) > 2:  # noqa: PLR2004 - device, mount point, kind
            point = Path(fields[1].replace("\\040", " "))
            if real.is_relative_to(point):
                kinds[len(point.parts)] = fields[2]
    kind = kinds[max(kinds)] if kinds else ""
    return kind in _REMOTE or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)


def _usable(folder: Path, *, private: bool = False) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat(follow_symlinks=not private)
    except OSError as error:
        raise LedgerError(f"its directory can't be created ({type(error).__name__})") from None
    # Another user may have created this name in the temporary directory first.
    if private and (not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077):
        raise LedgerError("its directory isn't private to this user")
    if not stat.S_ISDIR(status.st_mode) or not os.access(folder, os.W_OK | os.X_OK):
        raise LedgerError("its directory can't be written")
    if is_remote(folder):
        raise LedgerError("its directory is on a network file system")
    return folder


def _sweep(folder: Path) -> None:
    # Remove what ended processes left; a ledger in use is written every few seconds.
    for file in folder.glob("*.ledger*"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > _DAY:
                file.unlink()

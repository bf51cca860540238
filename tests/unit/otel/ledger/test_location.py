"""Where a ledger may lie."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.errors import LedgerError
from pazpaz_otel.otel.ledger.location import is_remote, ledger_file

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = {"service.name": "clinic"}


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph", "lustre", "fuse.sshfs", "fuse"])
def test_a_network_file_system_is_refused(tmp_path: Path, kind: str):
    """Kinds of file systems that machines share are known, also where another one is mounted above them."""
    mounts = ["/dev/sda1 / ext4 rw 0 0", f"server:/share {tmp_path} {kind} rw 0 0"]
    assert is_remote(tmp_path / "ledger", mounts)
    assert not is_remote(tmp_path.parent, mounts)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuse.fuse-overlayfs"])
def test_a_local_file_system_is_taken(tmp_path: Path, kind: str):
    """What one machine has alone is fit, a container's own included."""
    assert not is_remote(tmp_path, [f"disk / {kind} rw 0 0"])


def test_a_mount_point_with_a_space_is_found(tmp_path: Path):
    """A space in a mount point, which the kernel writes in octal, is read."""
    assert is_remote(tmp_path / "my volume", [f"server:/share {tmp_path}/my\\040volume nfs rw 0 0"])


def test_services_and_policies_have_ledgers_of_their_own(tmp_path: Path):
    """Another service, environment or policy has another file; another release of the same has the same."""
    files = {
        ledger_file(str(tmp_path), resource, digest)
        for resource, digest in (
            (SERVICE, "a"),
            (SERVICE, "b"),
            ({"service.name": "other"}, "a"),
            ({**SERVICE, "deployment.environment.name": "staging"}, "a"),
        )
    }
    assert len(files) == 4
    assert ledger_file(str(tmp_path), {**SERVICE, "service.version": "2"}, "a") in files


def test_the_temporary_directory_is_made_for_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without a directory of the operator's, one that only this user can enter."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = ledger_file(None, SERVICE, "a").parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("trap", ["a link", "open to others", "a file"])
def test_a_directory_that_somebody_else_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str):
    """Anybody may make the name in the temporary directory first: it is used only if it is this user's alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"pazpaz-otel-{os.getuid()}"
    if trap == "a link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    elif trap == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(LedgerError) as refused:
        ledger_file(None, SERVICE, "a")
    assert str(tmp_path) not in str(refused.value)

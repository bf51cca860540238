"""promtool's tests of rules: what it says of the same files is the same, and may be kept."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path


def run_cases(file: Path, rules: Iterable[Path], promtool: Path, cache: Path | None = None) -> str:
    """Return what promtool says of test cases.

    Args:
        file: the cases; they name files of rules by their way from this one.
        rules: every file of rules that they name.
        promtool: Prometheus' tool.
        cache: a folder that keeps what it says; the tool, cases and rules being the same.

    Raises:
        RuntimeError: it can't take the files.
    """
    if cache is None:
        return _run(file, promtool)
    tool = promtool.stat()
    digest = hashlib.sha256(f"{promtool} {tool.st_size} {tool.st_mtime_ns} {file.name}".encode())
    for read in (file, *rules):
        digest.update(hashlib.sha256(read.read_bytes()).digest())
    kept = cache / digest.hexdigest()
    if not kept.is_file():
        said = _run(file, promtool)
        cache.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: by half of it, fewer alerts would fire.
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            whole = Path(folder, "said")
            whole.write_text(said, encoding="utf-8")
            whole.replace(kept)
    return kept.read_text(encoding="utf-8")


def _run(file: Path, promtool: Path) -> str:
    # It repeats the file's name as it was given: what is kept holds no folder.
    done = subprocess.run(  # noqa: S603 - the tool and the file that were named
        [str(promtool), "test", "rules", file.name], cwd=file.parent, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    if "SUCCESS" not in said and "got:" not in said:
        raise RuntimeError(said[-2000:])
    return said

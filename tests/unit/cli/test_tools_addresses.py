"""An address at which a tool can't send its secret ends in one line, which has neither the secret nor the address."""

from __future__ import annotations

from pathlib import Path

import pytest

from pazpaz_otel.cli import main

SECRET = "the-secret-itself"
ROOT = Path(__file__).parents[3]
ADDRESSES = ["http://127.0.0.1:{secret}", "http://u:{secret}@127.0.0.1:1", "http://127.0.0.1:1/ {secret}"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("tool", ["sentry", "uptime"])
def test_an_unusable_address_ends_in_one_line(
    tool: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback quotes what was configured."""
    url = address.format(secret=SECRET)
    key = tmp_path / "key"
    key.write_text(SECRET)
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", SECRET)
    command = {
        "sentry": ["--folder", str(ROOT / "monitoring" / "sentry"), "--url", url, "--organization", "o"],
        "uptime": ["--monitors", str(ROOT / "monitoring" / "uptime" / "monitors.yaml"), "--api", url],
    }[tool]
    rest = ["--project", "p"] if tool == "sentry" else ["--key-file", str(key)]
    assert main([tool, "apply", *command, *rest]) == 2
    written = capsys.readouterr()
    assert len(written.err.splitlines()) == 1
    assert SECRET not in written.out + written.err

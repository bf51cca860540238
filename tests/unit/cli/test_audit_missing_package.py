"""`pazpaz-otel audit` without a package that only it needs."""

from __future__ import annotations

import subprocess
import sys

from pazpaz_otel.diagnosis.packages import install_command

MAIN = """
import sys
sys.modules["jsonschema"] = None
sys.argv = ["pazpaz-otel", "audit", "--app", "app:app"]
from pazpaz_otel.cli import main
sys.exit(main())
"""


def test_a_missing_package_is_named_with_its_hint():
    """One line names the package and the command that installs it; there is no traceback."""
    done = subprocess.run([sys.executable, "-c", MAIN], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert (
        done.stderr == f"pazpaz-otel audit: needs jsonschema, which isn't installed: {install_command('jsonschema')}\n"
    )

"""A program that puts a canary into every place that sentry-sdk can pick one up from.

`python sentry_plants MODE SEED URL`: MODE is `stock` (it calls `sentry_sdk.init` as a team would), `guarded` (under
the distribution, no line about Sentry) or `own` (under the distribution, with an `init` of its own that asks for
everything). It prints the names of the places, one a line.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import errors  # noqa: F401 - its plants come first
import sentry_sdk
from registry import PLANTS, canary

import traffic

if TYPE_CHECKING:
    from collections.abc import Callable


def init(mode: str, c: Callable[[str], str]) -> None:
    """Start the client that the mode asks for."""
    wanted: dict[str, Any] = {"traces_sample_rate": 1.0, "enable_logs": True, "release": "plants@1.0"}
    if mode == "own":

        def before_send(event: Any, _hint: Any) -> Any:
            return event | {"server_name": c("before_send"), "extra": {"a": c("before_send extra")}}

        wanted |= {"send_default_pii": True, "spotlight": f"{traffic.URL}/spotlight", "before_send": before_send}
        wanted |= {"server_name": c("server name option"), "dist": c("dist option"), "attach_stacktrace": True}
        wanted |= {"max_request_body_size": "always", "profiles_sample_rate": 1.0}
    if mode != "guarded":
        sentry_sdk.init(os.environ["SENTRY_DSN"], **wanted)


def main(mode: str, seed: str) -> None:
    """Plant everything, send it, and say what was planted."""
    planted: list[str] = []

    def c(place: str) -> str:
        if place not in planted:
            planted.append(place)
        return canary(seed, place)

    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    init(mode, c)
    for function in PLANTS.values():
        function(c)
    sentry_sdk.flush(20)
    sys.stdout.write("\n".join(planted) + "\n")


if __name__ == "__main__":
    traffic.URL = sys.argv[3]
    main(sys.argv[1], sys.argv[2])

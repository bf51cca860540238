"""A program whose functions joblib's loky sends to its processes by value."""

from __future__ import annotations

import logging
import sys

from joblib import Parallel, delayed
from opentelemetry import metrics, trace

LATE = "The appointment is late"
FORGED = "import logging\nlogging.getLogger('forged').warning('The clinic is closed')"


class UnreachableError(ValueError):
    """A class that is sent with the function."""


def remind(client: str) -> None:
    """Log, trace and count what one job does."""
    log = logging.getLogger("reminders")
    log.warning("reminder sent to %s", client)
    log.warning("The clinic is closed")
    log.warning(LATE)
    log.warning(client)
    metrics.get_meter("reminders").create_counter("reminders.sent").add(1)
    with trace.get_tracer("reminders").start_as_current_span("one reminder"):
        try:
            raise UnreachableError("no telephone")
        except UnreachableError:
            log.exception("it failed")
    exec(compile(FORGED, __file__, "exec"), {"__name__": "__main__", "__file__": __file__})


if __name__ == "__main__":
    Parallel(n_jobs=2)([delayed(remind)(sys.argv[1])])

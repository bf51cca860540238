# ruff: noqa
"""Functions that the idioms have run later."""

import time, logging
log = logging.getLogger(__name__)
def send_fax(number): log.info("fax queued for %s", number)
class Jobs:
    @staticmethod
    def compact(who): log.info("compacted the archive")
    def weekly(self): log.info("weekly report is made")
def explode(who): raise RuntimeError(f"job exploded over {who}")

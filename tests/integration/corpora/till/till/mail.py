from __future__ import annotations

import contextlib
import functools
import logging
import smtplib
from email.message import EmailMessage
from string import Template

log = logging.getLogger(__name__)

SUBJECT = Template("Your appointment with $who")
FOOTER = """
Sent by the till.
"""


class MailError(RuntimeError):
    pass


class Bounced(MailError):
    message = "message to {address} bounced"

    def __init__(self, address):
        super().__init__(self.message.format(address=address))
        self.address = address


class Mailer:
    def __init__(self, host="localhost"):
        self.host = host
        self._sent = 0

    def send(self, to, subject, *, dry_run=False):
        message = EmailMessage()
        message["Subject"] = subject
        if dry_run:
            log.info("Dry run: would send %r to %s", subject, to)
            return
        try:
            self._deliver(to, message)
        except OSError as error:
            log.warning("Delivery to %s failed (%s), queueing", to, error)
            raise MailError(f"could not deliver to {to}") from error
        finally:
            self._sent += 1
            log.debug("sent so far: %d", self._sent)

    def _deliver(self, to, message):
        raise ConnectionRefusedError(f"relay {self.host} refused {to}")


def ensure(func):
    @functools.wraps(func)
    async def inner(*args, **kwargs):
        try:
            return await func(*args, **kwargs)
        except MailError:
            log.exception("%s failed for %s", func.__qualname__, args)
            raise
    return inner


@contextlib.contextmanager
def connection(host):
    log.info(f"connecting to {host}")
    try:
        yield host
    except Exception as e:
        log.error(f"connection to {host} broke: {e!s}")
        raise
    else:
        log.info("connection closed")


def subject(who):
    return SUBJECT.substitute(who=who)


def report(stats):
    text = ["Mail report"]
    for key, value in stats.items():
        text.append(f"  {key}: {value}")
    return "\n".join(text)

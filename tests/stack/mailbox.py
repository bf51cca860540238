"""A mail server that asks for TLS and a password, as a real one does, and keeps what it gets."""

from __future__ import annotations

import email
import email.policy
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.programs import free_port

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

PASSWORD = "mail-password-of-this-test"


@dataclass(frozen=True)
class Mail:
    """One message as it arrived."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    raw: bytes


class Mailbox:
    """Listens on 127.0.0.1 for the length of a `with` block.

    Attributes:
        certificate: what a client must trust.
        mails: what arrived, in order.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        self.certificate, key = folder / "mail.pem", folder / "mail.key"
        make_certificate("localhost", self.certificate, key, days=2)
        self.mails: list[Mail] = []
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, key)
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True,
            auth_required=True, authenticator=_authenticate, auth_exclude_mechanism=["LOGIN"],
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message (the name is aiosmtpd's)."""
        raw = envelope.original_content or b""
        message: EmailMessage = email.message_from_bytes(raw, policy=email.policy.default)
        bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
        text, html = (body.get_content() if body else "" for body in bodies.values())
        self.mails.append(Mail(tuple(envelope.rcpt_tos), str(message["Subject"]), text, html, raw))
        return "250 OK"

    def find(self, alert: str, *, resolved: bool = False, since: int = 0) -> Mail | None:
        """The first mail about `alert` after the first `since` ones."""
        for mail in self.mails[since:]:
            if f"] {alert}" in mail.subject and mail.subject.startswith("[RESOLVED]") == resolved:
                return mail
        return None

    def about(self, since: int = 0) -> set[str]:
        """The alerts that mails after the first `since` ones are about."""
        return {mail.subject.partition("] ")[2].split()[0] for mail in self.mails[since:]}


def make_certificate(name: str, certificate: Path, key: Path, *, days: int) -> None:
    """Make a self-signed certificate for `name` that is good for `days` days."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", f"/CN={name}",
               "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=known)

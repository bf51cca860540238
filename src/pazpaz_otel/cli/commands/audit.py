"""`pazpaz-otel audit`: plant invented patient data everywhere, and look for it in every byte that leaves."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

from pazpaz_otel.cli import CANNOT
from pazpaz_otel.cli.output import add_json, show

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "audit", help="plant invented patient data in every surface and search every byte that leaves"
    )
    parser.add_argument("--app", metavar="MODULE:ATTRIBUTE", help="audit this ASGI application, through its own routes")
    parser.add_argument(
        "--header", action="append", default=[], metavar="NAME: VALUE", help="send this to the application, too"
    )
    parser.add_argument("--protocol", choices=("http/protobuf", "grpc"), default="http/protobuf")
    parser.add_argument("--seed", type=int, help="repeat an earlier audit's invented data; random if not given")
    parser.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit in a process of its own, under the user's settings; the exit code is that of the report."""
    # The receivers need OTLP's messages and the server: no other command pays for their import.
    from pazpaz_otel.audit.report import render  # noqa: PLC0415
    from pazpaz_otel.audit.run import AuditError, run_audit  # noqa: PLC0415
    from pazpaz_otel.settings import Settings, inherited  # noqa: PLC0415

    policy = arguments.policy or Settings.from_env().policy
    try:
        report = run_audit(
            inherited({"PAZPAZ_OTEL_POLICY": policy} if policy else {}),
            seed=arguments.seed if arguments.seed is not None else secrets.randbelow(2**31),
            protocol=arguments.protocol,
            app=arguments.app,
            policy=policy,
            headers=arguments.header,
        )
    except AuditError as error:
        sys.stderr.write(f"pazpaz-otel audit: {error}\n")
        return CANNOT
    show(arguments, render(report), report.as_dict())
    return report.exit_code

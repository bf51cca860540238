"""`pazpaz-otel audit`: plant invented patient data everywhere, and search every byte that leaves for it."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

from pazpaz_otel.cli import CANNOT
from pazpaz_otel.cli.output import add_json, add_policy, policy_file, show

if TYPE_CHECKING:
    import argparse

    from pazpaz_otel.audit.report import Report


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "audit", help="plant invented patient data in every surface and search every byte that leaves"
    )
    parser.add_argument("--app", metavar="MODULE:ATTRIBUTE", help="audit this ASGI application, through its own routes")
    parser.add_argument("--url", help="the URL of the application that the command after -- starts")
    parser.add_argument("--openapi", metavar="FILE", help="the application's OpenAPI document, if it doesn't serve it")
    parser.add_argument("--traffic", metavar="FILE", help="recorded requests (.har or JSON lines) to repeat")
    parser.add_argument(
        "--header", action="append", default=[], metavar="NAME: VALUE", help="send this header to the application"
    )
    parser.add_argument(
        "--login", metavar="FILE", help="requests (JSON lines) that log in: what they are given is sent on"
    )
    parser.add_argument("--protocol", choices=("http/protobuf", "grpc"), default="http/protobuf")
    parser.add_argument("--seed", type=int, help="reuse the invented data of an earlier audit; random if not given")
    add_policy(parser)
    parser.add_argument("--report", metavar="FILE", help="write the report as .html, for printing, or as .json")
    parser.add_argument("start", nargs="*", metavar="-- COMMAND", help="the command that starts the application")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit in a separate process with the user's settings, and return the exit code of the report."""
    # The receivers need OTLP's messages and gRPC, which are slow to import.
    from pazpaz_otel.audit.report import render  # noqa: PLC0415
    from pazpaz_otel.audit.run import AuditError  # noqa: PLC0415

    try:
        report = _audit(arguments)
        if arguments.report:
            _file(arguments, report)
    except ModuleNotFoundError as error:
        from pazpaz_otel.diagnosis.packages import hint_of  # noqa: PLC0415

        hint = hint_of(error.name or "")
        sys.stderr.write(f"pazpaz-otel audit: needs {error.name}, which isn't installed: {hint}\n")
        return CANNOT
    except (AuditError, OSError, ValueError) as error:
        sys.stderr.write(f"pazpaz-otel audit: {error}\n")
        return CANNOT
    show(arguments, render(report), report.as_dict())
    return report.exit_code


def _audit(arguments: argparse.Namespace) -> Report:
    from pazpaz_otel.audit.application.audit import Target, audit_application  # noqa: PLC0415
    from pazpaz_otel.audit.run import run_audit  # noqa: PLC0415
    from pazpaz_otel.settings import inherited  # noqa: PLC0415

    policy = policy_file(arguments)
    environment = inherited({"PAZPAZ_OTEL_POLICY": policy} if policy else {})
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(2**31)
    if bool(arguments.start) != bool(arguments.url):
        raise ValueError("--url and a command after -- go together: audit --url http://127.0.0.1:8000 -- COMMAND")
    if arguments.app or arguments.start:
        target = Target(
            app=arguments.app,
            command=arguments.start,
            url=arguments.url,
            openapi=arguments.openapi,
            traffic=arguments.traffic,
            headers=arguments.header,
            login=arguments.login,
        )
        return audit_application(target, environment, seed=seed, protocol=arguments.protocol)
    return run_audit(environment, seed=seed, protocol=arguments.protocol, policy=policy)


def _file(arguments: argparse.Namespace, report: Report) -> None:
    from pazpaz_otel.audit.dossier import dossier, write  # noqa: PLC0415
    from pazpaz_otel.audit.run import run_audit  # noqa: PLC0415
    from pazpaz_otel.settings import inherited  # noqa: PLC0415

    unguarded = [sys.executable, "-m", "pazpaz_otel.audit.unguarded"]
    control = run_audit(inherited(), seed=report.seed, command=unguarded, raw_output=True, brief=True)
    # A command line has folders, and perhaps a password.
    started = "the application that a command starts" if arguments.start else "every surface, in a separate process"
    subject = arguments.app or started
    policy = policy_file(arguments)
    write(dossier(report, subject=subject, policy=policy, control=control), arguments.report)
    sys.stderr.write(f"the report is in {arguments.report}\n")

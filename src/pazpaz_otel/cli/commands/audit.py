"""`pazpaz-otel audit`: plant invented patient data everywhere, and look for it in every byte that leaves."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

from pazpaz_otel.cli import CANNOT
from pazpaz_otel.cli.output import add_json, show

if TYPE_CHECKING:
    import argparse

    from pazpaz_otel.audit.report import Report


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "audit", help="plant invented patient data in every surface and search every byte that leaves"
    )
    parser.add_argument("--app", metavar="MODULE:ATTRIBUTE", help="audit this ASGI application, through its own routes")
    parser.add_argument("--url", help="where the application answers that the command after -- starts")
    parser.add_argument("--openapi", metavar="FILE", help="the application's OpenAPI document, if it doesn't serve it")
    parser.add_argument("--traffic", metavar="FILE", help="recorded requests (.har or JSON lines) to repeat")
    parser.add_argument(
        "--header", action="append", default=[], metavar="NAME: VALUE", help="send this to the application, too"
    )
    parser.add_argument("--protocol", choices=("http/protobuf", "grpc"), default="http/protobuf")
    parser.add_argument("--seed", type=int, help="repeat an earlier audit's invented data; random if not given")
    parser.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")
    parser.add_argument("--report", metavar="FILE", help="write the report as .html, to print and file, or as .json")
    parser.add_argument("start", nargs="*", metavar="-- COMMAND", help="what starts the application")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit in a process of its own, under the user's settings; the exit code is that of the report."""
    # The receivers need OTLP's messages and the server: no other command pays for their import.
    from pazpaz_otel.audit.report import render  # noqa: PLC0415
    from pazpaz_otel.audit.run import AuditError  # noqa: PLC0415

    try:
        report = _audit(arguments)
        if arguments.report:
            _file(arguments, report)
    except ModuleNotFoundError as error:
        from pazpaz_otel.diagnosis.extras import hint_of  # noqa: PLC0415

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
    from pazpaz_otel.settings import Settings, inherited  # noqa: PLC0415

    policy = arguments.policy or Settings.from_env().policy
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
        )
        return audit_application(target, environment, seed=seed, protocol=arguments.protocol)
    return run_audit(environment, seed=seed, protocol=arguments.protocol, policy=policy)


def _file(arguments: argparse.Namespace, report: Report) -> None:
    from pazpaz_otel.audit.dossier import dossier, write  # noqa: PLC0415
    from pazpaz_otel.audit.run import run_audit  # noqa: PLC0415
    from pazpaz_otel.settings import Settings, inherited  # noqa: PLC0415

    open_door = [sys.executable, "-m", "pazpaz_otel.audit.open_door"]
    control = run_audit(inherited(), seed=report.seed, command=open_door, raw_output=True, brief=True)
    subject = arguments.app or " ".join(arguments.start) or "every surface, in a process of its own"
    policy = arguments.policy or Settings.from_env().policy
    write(dossier(report, subject=subject, policy=policy, control=control), arguments.report)
    sys.stderr.write(f"the report is in {arguments.report}\n")

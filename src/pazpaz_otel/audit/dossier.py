"""The audit's report as a file for the records: a self-contained, printable HTML page, or JSON.

It says what was audited (versions, policy, seed), what was planted and found on each surface, which routes were
reached, what was kept, what was held back and why, and what the same audit finds where nothing guards. It names no
machine and no folder, and holds invented data only.
"""

from __future__ import annotations

import hashlib
import html
import json
import platform
import subprocess
from collections import Counter
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel._version import __version__
from pazpaz_otel.audit.report import left, planted_in
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pazpaz_otel.audit.report import Report

_PACKAGES: Final = ("opentelemetry-sdk", "opentelemetry-instrumentation", "sentry-sdk", "fastapi", "sqlalchemy")
_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f23; margin: 2.5rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; break-after: avoid; }
.verdict { font-size: 1.15rem; font-weight: 600; padding: .7rem 1rem; border-left: 6px solid; border-radius: 3px; }
.clean { border-color: #1a7f5a; background: #eaf6f1; } .found { border-color: #b3261e; background: #fbeceb; }
.open { border-color: #9a6700; background: #fff6e0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; } tr { break-inside: avoid; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #d8dee4; vertical-align: top; }
th { font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; } .never { color: #b3261e; font-weight: 600; }
footer { margin-top: 2.5rem; font-size: .85rem; color: #57606a; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
"""


def dossier(report: Report, *, subject: str, policy: str | None, control: Report | None) -> dict[str, Any]:
    """Return the file's content as plain data, with its checksum.

    Args:
        report: the audit's result.
        subject: what was audited, in words.
        policy: the policy file, or None for the package's.
        control: the result of the same audit without guards.
    """
    loaded = load_policy(policy)
    data: dict[str, Any] = {
        "format": "pazpaz-otel audit report 1",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "subject": subject,
        "verdict": _verdict(report),
        "identity": {
            "pazpaz-opentelemetry": __version__,
            "python": platform.python_version(),
            **{name: version for name in _PACKAGES if (version := _installed(name))},
            "policy": Path(policy).name if policy else "default",
            "policy digest": loaded.digest,
            "commit": _commit(),
            "seed": report.seed,
        },
        "control": None if control is None else {"planted": control.planted, "leaks": len(control.leaks)},
        **report.as_dict(),
    }
    data["sha256"] = hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return data


def write(data: Mapping[str, Any], file: str) -> None:
    """Write the file, as HTML or JSON according to its name.

    Raises:
        OSError: it can't be written.
    """
    text = page(data) if file.endswith((".html", ".htm")) else json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    Path(file).write_text(text, encoding="utf-8")


def page(data: Mapping[str, Any]) -> str:
    """Return the report as an HTML page that loads nothing."""
    outcome = "found" if data["leaks"] else "clean" if data["exit_code"] == 0 else "open"
    planted = data["planted_on"]
    found = Counter(leak["planted"] for leak in data["leaks"])
    body = [
        f"<h1>Audit of telemetry: {_text(data['subject'])}</h1>",
        f"<p>{_text(data['date'])}</p>",
        f'<p class="verdict {outcome}">{_text(data["verdict"])}</p>',
        # Don't format a seed as an amount, and omit what isn't known.
        _table(
            "What was audited",
            ("", ""),
            [(name, str(one)) for name, one in data["identity"].items() if one is not None],
        ),
        _control(data["control"]),
        _table(
            "Leaks",
            ("planted on", "a", "as", "found in", "of"),
            [
                (
                    leak["planted"],
                    leak["category"],
                    leak["variant"],
                    leak["found"],
                    leak["route"] + left([leak["when"]]),
                )
                for leak in data["leaks"]
            ],
        ),
        _routes(data["routes"]),
        _table(
            "Surfaces",
            ("surface", "planted", "found"),
            [(surface, planted[surface], found[surface]) for surface in sorted(planted)],
        ),
        _table(
            "Held back, by the guards' own count",
            ("surface", "reason", "count"),
            [(row["surface"], row["reason"], row["count"]) for row in data["held_back"]],
        ),
        _table("Metrics that count in an overflow series", ("", ""), [(name, "") for name in data["overflowed"]]),
        _table("Bytes searched", ("received by", "bytes"), sorted(data["received"].items())),
        _table("Kept: useful facts that arrived", ("", ""), [(f"{len(data['kept'])} facts", "")]),
        _table("Useful facts that did not arrive", ("fact", ""), [(" ".join(fact), "") for fact in data["missing"]]),
        _footer(data),
    ]
    head = f'<meta charset="utf-8"><title>Audit of telemetry</title><style>{_STYLE}</style>'
    start = f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>'
    return "\n".join([start, *filter(None, body), "</body></html>", ""])


def _footer(data: Mapping[str, Any]) -> str:
    again = f"<code>pazpaz-otel audit --seed {data['seed']}</code>"
    checksum = f"SHA-256 of this report's data: <code>{data['sha256']}</code>"
    return f"<footer>{checksum}<br>The same data again: {again}. All names and numbers in it are invented.</footer>"


def _verdict(report: Report) -> str:
    if report.leaks:
        return f"{len(report.leaks)} leaks found: {report.planted} invented strings were planted."
    if not report.proves_something:
        return "No telemetry arrived, so nothing is proven."
    searched = f"{sum(report.received.values()):,} bytes that left"
    clean = f"No leak: none of {report.planted:,} planted strings is in the {searched}."
    if report.unreached:
        clean += f" {len(report.unreached)} routes were never run; they aren't proven."
    if report.unplanted:
        clean += f" {len(report.unplanted)} requests were only repeated as recorded; they aren't proven."
    return clean


def _control(control: Mapping[str, int] | None) -> str:
    if control is None:
        return ""
    found, planted = control["leaks"], control["planted"]
    text = f"The same search found {found:,} leaks in a process without guards, of {planted:,} strings planted there."
    return f"<h2>Control: it can fail</h2><p>{text}</p>"


def _routes(rows: Sequence[Mapping[str, Any]]) -> str:
    table = [
        (
            row["route"],
            " ".join(f"{s}: {n}" for s, n in row["statuses"].items()) + planted_in(row),
            "yes" if row["reached"] else "never",
        )
        for row in rows
    ]
    return _table("Routes", ("route", "answers", "reached"), table).replace("<td>never", '<td class="never">never')


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    rows = list(rows)
    if not rows:
        return ""
    numbers = {index for index, value in enumerate(rows[0]) if isinstance(value, int)}

    def cell(tag: str, index: int, value: Any) -> str:
        shown = f"{value:,}" if isinstance(value, int) and index else _text(value)
        style = ' class="number"' if index in numbers and index else ""
        return f"<{tag}{style}>{shown}</{tag}>"

    head = "".join(cell("th", index, value) for index, value in enumerate(heads)) if any(heads) else ""
    lines = ["<tr>" + "".join(cell("td", index, value) for index, value in enumerate(row)) + "</tr>" for row in rows]
    top = f"<tr>{head}</tr>" if head else ""
    return f"<h2>{_text(title)}</h2>\n<table>{top}\n" + "\n".join(lines) + "\n</table>"


def _text(value: Any) -> str:
    return html.escape(str(value))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit of the current folder, if it is a git repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None

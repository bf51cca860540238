"""The result of an audit, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pazpaz_otel.audit.facts import Fact
    from pazpaz_otel.audit.scan import Find


AFTER: Final = "after the last request"
AGAIN: Final = "at the next start"
"""When a text left, if not while a request was answered."""


@dataclass(frozen=True)
class Leak:
    """A planted string that left.

    Attributes:
        planted: the surface it was planted on.
        found: where it was found.
        category: its category, such as ``israeli_id``.
        variant: the form it was planted in.
        token: the part of it that left; it is invented, so it may be shown.
        route: the route whose request carried it.
        when: when it left, if not by that request's response: the route that answered next, `AFTER`, or `AGAIN`.
        line: the beginning of the line, with the token masked, and all words but the application's own.
    """

    planted: str
    found: str
    category: str
    variant: str
    token: str
    route: str = ""
    when: str = ""
    line: str = ""


@dataclass(frozen=True)
class Report:
    """The result of an audit.

    Attributes:
        seed: the seed, which reproduces the invented data.
        surfaces: the surfaces that were planted on.
        planted: the number of planted strings.
        leaks: the planted strings that left, one entry for each string and place.
        received: bytes received by each sink.
        kept: useful facts that arrived.
        missing: useful facts that didn't arrive.
        failures: surfaces on which planting raised, with the exception's type.
        last_words: the last lines of the process's standard error, if nothing arrived.
        routes: for an application, each route, whether it was reached, and how often it gave each status.
        unreached: for an application, the routes whose handlers never ran past their checks.
        unplanted: the recorded requests in which no planted text was accepted, and which read none back.
        planted_on: how many strings were planted on each surface.
        held_back: the guards' own count of what they dropped, by surface and reason.
        overflowed: metrics with an overflow series, which received more than they declare.
    """

    seed: int
    surfaces: tuple[str, ...]
    planted: int
    leaks: tuple[Leak, ...]
    received: Mapping[str, int]
    kept: tuple[Fact, ...] = ()
    missing: tuple[Fact, ...] = ()
    failures: tuple[str, ...] = ()
    last_words: tuple[str, ...] = ()
    routes: tuple[Mapping[str, Any], ...] = ()
    unreached: tuple[str, ...] = ()
    unplanted: tuple[str, ...] = ()
    planted_on: Mapping[str, int] = field(default_factory=dict)
    held_back: tuple[Mapping[str, Any], ...] = ()
    overflowed: tuple[str, ...] = ()

    @property
    def proves_something(self) -> bool:
        """Whether any telemetry arrived; silence proves nothing."""
        return any(size for sink, size in self.received.items() if sink.startswith("otlp"))

    @property
    def exit_code(self) -> int:
        """0 for no leak, 1 for leaks, 2 if nothing arrived, or routes weren't reached or planted: nothing is proven."""
        if self.leaks:
            return 1
        return 0 if self.proves_something and not self.unreached and not self.unplanted else 2

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data; what the process printed is for the terminal only."""
        data = asdict(self)
        del data["last_words"]
        return {
            **data,
            "received": dict(self.received),
            "planted_on": dict(self.planted_on),
            "exit_code": self.exit_code,
        }


def leaks_of(finds: Iterable[Find], plants: Iterable[Mapping[str, Any]]) -> tuple[Leak, ...]:
    """Return the leaks behind the finds: one for each planted string, place and time, with its longest token."""
    by_id = {plant["id"]: plant for plant in plants}
    longest: dict[tuple[str, str, str], Find] = {}
    for find in finds:
        key = (find.plant, find.where, find.when)
        if key not in longest or len(find.token) > len(longest[key].token):
            longest[key] = find
    return tuple(_leak(find, by_id[find.plant]) for find in longest.values())


def _leak(find: Find, plant: Mapping[str, Any]) -> Leak:
    route = plant.get("route", "")
    when = "" if find.when == route else find.when
    return Leak(
        plant["surface"], find.where, plant["category"], plant["variant"], find.token, route, when, excerpt(find)
    )


def renamed(report: Report, names: Mapping[str, str]) -> Report:
    """Return the report with other names of routes."""

    def new(labels: Iterable[str]) -> tuple[str, ...]:
        return tuple(names.get(label, label) for label in labels)

    return replace(
        report,
        leaks=tuple(
            replace(one, route=names.get(one.route, one.route), when=names.get(one.when, one.when))
            for one in report.leaks
        ),
        routes=tuple({**row, "route": names.get(row["route"], row["route"])} for row in report.routes),
        unreached=new(report.unreached),
        unplanted=new(report.unplanted),
    )


_EXAMPLES = 3
_MISSING = 20
_NEVER = (
    "  A route that only answers 4xx was never run, or no further than its checks (401 and 403 ask for a login, 404",
    "  for the id of something that exists): what it does with patients isn't proven.",
    "  Let the audit in by --header 'Authorization: Bearer …' (or 'Cookie: …'), by --login FILE with the requests",
    '  that log in, one a line: {"method": "POST", "path": "/login", "body": {"username": "…", "password": "…"}},',
    "  or repeat recorded requests with --traffic FILE (.har, or such lines). docs/audit.md has more.",
)
_ONLY_ERRORS = (
    "  A route that only answers 4xx and 5xx never succeeded: what it does then isn't shown. Is its database up?",
)
_AS_RECORDED = (
    "  In a request as recorded no planted text was accepted, and it read none back: what its handler does with",
    "  patients isn't proven. Record the request that stores what it reads before it, or leave it out if it handles",
    "  no patients.",
)


def _routes(report: Report) -> list[str]:
    if not report.routes:
        return []
    reached = [row for row in report.routes if row["reached"]]
    lines = [f"routes reached          {len(reached)} of {len(report.routes)}"]
    if report.unplanted:
        lines.append(f"as recorded, unproven   {len(report.unplanted)} of {len(report.routes)}")
    for row in sorted(report.routes, key=lambda row: bool(row["reached"])):
        answers = " ".join(f"{status}:{count}" for status, count in row["statuses"].items())
        lines.append(f"  {'      ' if row['reached'] else 'NEVER '}  {row['route']}  {answers}{planted_in(row)}")
    lines += _NEVER if report.unreached else ()
    lines += _ONLY_ERRORS if any(_only_fails(row["statuses"]) for row in reached) else ()
    lines += _AS_RECORDED if report.unplanted else ()
    return lines


def _only_fails(statuses: Iterable[str]) -> bool:
    # A login's own route is reached, and answers 401 to what is planted.
    known = set(statuses)
    return min(known, default="") >= "400" and max(known) >= "500"


def planted_in(row: Mapping[str, Any]) -> str:
    """Return where a recorded request was planted, to be shown after its answers; nothing for a described route."""
    places = row["planted"]
    return "" if places is None else f"  planted in {', '.join(places)}" if places else "  as recorded"


def _places(leaks: Iterable[Leak]) -> Iterator[str]:
    """Yield the routes of a group of leaks, with one line of each."""
    routes: dict[tuple[str, str], list[Leak]] = {}
    for leak in leaks:
        if leak.route:
            routes.setdefault((leak.route, leak.when if leak.when in {"", AGAIN} else AFTER), []).append(leak)
    for (route, _), found in sorted(routes.items(), key=lambda one: -len(one[1])):
        line = next((leak.line for leak in found if leak.line), "")
        yield f"        {route}: {len(found)}{left(leak.when for leak in found)}" + (
            f", such as: {line}" if line else ""
        )


def left(times: Iterable[str]) -> str:
    """Return what to append to a leak's route about when the texts left."""
    known = set(times)
    if known <= {"", AGAIN}:
        return f" {AGAIN}" if AGAIN in known else ""
    readers = " or ".join(sorted(known - {AFTER}))
    return f" after its response: in the background{f', or by {readers}' if readers else ''}"


def _some(names: Iterable[str]) -> str:
    distinct = sorted({*names})
    return ", ".join(distinct[:_EXAMPLES]) + (", …" if len(distinct) > _EXAMPLES else "")


def render(report: Report) -> str:
    """Return the report as plain text, with leaks grouped by the surface that let them out."""
    lines = [
        f"surfaces checked        {len(report.surfaces)}",
        f"strings planted         {report.planted}",
        f"bytes received          {', '.join(f'{sink} {size:,}' for sink, size in sorted(report.received.items()))}",
        f"leaks found             {len(report.leaks)}",
    ]
    if report.kept or report.missing:
        lines.append(f"useful attributes kept  {len(report.kept)} of {len(report.kept) + len(report.missing)}")
    groups: dict[tuple[str, str], list[Leak]] = {}
    for leak in report.leaks:
        groups.setdefault((leak.planted.partition(".")[0], leak.found), []).append(leak)
    for (planted, found), leaks in sorted(groups.items()):
        surfaces = _some(leak.planted for leak in leaks)
        categories = _some(leak.category for leak in leaks)
        lines.append(f"  LEAK  planted on {planted} ({surfaces}), found in {found}: {len(leaks)} ({categories})")
        lines += _places(leaks)
    if any(leak.found in {"stdout", "stderr"} for leak in report.leaks):
        lines.append(
            "  What handlers of logging and structlog write, PAZPAZ_OTEL_GUARD_OUTPUT=true guards; what the application"
            " prints by itself, it doesn't."
        )
    if any(leak.found.startswith("GET ") for leak in report.leaks):
        lines.append("  What the application itself serves of its metrics isn't guarded: take that route away, and let")
        lines.append("  Prometheus scrape the embedded endpoint (OTEL_METRICS_EXPORTER=prometheus).")
    if report.proves_something:
        lines += [f"  missing  {' '.join(part for part in fact if part)}" for fact in report.missing[:_MISSING]]
        lines += [f"  missing  {len(report.missing) - _MISSING} more"] if len(report.missing) > _MISSING else []
    for name in report.overflowed:
        lines.append(
            f"  overflow  {name} counts in otel.metric.overflow: a planted text that reaches one of its attributes does"
        )
        lines.append("            that, or an attribute that the policy's declaration doesn't list, or too many series")
    lines += _routes(report)
    lines += [f"  raised  {failure}" for failure in report.failures]
    if not report.proves_something:
        lines.append("nothing arrived, so nothing is proven: a command that starts the application has to begin with")
        lines += ["opentelemetry-instrument, or the application to call configure(); `pazpaz-otel doctor` says more"]
        lines += report.last_words
    lines.append(f"seed {report.seed}")
    return "\n".join(lines)

"""Objects that answer differently the second time, or claim another class: what was judged is what leaves."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import ReadWriteLogRecord

from pazpaz_otel.policy import KIND_TYPES
from pazpaz_otel.redact import exceptions, metric
from pazpaz_otel.redact.log_line import guarded_record
from pazpaz_otel.redact.log_record import LogGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pazpaz_otel.redact.guards import Guard

NAME = "dvora_mizrahi"
NUMBER = 305123456
SAFE = ("GET", "200", "/clients/{client_id}", "api.pazpaz.example", "postgresql", "asyncio", "SELECT", "INFO")
CLASSES = (str, int, float, bool, dict, list, tuple)


def _then(first: Any, later: Any, times: int) -> Callable[..., Any]:
    count = itertools.count()
    return lambda *_, **__: first if next(count) < times else later


def _text(body: str, shown: str, times: int) -> str:
    methods: dict[str, Any] = dict.fromkeys(("__str__", "__repr__", "__format__", "lower"), _then(shown, NAME, times))
    same = {"__eq__": lambda _, other: other == shown, "__hash__": lambda _: hash(shown)}
    return type("Text", (str,), {**methods, **same, "encode": lambda *_: NAME.encode()})(body)  # type: ignore[no-any-return]


def _claiming(cls: type, shown: str) -> Any:
    methods: dict[str, Any] = dict.fromkeys(("__str__", "__repr__", "__format__"), _then(shown, NAME, 1))
    methods |= dict.fromkeys(("__le__", "__ge__", "__lt__", "__gt__", "is_integer"), lambda *_: True)
    methods |= {"__int__": lambda _: NUMBER, "__index__": lambda _: NUMBER, "__float__": lambda _: float(NUMBER)}
    methods |= {"__eq__": lambda _, other: other == shown, "__hash__": lambda _: hash(shown), "__len__": lambda _: 1}
    methods |= {"__iter__": lambda _: iter([NAME]), "__sub__": lambda *_: 0, "items": lambda _: [(NAME, NAME)]}
    return type("Claiming", (), {**methods, "__class__": property(lambda _: cls)})()


class _Listed(Sequence[str]):
    """A sequence whose second look has another member."""

    def __init__(self, shown: str) -> None:
        self._look = _then(shown, NAME, 1)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, _: Any) -> Any:
        return self._look()

    def __iter__(self) -> Iterator[str]:
        return iter([self._look()])


class _Mapped(Mapping[str, Any]):
    """A mapping whose second look has other items."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._look = _then(given, {**dict.fromkeys(given, NAME), NAME: NAME}, 1)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, key: str) -> Any:
        return self._look()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._look())

    def items(self) -> Any:
        return self._look().items()


def _values() -> Iterator[Any]:
    for shown in SAFE:
        yield from (_text(NAME, shown, times) for times in range(4))
        yield from (_text(shown, shown, times) for times in range(4))
        yield from (_claiming(cls, shown) for cls in CLASSES)
        yield _Listed(shown)
    for base in (int, float):
        same: dict[str, Any] = {"__eq__": lambda _, other: other == 200, "__hash__": lambda _: hash(200)}
        lies = dict.fromkeys(("__le__", "__ge__", "__lt__", "__gt__", "is_integer"), lambda *_: True)
        yield type("Number", (base,), {**same, **lies, "__int__": lambda _: 200, "__index__": lambda _: 200})(NUMBER)


PLAIN = (str, bool, int, float)


def _leaves(value: Any) -> list[Any]:
    members = value if type(value) in {tuple, list} else [value]
    assert {type(member) for member in members} <= set(PLAIN), value
    return [member for member in members if NAME in str(member) or str(NUMBER) in str(member)]


@pytest.mark.parametrize("surface", ["span_attribute", "metric_attribute", "resource"])
def test_an_attribute_leaves_as_it_was_judged(guard: Guard, surface: str) -> None:
    """Under every key of the policy, beside every other, only plain values leave, and none is the second face."""
    keys = [key for key, rule in guard.policy.attributes.items() if KIND_TYPES[rule.kind.name].name != "uuid"]
    for value in _values():
        for given in (dict.fromkeys(keys, value), _Mapped(dict.fromkeys(keys, "GET"))):
            kept, _ = guard.attributes.clean(given, surface)
            assert {type(key) for key in kept} <= {str}
            assert [left for value in kept.values() for left in _leaves(value)] == []
        alone = (guard.attributes.clean({key: value}, surface)[0] for key in keys)
        assert [left for kept in alone for value in kept.values() for left in _leaves(value)] == []


def test_a_log_record_leaves_as_it_was_judged(guard: Guard) -> None:
    """Severity, times, ids, flags, body and event name of a record are plain, and none is the second face."""
    for value in _values():
        record = LogRecord(
            timestamp=value,
            observed_timestamp=value,
            trace_id=value,
            span_id=value,
            trace_flags=value,
            severity_text=value,
            severity_number=_claiming(SeverityNumber, "INFO"),
            body=value,
            event_name=value,
            attributes={"error.type": value},
        )
        clean = LogGuard(guard).clean(ReadWriteLogRecord(record)).log_record
        told = [clean.severity_text, clean.body, clean.event_name, clean.trace_id, clean.span_id, clean.timestamp]
        assert clean.severity_number is None
        assert [left for one in told if one is not None for left in _leaves(one)] == []


def test_a_written_line_has_the_fields_that_were_judged(guard: Guard) -> None:
    """Names, level, place and arguments of a line are plain, and none is the second face."""
    for value in _values():
        record = logging.LogRecord("uvicorn.access", 20, __file__, 1, value, None, None)
        record.args = (value, value, value, value, 200)
        record.levelname = record.name = record.funcName = record.pathname = value
        clean = guarded_record(record, guard)
        told = [clean.levelname, clean.name, clean.funcName, clean.pathname, clean.msg, *(clean.args or ())]
        assert [left for one in told for left in _leaves(one)] == []


def test_a_measurement_is_the_number_that_was_judged() -> None:
    """A number of any class is measured as a plain one: its own content, or what it says to be."""
    for value in _values():
        if issubclass(type(value), (int, float)):
            assert metric.plain(value) == NUMBER
    with pytest.raises((TypeError, ValueError)):
        metric.plain(_text("GET", "7", 1))


def _errors() -> Iterator[BaseException]:
    for times in range(1, 5):
        yield type("LostError", (ValueError,), {"__str__": _then("note saved", NAME, times)})(NAME)
        yield type("LostError", (ValueError,), {"args": property(_then(("note saved",), (NAME,), times))})(NAME)
        yield type("LostError", (OSError,), {"errno": property(_then(2, NUMBER, times))})(NAME)
        yield type("LostError", (OSError,), {"errno": property(_then(2, NAME, times))})(NAME)
        told = {"status_code": 404, "detail": _text(NAME, "Not Found", times)}
        yield type("LostError", (ValueError,), {**told, "__str__": lambda _: f"404: {NAME}"})(NAME)
        yield type("ValueError", (ValueError,), {"__module__": _text(NAME, "builtins", times)})("note saved")
        yield type("LostError", (ValueError,), {"__notes__": property(_then(["GET"], [NAME], times))})(NAME)


def test_an_exception_is_told_as_it_was_judged() -> None:
    """Type, message, notes and trace of an exception are none of its second face."""
    for error in _errors():
        try:
            raise error
        except Exception as caught:
            view = exceptions.view(caught)
        assert NAME not in exceptions.render(view)
        assert str(NUMBER) not in exceptions.render(view)

# ruff: noqa: E501 - lines of the program that is generated stay whole
"""A program of everyday idioms, generated: forms of text times the surfaces that they reach, and what should leave.

Each case's literal text holds a word of its own (`case17x`), so that what arrives can be told apart. Every value comes
from the environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HEAD: Final = '''
"""Everyday idioms."""
import asyncio, decimal, enum, functools, gc, json, logging, os, sqlite3, socket, sys, textwrap, warnings
from dataclasses import dataclass
import structlog
import sentry_sdk
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
import {module}_texts as texts
from {module}_texts import IMPORTED

VALUE = os.environ["IDIOM_VALUE"]
OTHER = os.environ["IDIOM_OTHER"]
log = logging.getLogger("clinic.audit")
log.setLevel(logging.DEBUG)
logging.captureWarnings(True)
tracer = trace.get_tracer(__name__)
slog = structlog.get_logger()
std = structlog.wrap_logger(log, processors=[structlog.processors.JSONRenderer()], wrapper_class=structlog.stdlib.BoundLogger)
keyed = structlog.wrap_logger(log, processors=[structlog.processors.KeyValueRenderer()], wrapper_class=structlog.stdlib.BoundLogger)
console = structlog.wrap_logger(log, processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer()])
logfmt = structlog.wrap_logger(log, processors=[structlog.processors.LogfmtRenderer()])

class Slot:
    def __init__(self): self.name, self.start, self.n = VALUE, OTHER, 3

slot, name, other = Slot(), VALUE, OTHER

def fill(): return VALUE
'''

TEXTS: Final = 'IMPORTED = "imported constant {word}"\nOTHERS = "reached through the module {word}"\n'


@dataclass(frozen=True)
class Form:
    """How a text is composed, and what is to leave of it; `W` stands for the case's own word."""

    expression: str
    leaves: str
    before: str = ""
    """Statements that stand before the one that uses it."""


FORMS: Final = {
    "literal": Form('"clinic is closed W"', "clinic is closed W"),
    "implicit": Form('("clinic is " "closed W")', "clinic is closed W"),
    "f": Form('f"no slot W for {name} at {slot.start:>20}"', "no slot W for {name} at {slot.start}"),
    "f_call": Form('f"no slot W for {fill()!r}"', "no slot W for {…}"),
    "format": Form('"no slot W for {}".format(name)', "no slot W for {name}"),
    "format_named": Form('"no slot W for {who.name}".format(who=slot)', "no slot W for {slot.name}"),
    "percent": Form('"no slot W for %s and %r" % (name, slot.start)', "no slot W for {name} and {slot.start}"),
    "percent_dict": Form('"no slot W for %(who)s" % {"who": name}', "no slot W for {name}"),
    "percent_one": Form('"no slot W for %s" % name', "no slot W for {name}"),
    "plus": Form('"no slot W for " + name + " today"', "no slot W for {name} today"),
    "join": Form('"missing W: " + ", ".join([name, other])', "missing W: {name}, {other}"),
    "join_any": Form('"missing W: " + ", ".join(sorted([name, other]))', "missing W: {…}"),
    "conditional": Form('"slot W is open" if slot.n else "slot W is closed"', "slot W is open"),
    "assigned": Form("message", "assigned W for {name}", 'message = f"assigned W for {name}"'),
    "mixture": Form('"mixed W " f"for {name}" + " at %s" % other', "mixed W for {name} at {other}"),
}


SURFACES: Final = {
    "log": "log.warning(EXPR)",
    "log_args": 'log.info(EXPR, extra={"client": name})',
    "span": "tracer.start_span(EXPR).end()",
    "current_span": "with tracer.start_as_current_span(EXPR): pass",
    "event": "with tracer.start_as_current_span('surface'): trace.get_current_span().add_event(EXPR)",
    "status": "with tracer.start_as_current_span('surface') as span: span.set_status(Status(StatusCode.ERROR, EXPR))",
    "raise": "with tracer.start_as_current_span('surface'): raise ValueError(EXPR)",
    "log_exception": "try:\n        raise ValueError(EXPR)\n    except ValueError:\n        log.exception('failed')",
    "capture": "try:\n        raise LookupError(EXPR)\n    except LookupError as e:\n        sentry_sdk.capture_exception(e)",
    "sentry": "sentry_sdk.capture_message(EXPR)",
    "warning": "warnings.warn(EXPR)",
    "structlog": "slog.info(EXPR, client=name)",
    "structlog_json": "std.info(EXPR, client=name)",
}

CASES: Final = (
    ("%s template", 'log.info("saved W for %s", name)', "saved W for %s"),
    ("imported", "log.info(IMPORTED_W)", "imported constant W"),
    ("module constant", "log.info(CONSTANT_W)", "constant of the module W"),
    ("module template", "log.info(TEMPLATE_W.format(name))", "template of the module W for {name}"),
    ("enum", "log.info(Reason_W.CLOSED.value)", "reason of an enum W"),
    ("class attribute", "log.info(Texts_W.CLOSED)", "attribute of a class W"),
    ("constant key", 'log.info(TABLE_W["closed"])', "item of a table W"),
    ("capitalised constant", "log.info(NOT_FOUND_W)", "Slot W Not Found"),
    ("enum as printed", "log.info(Mixed_W.LATE)", "Mixed_W.LATE"),
    (
        "three arms",
        'if not name: m = "arm W one"\n    elif other: m = f"arm W two {name}"\n    else: m = "arm W three"\n    log.info(m)',
        "arm W two {name}",
    ),
    (
        "match arms",
        (
            'match slot.n:\n        case 3: m = "matched W three"\n        case 4: m = "matched W four"\n        case _: m = "matched W"'
            "\n    log.info(m)"
        ),
        "matched W three",
    ),
    ("dedent", 'raise ValueError(textwrap.dedent(f"""\\\n        dented W {name}\n        end"""))', "dented W {name}"),
    ("strip", 'log.info("  stripped W %s ".strip(), name)', "stripped W %s"),
    ("starred", 'args = ("starred W", name)\n    raise ValueError(*args)', "starred W"),
    ("local fields", 'fields = {"reason": "kept_W"}; slog.info("fields W", **fields)', "kept_W"),
    ("local extra", 'fields = {"reason": "given_W"}; log.info("extras W", extra=fields)', "given_W"),
    ("adapter", 'Adapter_W(log, {}).info("adapted W %s", other)', "adapted W %s"),
    ("attribute amid values", 'raise Amid_W(f"amid W {name}")', "[{self.who}] amid W {name}"),
    ("method's name", "with tracer.start_as_current_span(Texts_W.tell.__qualname__): pass", "Texts_W.tell"),
    ("named by its decorator", "named_W()", "named_W"),
    (
        "lost task",
        (
            'async def lose():\n        async def fail(): raise ValueError(f"lost W {name}")\n'
            "        await asyncio.wait([asyncio.create_task(fail())])\n    asyncio.run(lose()); gc.collect()"
        ),
        "lost W {name}",
    ),
    ("default", "default_W()", "default argument W"),
    ("helper", 'helper_W("argument of a helper W")', "argument of a helper W"),
    ("own init", "raise OwnInit_W(name)", "own constructor W for {who}"),
    ("own str", "raise OwnStr_W(name)", "own str W"),
    ("own attribute", "raise OwnDetail_W()", "detail of a class W"),
    ("assert", 'assert not name, "assertion W failed"', "assertion W failed"),
    ("assert f", 'assert not name, f"assertion W of {name}"', "assertion W of {name}"),
    ("earlier", 'error = ValueError(f"made earlier W {name}"); raise error', "made earlier W {name}"),
    ("note", "note_W()", "note W about {name}"),
    ("decorator", "decorated_W()", "decorated W"),
    ("traced", "traced_W()", "traced W"),
    ("cm earlier", 'cm = tracer.start_as_current_span(f"earlier W {name}")\n    with cm: pass', "earlier W {name}"),
    ("qualname", "with tracer.start_as_current_span(decorated_W.__qualname__): pass", "decorated_W"),
    (
        "exception text",
        'try:\n        raise ValueError("told W")\n    except ValueError as e:\n        log.error(e)',
        "told W",
    ),
    (
        "percent s",
        'try:\n        raise ValueError("told W")\n    except ValueError as e:\n        log.error("%s", e)',
        "told W",
    ),
    ("dict detail", 'raise HTTPError_W(409, {"code": "closed W", "who": name})', "'code': 'closed W'"),
    ("http", 'raise HTTPError_W(404, f"no client W {name}")', "no client W {name}"),
    ("structlog args", 'slog.info("positional W %s", name)', "positional W %s"),
    ("structlog field", 'slog.info("field W", reason="no_show_W", client=name)', "no_show_W"),
    ("extra field", 'log.info("extra W", extra={"reason": "late_W", "client": name})', "late_W"),
    ("bound field", 'slog.bind(component="scheduler_W", client=name).info("bound W")', "scheduler_W"),
    (
        "error type",
        'try:\n        raise Own_W(name)\n    except Own_W as e:\n        slog.error("failed W", error_type=type(e).__name__)',
        "Own_W",
    ),
    (
        "error field",
        'try:\n        raise ValueError(f"told W {name}")\n    except ValueError as e:\n        slog.error("e W", error=str(e))',
        "told W {name}",
    ),
    ("keyvalue", 'keyed.info("keyed W", client=name)', "keyed W"),
    ("console", 'console.info("console W", client=name)', "console W"),
    ("logfmt", 'logfmt.info("logfmt W", client=name)', "logfmt W"),
    (
        "structlog exc",
        'try:\n        raise ValueError("told W")\n    except ValueError:\n        std.error("x", exc_info=True)',
        "told W",
    ),
    (
        "exc default",
        'try:\n        raise ValueError("told W")\n    except ValueError:\n        slog.exception("x")',
        "told W",
    ),
    ("args", 'raise ValueError("several W", name)', "('several W', ?)"),
    ("group", 'raise ExceptionGroup("group W", [ValueError(name)])', "group W"),
    ("fingerprint", 'sentry_sdk.capture_message(f"grouped W {name}")', "grouped W {name}"),
    (
        "cause",
        'try:\n        raise ValueError(f"root W {name}")\n    except ValueError as e:\n        raise LookupError("top") from e',
        "root W {name}",
    ),
)

PYTHONS: Final = (
    ("None.phone_W", "'NoneType' object has no attribute 'phone_W'"),
    ("int(name + '_W')", "invalid literal for int() with base 10: {…}"),
    ("slot < slot", "'<' not supported between instances of 'Slot' and 'Slot'"),
    ("1 + name", "unsupported operand type(s) for +: 'int' and 'str'"),
    ("name + 1", 'can only concatenate str (not "int") to str'),
    ("{}[[name]]", "unhashable type: 'list'"),
    ("needs_W()", "needs_W() missing 1 required positional argument: 'argument_W'"),
    ("needs_W(1, b=2)", "needs_W() got an unexpected keyword argument 'b'"),
    ("needs_W(1, 2)", "needs_W() takes {…} positional argument but {…} were given"),
    ("[].pop()", "pop from empty list"),
    ("json.dumps({'a': slot})", "Object of type Slot is not JSON serializable"),
    ("json.loads(name)", "Expecting value: line {…} column {…} (char {…})"),
    ("asyncio.get_running_loop()", "no running event loop"),
    ("unknown_W", "name 'unknown_W' is not defined"),
    ("local_W()", "'later_W'"),
    ("a, b = [name]", "not enough values to unpack (expected {…}, got {…})"),
    ("len(5)", "object of type 'int' has no len()"),
    ("for _ in slot: pass", "'Slot' object is not iterable"),
    ("slot['W']", "'Slot' object is not subscriptable"),
    ("slot()", "'Slot' object is not callable"),
    ("Reason_W(name)", "is not a valid"),
    ("import nowhere_W", "No module named 'nowhere_W'"),
    ("naive_W()", "can't compare offset-naive and offset-aware datetimes"),
    ("__import__('datetime').datetime.strptime(name, '%Y')", "does not match format"),
    ("decimal.Decimal(name)", "decimal.ConversionSyntax"),
    ("{'key_W': 1}['other_W']", "'other_W'"),
    ("1 / 0", "division by zero"),
    ("sqlite3.connect(':memory:').execute('insert into nowhere values (1)')", "sqlite3.OperationalError"),
)

DEFINITIONS: Final = """
CONSTANT_W = "constant of the module W"
TEMPLATE_W = "template of the module W for {}"
TABLE_W = {"closed": "item of a table W", "open": "another item W"}
IMPORTED_W = IMPORTED

class Reason_W(enum.Enum):
    CLOSED = "reason of an enum W"

class Texts_W:
    CLOSED = "attribute of a class W"
    def tell(self): pass

NOT_FOUND_W = "Slot W Not Found"

class Mixed_W(str, enum.Enum):
    LATE = "came late W"

class Adapter_W(logging.LoggerAdapter):
    def process(self, msg, kwargs): return f"[{name}] {msg}", kwargs

class Amid_W(Exception):
    def __init__(self, message):
        self.message, self.who = message, name
        super().__init__(message)
    def __str__(self): return f"[{self.who}] {self.message}"

def by_name_W(function=None, *, label=None):
    if function is None: return lambda inner: by_name_W(inner, label=label)
    label = label or function.__qualname__
    @functools.wraps(function)
    def wrapper(*args):
        with tracer.start_as_current_span(label): return function(*args)
    return wrapper

@by_name_W
def named_W(): pass

class Own_W(Exception): pass

class OwnInit_W(Exception):
    def __init__(self, who):
        super().__init__(f"own constructor W for {who}")

class OwnStr_W(Exception):
    def __str__(self): return "own str W"

class OwnDetail_W(Exception):
    detail = "detail of a class W"
    def __str__(self): return self.detail

class HTTPError_W(Exception):
    def __init__(self, status_code, detail):
        self.status_code, self.detail = status_code, detail
    def __str__(self): return f"{self.status_code}: {self.detail}"

def default_W(message="default argument W"): log.info(message)
def helper_W(message): log.info(message)
def needs_W(argument_W): pass
def local_W():
    if name is None: later_W = 1
    return later_W
def naive_W():
    from datetime import datetime, UTC
    return datetime.now() < datetime.now(UTC)
def note_W():
    error = ValueError("noted")
    error.add_note(f"note W about {name}")
    raise error

@tracer.start_as_current_span("decorated W")
def decorated_W(): pass

def traced(text):
    def decorate(function):
        def wrapper(*args):
            with tracer.start_as_current_span(text):
                return function(*args)
        return wrapper
    return decorate

@traced("traced W")
def traced_W(): pass
"""


@dataclass(frozen=True)
class Case:
    """One idiom of the program.

    Attributes:
        name: what it is.
        leaves: the text that is to arrive.
    """

    name: str
    leaves: str


def _in_span(statement: str) -> str:
    lines = statement.replace("\n", "\n    ")
    return f"with tracer.start_as_current_span('surface'):\n        {lines}"


def program(module: str) -> tuple[str, str, list[Case]]:
    """Return the program's source, that of the module which it imports from, and its cases."""
    parts, cases, calls = [HEAD.replace("{module}", module)], [], []

    def add(name: str, body: str, leaves: str) -> None:
        word = f"case{len(cases)}x"
        cases.append(Case(name, leaves.replace("W", word)))
        parts.append(f"def idiom_{word}():\n    {body}\n".replace("W", word))
        calls.append(f"idiom_{word}")

    for surface, statement in SURFACES.items():
        for form_name, form in FORMS.items():
            use = statement.replace("EXPR", form.expression)
            add(f"{form_name} in {surface}", f"{form.before}\n    {use}" if form.before else use, form.leaves)
    for name, statement, leaves in CASES:
        word = f"case{len(cases)}x"
        parts.append(
            DEFINITIONS.replace("W", word).replace("IMPORTED_" + word + " = IMPORTED", f"IMPORTED_{word} = IMPORTED")
        )
        traced = statement.startswith(("raise", "args =", "error =", "assert", "note")) or name == "cause"
        add(name, _in_span(statement) if traced else statement, leaves)
    for statement, leaves in PYTHONS:
        word = f"case{len(cases)}x"
        parts.append(DEFINITIONS.replace("W", word))
        add(f"python: {statement}", _in_span(statement), leaves)
    parts.append(
        "for idiom in (" + ", ".join(calls) + "):\n    try:\n        idiom()\n"
        "    except Exception:\n        pass\n"
        "sentry_sdk.flush(10)\n"
    )
    imported = next(case for case in cases if case.name == "imported").leaves.rpartition(" ")[2]
    return "\n".join(parts), TEXTS.replace("{word}", imported), cases

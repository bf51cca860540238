"""A library's lending desk: readers, loans, fines."""

import asyncio
import collections
import contextlib
import csv
import datetime
import enum
import functools
import httpx
import io
import logging
import loguru
import pydantic
import sqlalchemy as sa
import sqlite3
import structlog
import threading
import time
import warnings
from dataclasses import dataclass
from fastapi import HTTPException, status
from opentelemetry import trace
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from fair import people

log = logging.getLogger(__name__)
audit = logging.getLogger("desk.audit")
tracer = trace.get_tracer("desk")
slog = structlog.get_logger("desk")


class DeskError(Exception):
    """Base of the desk's errors."""

    default = "the desk failed"

    def __init__(self, detail=None, **context):
        self.detail = detail or self.default
        self.context = context
        super().__init__(self.detail)


class CardExpired(DeskError):
    default = "the reader's card has expired"


def idiom_default_detail():
    raise CardExpired(card=people.CARD)


def idiom_detail_fstring():
    raise CardExpired(f"card {people.CARD} was stolen")


class Fine(DeskError):
    def __init__(self, reader, amount):
        self.reader = reader
        self.amount = amount
        super().__init__("reader %s owes %s" % (reader, amount))


def idiom_init_percent():
    raise Fine(people.NAME, people.AMOUNT)


class Overdue(Fine):
    def __str__(self):
        return f"{super().__str__()} and is overdue"


def idiom_super_str():
    raise Overdue(people.NAME, people.AMOUNT)


def guard(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        try:
            return fn(*args, **kwargs)
        except Exception as exc:
            log.exception("%s failed for %r: %s", fn.__name__, args, exc)
            raise

    return wrapper


@guard
def lend(book, reader):
    if reader:
        raise PermissionError(f"reader {reader} may not borrow {book}")


def idiom_decorated_raise():
    lend("Moby Dick", people.NAME)


def idiom_decorated_log():
    with contextlib.suppress(PermissionError):
        lend("Moby Dick", people.NAME)


@contextlib.contextmanager
def timed(label, **tags):
    start = time.monotonic()
    try:
        yield
    finally:
        log.info("%s took %.3fs %s", label, time.monotonic() - start, tags)


def idiom_timed():
    with timed("re-shelving", who=people.NAME):
        pass


class Shelf:
    def __init__(self, name):
        self.name = name
        self._log = logging.LoggerAdapter(log, {"shelf": name})

    def __repr__(self):
        return f"<Shelf {self.name}>"

    def add(self, book):
        self._log.debug("added %s", book)
        if book:
            raise OverflowError(f"{self!r} has no room for {book}")


def idiom_self_repr():
    Shelf(people.CITY).add(people.NOTE)


def idiom_adapter_debug():
    with contextlib.suppress(OverflowError):
        Shelf(people.CITY).add(people.NOTE)


def idiom_len_expression():
    rows = [people.NAME, people.NAME_B]
    raise ValueError(f"expected one reader, found {len(rows)}: {rows}")


def idiom_count_log():
    removed = [people.NAME, people.NAME_B]
    log.info(f"{len(removed)} readers removed ({', '.join(removed)})")


def idiom_csv_loop():
    for i, row in enumerate(csv.reader(io.StringIO(people.NAME))):
        log.warning("skipping line %d of %s: %s", i, "readers.csv", row)


def idiom_csv_raise():
    row = [people.NAME]
    raise ValueError(f"line {3} has {len(row)} columns, expected {5}: {row!r}")


def idiom_strptime_wrap():
    try:
        datetime.datetime.strptime(people.NAME, "%Y-%m-%d")
    except ValueError as e:
        raise ValueError(f"cannot parse birthday {people.NAME!r}: {e}") from e


def idiom_strptime_bare():
    datetime.datetime.strptime(people.NAME, "%Y-%m-%d")


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Kind(str, enum.Enum):
    LOAN = "loan"
    RETURN = "return"


def idiom_enum_value_in_fstring():
    raise ValueError(f"a {Kind.LOAN.value} of {people.NAME} was refused")


def idiom_enum_lookup():
    try:
        Kind(people.NAME)
    except ValueError:
        raise LookupError(f"unknown kind {people.NAME}, use one of {[k.value for k in Kind]}") from None


def idiom_enum_bare():
    Kind(people.NAME)


ERRORS = {
    Kind.LOAN: "loan of {book} to {reader} refused",
    Kind.RETURN: "return of {book} by {reader} refused",
}


def idiom_enum_table():
    raise ValueError(ERRORS[Kind.LOAN].format(book=people.NOTE, reader=people.NAME))


def problem(kind, **kw):
    return ValueError(ERRORS[kind].format(**kw))


def idiom_error_factory():
    raise problem(Kind.RETURN, book=people.NOTE, reader=people.NAME)


def not_found(what):
    def fail(key):
        raise LookupError(f"no {what} with key {key}")

    return fail


book_missing = not_found("book")


def idiom_closure_factory():
    book_missing(people.MRN)


def idiom_http_status():
    raise HTTPException(status_code=status.HTTP_403_FORBIDDEN, detail="the reading room is closed")


def idiom_http_format():
    raise HTTPException(status.HTTP_409_CONFLICT, "book {} is on loan to {}".format(people.NOTE, people.NAME))


class Reader(pydantic.BaseModel):
    name: str
    age: int = pydantic.Field(ge=6, le=120)
    tags: list[str] = pydantic.Field(default_factory=list, max_length=2)


def idiom_pydantic_ge():
    Reader(name=people.NAME, age=-people.PID)


def idiom_pydantic_missing():
    Reader(age=10)


def idiom_pydantic_list():
    Reader(name=people.NAME, age=10, tags=[people.NAME] * 3)


def idiom_pydantic_wrapped():
    try:
        Reader(age=10)
    except pydantic.ValidationError as e:
        raise ValueError(f"invalid reader: {e}") from e


def idiom_pydantic_errors_log():
    try:
        Reader(age=10)
    except pydantic.ValidationError as e:
        log.error("invalid reader in %s: %d error(s)", people.MRN, e.error_count())


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)


def idiom_sa_unique():
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as s:
        s.add_all([Book(title=people.NAME), Book(title=people.NAME)])
        s.commit()


def idiom_sa_one():
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as s:
        s.execute(sa.select(Book).where(Book.title == people.NAME)).scalar_one()


def idiom_sa_none_check():
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as s:
        if s.get(Book, 1) is None:
            raise LookupError(f"book {people.MRN} not in catalogue")


def idiom_httpx_status():
    r = httpx.Response(503, request=httpx.Request("GET", "https://x.example/" + people.MRN))
    if r.is_error:
        raise RuntimeError(f"upstream answered {r.status_code} for {people.MRN}")


def idiom_loguru_bind():
    loguru.logger.bind(reader=people.NAME).warning("reservation {} expired", people.MRN)


def idiom_structlog_event():
    slog.warning("reservation_expired", reservation=people.MRN, reason="too late")


def idiom_structlog_exception():
    try:
        raise ValueError(f"reservation of {people.NAME} expired")
    except ValueError:
        slog.exception("reservation failed")


def idiom_warning_stack():
    warnings.warn("reminder %s was not sent" % people.MRN, RuntimeWarning, stacklevel=1)


def idiom_event_literal():
    with tracer.start_as_current_span("rebuild") as span:
        span.add_event(f"index rebuilt for {people.MRN}")


@tracer.start_as_current_span("close the desk")
def close_desk():
    raise RuntimeError("desk of %s still open" % people.NAME)


def idiom_span_decorator():
    close_desk()


async def fetch(i):
    await asyncio.sleep(0)
    raise ConnectionError(f"branch {i} unreachable for {people.NAME}")


async def idiom_gather():
    results = await asyncio.gather(fetch(1), fetch(2), return_exceptions=True)
    for r in results:
        if isinstance(r, Exception):
            log.error("branch sync failed: %s", r)


async def idiom_taskgroup():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(fetch(1))


async def idiom_async_retry():
    for attempt in range(2):
        try:
            await fetch(attempt)
        except ConnectionError as exc:
            last = exc
    raise RuntimeError(f"branch {people.CITY} gave up after {attempt + 1} attempts") from last


def idiom_nested_try():
    try:
        try:
            {}[people.NAME]
        finally:
            log.info(f"queue {people.MRN} closed while waiting")
    except KeyError:
        pass


def pick(n):
    if n == 1:
        text = "first shelf"
    elif n == 2:
        text = f"shelf of {people.CITY}"
    else:
        text = "no shelf"
    return text


def idiom_helper_branches():
    log.info(pick(2))


def idiom_ternary_chain():
    n = 2
    state = "lost" if n == 1 else "returned late" if n == 2 else "fine"
    log.info(f"lost: {people.MRN} {'returned late' if n == 2 else 'in time'}")


def idiom_format_days():
    days = 12
    log.info("book %s overdue since %d day%s", people.MRN, days, "" if days == 1 else "s")


def idiom_multiline_template():
    body = """\
Notice to {name}

Please return {book}.
""".format(name=people.NAME, book=people.NOTE)
    log.info(body)


def idiom_lines_join_dedent():
    log.info("\n".join([f"Hello {people.NAME},", "we miss", people.NOTE]))


def idiom_sum_format():
    fines = {people.NAME: 3, people.NAME_B: 4}
    log.info(f"total fines: {sum(fines.values()):>8.2f} for {len(fines)} readers")


def idiom_max_key():
    fines = {people.NAME: 3, people.NAME_B: 4}
    log.info("top reader is %s", max(fines, key=fines.get))


class Journal:
    def __init__(self):
        self.entries = []

    def note(self, text):
        self.entries.append(text)

    def dump(self):
        for entry in self.entries:
            log.info(entry)


def idiom_journal_dump():
    j = Journal()
    j.note(f"journal entry about {people.NAME}")
    j.dump()


class Step:
    name = "step"

    def run(self):
        try:
            self.work()
        except Exception as exc:
            raise RuntimeError(f"{self.name} step failed: {exc}") from exc


class Binding(Step):
    name = "binding"

    def work(self):
        raise ValueError(f"glue of {people.NOTE} is dry")


def idiom_template_method():
    Binding().run()


def idiom_logger_class_name():
    step = Binding()
    log.error(f"{type(step).__qualname__} step failed for {people.NAME}")


class Catalog(dict):
    def __missing__(self, key):
        raise KeyError(f"catalog has no {key}")


def idiom_missing_hook():
    Catalog()[people.NAME]


class Lazy:
    def __getattr__(self, item):
        raise AttributeError(f"{type(self).__name__} has no field {item!r}")


def idiom_getattr_hook():
    getattr(Lazy(), people.USERNAME)


def idiom_property_setter():
    class Loan:
        @property
        def days(self):
            return 1

        @days.setter
        def days(self, v):
            if v < 0:
                raise ValueError(f"days must be positive, got {v}")

    Loan().days = -people.PID


@dataclass
class Loan:
    reader: str
    days: int

    def __post_init__(self):
        if self.days > 30:
            raise ValueError(f"{type(self).__name__} of {self.reader} is longer than {30} days")


def idiom_post_init():
    Loan(people.NAME, people.PID)


def idiom_missing_arg():
    Loan(people.NAME)


def idiom_index():
    [people.NAME][3]


def idiom_unpack():
    a, b = [people.NAME]


def idiom_iso():
    datetime.date.fromisoformat(people.NAME)


def idiom_zero():
    people.PID / 0


def idiom_float():
    float(people.NAME)


def idiom_sqlite_open():
    try:
        sqlite3.connect("/nonexistent/" + people.NAME)
    except sqlite3.OperationalError as e:
        raise RuntimeError(f"failed to open {people.NAME}: {e}") from e


def idiom_sqlite_column():
    sqlite3.connect(":memory:").execute("SELECT nothing FROM (SELECT 1)")


def idiom_log_level_variable():
    level = logging.WARNING if people.NAME else logging.INFO
    log.log(level, "reader %s has %d unpaid fines", people.NAME, 3)


def idiom_extra_fstring():
    audit.info(f"desk closed by {people.NAME} at {datetime.datetime.now():%H:%M}", extra={"action": "close"})


def idiom_multi_except():
    try:
        raise OSError(f"no route to {people.PHONE}")
    except (OSError, ValueError) as exc:
        log.warning("could not notify %s (%s)", people.NAME, exc, exc_info=True)


def idiom_logger_error_exc():
    try:
        raise ValueError("shelving error " + people.NOTE)
    except ValueError as exc:
        log.error(exc)


def idiom_join_args():
    def fail(*parts):
        raise ValueError(" ".join(str(p) for p in parts))

    fail("Invalid reader", people.NAME, "for branch", people.CITY)


def idiom_unknown_kwargs():
    def opts(**kw):
        if kw:
            raise TypeError(f"unexpected keyword {next(iter(kw))!r} for opts()")

    opts(**{people.USERNAME: 1})


def idiom_replace():
    raise PermissionError("Reader NAME not allowed to enter".replace("NAME", people.NAME))


def idiom_prefix_helper():
    def say(msg, *a):
        log.info("[desk] " + msg, *a)

    say("lamp broken at %s", people.CITY)


def idiom_counter():
    c = collections.Counter(new=3, old=4)
    log.info("sync finished: %(new)d new, %(old)d old", c)


def idiom_dict_args():
    log.info("sync of %(branch)s finished with %(errors)d errors", {"branch": people.CITY, "errors": 3})


def idiom_thread_target():
    t = threading.Thread(target=log.info, args=(f"backup of {people.CITY} done",))
    t.start()
    t.join()


def idiom_raise_in_lambda():
    def throw(e):
        raise e

    (lambda n: throw(LookupError(f"page not found in {n}")))(people.NOTE)


def idiom_assert_message_const():
    MSG = "cannot merge %s into itself"
    assert not people.NAME, MSG % people.NAME

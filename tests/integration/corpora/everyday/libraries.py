# ruff: noqa
"""Everyday idioms: libraries."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("UnsupportedProtocol")
def case_178():
    import httpx

    httpx.get("nowhere://" + patient)


@idiom("httpx.ConnectError")
def case_179():
    import httpx

    httpx.get("http://127.0.0.1:9/" + patient)


@idiom("for url '{self.url}'")
def case_180():
    import httpx

    httpx.Response(404, request=httpx.Request("GET", f"http://example.org/{patient}")).raise_for_status()


@idiom("redis.exceptions.ConnectionError")
def case_181():
    import redis

    redis.Redis(port=9).get(patient)


@idiom("Convert to a bytes, string, int or float first")
def case_182():
    import redis

    redis.Redis(port=9).connection_pool.get_encoder().encode({patient: 1})


@idiom("No row was found when one was required")
def case_183():
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as c:
        c.execute(text("select 1 where 1 = 0")).one()


@idiom("sqlalchemy.exc.NoSuchModuleError")
def case_184():
    from sqlalchemy import create_engine

    create_engine(f"nowhere{VALUE.lower()}://")


@idiom("Could not locate column in row for column")
def case_185():
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as c:
        c.execute(text("select 1 as one")).mappings().one()[patient]


@idiom("duplicate key value violates unique constraint")
def case_186():
    import asyncpg

    raise asyncpg.UniqueViolationError('duplicate key value violates unique constraint "visits_key"')


@idiom("connection is closed")
def case_187():
    import asyncpg

    raise asyncpg.InterfaceError("connection is closed")


@idiom("Invalid literal for Fraction")
def case_188():
    import fractions

    fractions.Fraction(patient)


@idiom("No such file or directory")
def case_189():
    pathlib.Path("/nowhere", patient).read_text()


@idiom("STRIPE_KEY_OF_CLINIC")
def case_190():
    os.environ["STRIPE_KEY_OF_CLINIC"]


@idiom("is not a valid Code")
def case_191():
    Code(patient)


@idiom("month must be in 1..12")
def case_192():
    date(2024, 13, 1)


@idiom("cannot unpack non-iterable NoneType object")
def case_193():
    a, b = None


@idiom("'NoneType' object is not subscriptable")
def case_194():
    None["x"]


@idiom("unsupported format string passed to NoneType.__format__")
def case_195():
    f"{None:>10}"


@idiom("not all arguments converted during string formatting")
def case_196():
    "no places" % (patient,)


@idiom("decimal.InvalidOperation")
def case_197():
    decimal.Decimal(patient)


@idiom("got multiple values for argument 'text'")
def case_198():
    def told(who, text):
        pass

    told(patient, "a", text="b")


@idiom("can't subtract offset-naive and offset-aware datetimes")
def case_199():
    datetime.now() - datetime.now(UTC)


@idiom("No module named 'nowhere_to_be_found'")
def case_200():
    import nowhere_to_be_found

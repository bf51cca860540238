# ruff: noqa
"""What Python says itself."""

from .ground import *

# 3 CPython / stdlib / installed
def cpy(expect, kind="exc"):
    def keep(f):
        CASES.append((f.__name__, f, [(kind, expect)])); return f
    return keep
@cpy("'str' object cannot be interpreted as an integer")
def e1(): range(VALUE)
@cpy("Guest.__init__() got an unexpected keyword argument 'age'")
def e2(): Guest(age=VALUE)
@cpy("'float' object is not iterable")
def e3(): list(3.5)
@cpy("math domain error") if sys.version_info < (3, 14) else cpy("expected a")
def e4(): math.sqrt(-1)
@cpy("substring not found")
def e5(): VALUE.index("@@")
@cpy("codec can't decode byte")
def e6(): b"\xff\xfe".decode("utf-8")
@cpy("pop from an empty set")
def e7(): set().pop()
@cpy("badly formed hexadecimal UUID string")
def e8(): uuid.UUID(VALUE)
@cpy("No time zone found with key {key}")
def e9(): zoneinfo.ZoneInfo("Nowhere/" + VALUE)
@cpy("does not appear to be an IPv4 or IPv6 address")
def e10(): ipaddress.ip_address(VALUE)
@cpy("Incorrect padding") if False else cpy("exc", "exctype") if False else cpy("binascii.Error", "exctype")
def e11(): base64.b64decode("abc" + "d=" * 3 + "x", validate=True)
@cpy("returned non-zero exit status")
def e12(): subprocess.run(["false", VALUE], check=True)
@cpy("cannot pickle")
def e13(): pickle.dumps(threading.Lock())
@cpy("unpack requires a buffer of")
def e14(): struct.unpack("<I", b"a")
@cpy("Connection refused")
def e15():
    import socket; socket.create_connection(("127.0.0.1", 9), 1)
@cpy("missing ), unterminated subpattern")
def e17(): re.compile("(" + VALUE)
@cpy("Is a directory")
def e18(): open("/tmp")
@cpy("is not a valid Reason")
def e19(): Reason(VALUE)
@cpy("Guest' object is not callable")
def e20(): guest()
@cpy("'NoneType' object is not an async iterable") if False else cpy("'async for' requires an object with __aiter__ method, got list")
def e21():
    async def go():
        async for x in []: pass
    asyncio.run(go())
@cpy("asyncio.run() cannot be called from a running event loop")
def e22():
    async def go(): asyncio.run(asyncio.sleep(0))
    asyncio.run(go())
@cpy("day is out of range for month" if sys.version_info < (3, 14) else "must be in range 1..{…} for month {…} in year {…}")
def e23(): date(2023, 2, 30)
@cpy("unconverted data remains")
def e24(): datetime.strptime("2024-01-02" + VALUE, "%Y-%m-%d")
@cpy("Can't instantiate abstract class Base")
def e25():
    import abc
    class Base(abc.ABC):
        @abc.abstractmethod
        def go(self): ...
    Base()
class Intake(BaseModel):
    age: int
    name: str = Field(min_length=2)
    @field_validator("name")
    @classmethod
    def known(cls, v):
        raise ValueError(f"name {v} is not on the list")
@cpy("name {v} is not on the list")
def e26(): Intake(age=3, name=VALUE)
@cpy("int_parsing")
def e27(): Intake(age=VALUE, name="xx")

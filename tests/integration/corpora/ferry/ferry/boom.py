import asyncio
import json
import re

import pydantic
from fastapi import HTTPException

from .const import ERR_NO_BERTH, ERR_TICKET_OLD, N, NO_SMOKING, O, V, Weather
from .errors import ApiError, Chain, EngineError, FerryError, RampError, RuleBroken, TicketError


def e01(): raise FerryError("bow thruster is jammed")
def e02(): raise FerryError(f"bow door {V} is ajar")
def e03(): raise FerryError
def e04(): raise EngineError(ship=V)
def e05(): raise RampError(ramp=V, load=N)
def e06(): raise TicketError(V, O)
def e07(): raise RuleBroken(NO_SMOKING, O)
def e08(): raise ApiError(400, "schedule lacks a return trip")
def e09(): raise ApiError(400, f"line {V} does not run on Sundays", details={"x": O})
def e10(): raise ApiError.not_found("captain", O)
def e11(): raise ApiError.conflict()
def e12(): raise Chain([ValueError(V), ValueError(O)])
def e13(): raise LookupError(ERR_NO_BERTH)
def e14(): raise LookupError(ERR_TICKET_OLD % {"ticket": V})
def e15(): raise RuntimeError(Weather.FOG.value)
def e16(): raise ValueError(f"{N} knots is too fast for harbour {V}")
def e17(): raise ValueError("draught of {d} exceeds depth of {h}".format(d=N, h=V))
def e18(): raise ValueError("lock gate " + V + " opens at high water only")
def e19(): raise ValueError("pilot %r refused to board" % O)


def e20():
    msg = ["cargo list is inconsistent:"]
    msg.append(f"item {V} is listed twice")
    raise ValueError("\n".join(msg))


def e21():
    reason = "tide is out" if N else "tide is in"
    raise FerryError(f"cannot sail to {V}: {reason}")


def e22():
    try:
        try:
            int(V)
        except ValueError as e:
            raise FerryError(f"crew size {V} is nonsense") from e
    except FerryError as e:
        raise ApiError(500, "crew office crashed") from e


def check(condition, template, *args, error=FerryError):
    if not condition:
        raise error(template.format(*args))


def e23(): check(False, "mooring line {} is worn through", V)
def e24(): check(V == "", "fender {} is missing at {}", V, O, error=ValueError)


class Validator:
    errors: list

    def __init__(self):
        self.errors = []

    def add(self, text):
        self.errors.append(text)

    def finish(self):
        if self.errors:
            raise ValueError("manifest rejected: " + ", ".join(self.errors))


def e25():
    v = Validator()
    v.add(f"weight of {V} missing")
    v.finish()


def e26():
    def inner():
        raise ApiError(418, f"galley of {V} only serves tea")

    inner()


async def e27():
    await asyncio.gather(_sink(V), _sink(O))


async def _sink(x):
    raise FerryError(f"dinghy {x} took water")


async def e28():
    async with asyncio.timeout(0.01):
        await asyncio.sleep(2)


async def e29():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(_sink(V))


def e30():
    raise ExceptionGroup("fleet has trouble", [FerryError(f"vessel {V} leaks"), EngineError()])


def e31():
    e = FerryError("sextant is out of true")
    e.add_note("seen during the noon sight")
    raise e


def e32(): raise HTTPException(404, f"sailing {V} was taken off the timetable")
def e33(): raise HTTPException(409, detail={"code": "berth_taken", "message": f"berth is used by {O}"})
def e34(): raise HTTPException(status_code=410, detail=ERR_NO_BERTH)


def e35():
    if (left := N) > 3:
        raise ValueError(f"{left} passengers are still on the quay")


def e36():
    match V:
        case "":
            raise ValueError("empty call sign")
        case other:
            raise ValueError(f"call sign {other} is not registered here")


def e37():
    assert V in (), f"{V} must be one of the known ports"


def e38():
    raise TypeError(f"{type(N).__name__!r} object cannot be a harbour, got {N!r}")


class Trip(pydantic.BaseModel):
    line: str = pydantic.Field(pattern="^L")
    cars: int

    @pydantic.field_validator("cars")
    @classmethod
    def even(cls, v):
        if v % 2:
            raise ValueError("cars come in pairs on this line")
        return v


def e39(): Trip(line=V, cars=V)
def e40(): Trip(line="L1", cars=3)
def e41(): json.loads('{"a": 1, b}')
def e42(): Trip.model_validate_json('{"line": 3}')
def e43(): None.sail_away
def e44(): Trip.no_such_method
def e45(): e23(V)
def e46(): e46b(speed=V)
def e46b(*, heading): ...
def e47(): [][0]
def e48(): {"a": 1}[V]
def e49(): int("12x" + V)
def e50(): "a" + 1
def e51(): 1 + "a"
def e52(): V.decode()
def e53(): {**None}
def e54(): len(N)
def e55(): iter(N)
def e56(): a, b = [V]
def e57(): float([])
def e58(): open(V, "q")
def e59(): b"\xff".decode()
def e60(): re.compile("*" + V)
def e61(): sorted([{}, {}])
def e62(): (1).__setitem__(0, V)
def e63(): __import__("ferry_no_module")
def e64(): next(x for x in ())
def e65(): round(V)
def e66(): object() < object()
def e67(): "%d" % V
def e68(): "{} {}".format(V)
def e69(): abs(V)
def e70(): exec("1 +")


IDIOMS = [f for n, f in list(globals().items()) if re.fullmatch(r"e\d\d", n)]

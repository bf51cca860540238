import asyncio
import dataclasses
import decimal
import json
import re
import typing
from functools import partial

import pydantic
import sqlalchemy as sa
from fastapi import HTTPException

from . import base
from .base import N, O, V, ErrorCode


def f01():
    raise base.GardenError(f"compost heap {V} caught fire")


def f02():
    raise base.GardenError


def f03():
    raise base.PumpError(plant=V)


def f04():
    raise base.CodedError(ErrorCode.VALVE, "valve stuck half open", plant=V)


def f05():
    raise base.CodedError(ErrorCode.PUMP, f"pump {V} sucks air only")


def f06():
    raise base.PlantMissing(V)


def f07():
    raise base.PlantMissing(V, O)


def f08():
    raise base.SoilError(plant=V)


def f09():
    raise base.LazyError(what=V)


def f10():
    raise base.WithRepr("label printer has no ribbon")


def f11():
    raise base.WithRepr(f"ribbon {V} is from another maker")


def f12():
    raise ValueError("wrong pot size %s for %s" % (N, V))


def f13():
    raise ValueError("wrong " + "soil for " + V)


def f14():
    error_message = f"row {V} overlaps the path"
    raise base.GardenError(error_message)


def f15():
    error_message = "row overlaps " + ("pond" if N else "path") + f" near {O}"
    raise base.GardenError(error_message)


def f16():
    errors = {"bed": f"bed {V} is taken", "crop": "crop is out of season"}
    raise ValueError(errors)


def f17():
    raise ValueError([f"first complaint about {V}", "second complaint about the weather"])


def f18():
    try:
        json.loads(V)
    except json.JSONDecodeError as e:
        raise ValueError(f"sensor sent garbage: {e}") from e


def f19():
    try:
        decimal.Decimal(V)
    except decimal.InvalidOperation:
        raise ValueError(f"{V!r} is no price for a fern") from None


def require(value, name):
    if value is None:
        raise ValueError(f"{name!r} is required to plant anything")
    return value


def f20():
    require(None, "bed_id")


def f21():
    def deny(reason):
        raise PermissionError(f"access to the vault refused: {reason}")

    deny("badge has no garden zone")


def f22():
    raise type("DynamicError", (Exception,), {})("dynamic class bears fruit")


def f23():
    exc = RuntimeError("mushroom cellar is flooded")
    exc.add_note(f"found by {O}")
    raise exc


def f24():
    def gen():
        try:
            yield 1
        finally:
            raise RuntimeError(f"generator of {V} closed in anger")

    g = gen()
    next(g)
    g.close()


async def f25():
    async def leaf(x):
        await asyncio.sleep(0)
        raise LookupError(f"leaf {x} fell off the branch")

    await asyncio.wait_for(leaf(V), 3)


async def f26():
    async with asyncio.TaskGroup() as tg:
        for x in (V, O):
            tg.create_task(_rot(x))


async def _rot(x):
    raise base.GardenError(f"pumpkin {x} rots from below")


def f27():
    raise BaseExceptionGroup("harvest had casualties", [ValueError(f"basket {V} broke"), base.PumpError()])


def f28():
    raise HTTPException(status_code=422, detail=f"bed {V} has no free row")


def f29():
    raise HTTPException(403, "visitors may not enter the seed bank")


def f30():
    raise HTTPException(404, {"error": "plant_unknown", "hint": "try the latin name"})


def f31():
    class TooMany(HTTPException):
        def __init__(self, limit):
            super().__init__(status_code=429, detail=f"no more than {limit} pots per visitor")

    raise TooMany(N)


def f32():
    raise OSError(f"watering can {V} has a hole")


def f33():
    raise KeyError(f"no shelf named {V} in the shed")


def f34():
    raise StopIteration("season ended early")


def f35():
    raise UnicodeError(f"latin name {V} cannot be spelled")


def f36():
    raise AssertionError(f"impossible branch for {V} reached")


def f37():
    assert isinstance(N, str), "number of pots must be text"


def f38():
    typing.assert_never(V)


def f39():
    raise NotImplementedError("grafting of " + V + " comes next year")


def f40():
    fail = partial(base.CodedError, ErrorCode.PUMP)
    raise fail("impeller worn out completely")


class Sensor(pydantic.BaseModel):
    name: str
    level: int = pydantic.Field(gt=0)

    @pydantic.field_validator("name")
    @classmethod
    def known(cls, v):
        if not v.startswith("s"):
            raise ValueError(f"sensor {v} has an odd name")
        return v

    @pydantic.model_validator(mode="before")
    @classmethod
    def shape(cls, data):
        assert "level" in data, "sensor needs a level reading"
        return data


def f41():
    Sensor(name=V, level=3)


def f42():
    Sensor(name="s1")


def f43():
    Sensor.model_validate({"name": "s", "level": -N})


def f44():
    Sensor.model_validate_json("{" + V)


def f45():
    pydantic.TypeAdapter(list[int]).validate_python([V])


@dataclasses.dataclass
class Pot:
    size: int

    def __post_init__(self):
        if self.size > 100:
            raise ValueError(f"pot of size {self.size} will not fit the bench")

    def fill(self, soil, *, depth):
        return soil, depth


def f46():
    Pot(N)


def f47():
    Pot(3).fill(V)


def f48():
    Pot(3).drain()


def f49():
    Pot(3).size.label


def f50():
    Pot()


def f51():
    V + N


def f52():
    {}["pot_size"]


def f53():
    (lambda: None)()[0]


def f54():
    sum([V])


def f55():
    float("x" + V)


def f56():
    [1, 2].index(V)


def f57():
    "x".index(V)


def f58():
    max([])


def f59():
    next(iter([]))


def f60():
    object().nothing_there


def f61():
    re.sub("(", V, V)


def f62():
    setattr(1, "colour", V)


def f63():
    open("/proc/garden/" + V)


def f64():
    bytes.fromhex(V)


def f65():
    chr(-1)


def f66():
    json.dumps({"a": object()})


def f67():
    json.dumps({(1, 2): V})


def f68():
    int(V, 36 + 5)


def f69():
    from datetime import datetime

    datetime.strptime("x" + V, "%H:%M")


def f70():
    from datetime import datetime, timezone

    datetime.now() < datetime.now(timezone.utc)


async def f71():
    async def coroutine():
        return 1

    c = coroutine()
    await c
    await c


def f72():
    sa.create_engine("nosuchdb://x/" + V)


def f73():
    with sa.create_engine("sqlite://").connect() as c:
        c.execute(sa.text("INSERT INTO ghosts VALUES (:v)"), {"v": V})


IDIOMS = [f for n, f in sorted(globals().items()) if re.fullmatch(r"f\d\d", n)]

import asyncio
import base64
import binascii
import collections
import concurrent.futures
import configparser
import csv
import dataclasses
import datetime
import email.utils
import enum
import functools
import heapq
import hmac
import importlib
import io
import json
import os
import pickle
import queue
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import typing
import urllib.error
import urllib.request
import zipfile

import botocore.exceptions
import httpx
import pydantic
import redis
import sqlalchemy.exc
import yaml
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from . import faults, vocabulary
from .config import NUMBER, OTHER, VALUE, config


def e_detail():
    raise faults.StallsError("footlights are not plugged in", lamp=VALUE)


def e_detail_f():
    raise faults.StallsError(f"row {VALUE} has no emergency light")


def e_class_detail():
    raise faults.SeatBlocked(seat=VALUE)


def e_super():
    raise faults.ShowCancelled(VALUE, OTHER)


def e_super_reason():
    raise faults.ShowCancelled(VALUE, "the river flooded the stage")


def e_wrapped():
    try:
        float(OTHER)
    except ValueError as exc:
        raise faults.Wrapped(f"price tag {VALUE} is unreadable", exc) from exc


def e_wrapped_plain():
    raise faults.Wrapped("revolving stage is stuck halfway")


def e_quota():
    raise faults.QuotaError(NUMBER, OTHER)


def e_format_class():
    raise faults.FormatError(what=VALUE)


def e_multi():
    raise faults.Multi(["no seats chosen", f"voucher {VALUE} is void"])


def e_step():
    faults.Print().run(VALUE)


def e_ensure():
    faults.ensure(False, "balcony %s is closed for repairs", VALUE)


def e_ensure_f():
    faults.ensure(VALUE == "", f"ticket {VALUE} belongs to another night")


def e_abort():
    faults.abort("choreography was not licensed")


def e_abort_f():
    faults.abort(f"licence of {OTHER} ran out yesterday")


def e_bare_class():
    raise NotImplementedError


def e_reraise():
    try:
        raise ValueError(f"wardrobe key {VALUE} does not fit")
    except ValueError:
        raise


def e_type():
    if not isinstance(VALUE, int):
        raise TypeError(f"expected a seat number, got {type(VALUE).__name__} {VALUE!r}")


def e_const_const():
    raise LookupError(vocabulary.NO_SHOW)


def e_const_fmt():
    raise LookupError(vocabulary.SEAT_TAKEN.format(seat=VALUE))


def e_enum_msg():
    raise RuntimeError(vocabulary.Cancellation.ILLNESS)


def e_enum_error():
    code = vocabulary.Code.NOT_PAID
    raise HTTPException(code.status, detail=code.text)


def e_http_list():
    raise HTTPException(400, detail=[{"loc": ["body", "seat"], "msg": "seat lies behind a pillar"}])


def e_http_subclass():
    class Forbidden(HTTPException):
        def __init__(self):
            super().__init__(403, detail="only members may enter the lounge")

    raise Forbidden


def e_http_headers():
    raise HTTPException(401, detail=f"badge of {OTHER} has been revoked", headers={"WWW-Authenticate": "Bearer"})


def e_dict_arg():
    raise RuntimeError({"code": "stage_fright", "who": OTHER})


def e_two_args():
    raise faults.ArgsOnly("trombone section missing", NUMBER, OTHER)


def e_cond():
    kind = "matinee" if NUMBER else "soiree"
    raise ValueError(f"no {kind} on the calendar of {OTHER}")


def e_join():
    missing = [VALUE, OTHER]
    raise KeyError("required columns missing: %s" % ", ".join(missing))


def e_list_msg():
    problems = []
    problems.append("stage plan lacks a scale")
    problems.append(f"drawing {VALUE} is upside down")
    raise ValueError("; ".join(problems))


def e_dedent():
    raise SystemError(
        f"""
        hall {VALUE} cannot be lit:
        main fuse is out
        """.strip()
    )


def e_assert():
    assert isinstance(VALUE, bytes), "barcode must be given as bytes"


def e_group():
    errors = []
    for name in (VALUE, OTHER):
        try:
            raise ValueError(f"actor {name} missed the cue")
        except ValueError as exc:
            errors.append(exc)
    raise ExceptionGroup(f"{len(errors)} cues were missed tonight", errors)


async def e_taskgroup():
    async def fall(x):
        raise RuntimeError(f"scenery piece {x} fell over")

    async with asyncio.TaskGroup() as tg:
        tg.create_task(fall(VALUE))
        tg.create_task(fall(OTHER))


async def e_gather():
    async def fall(x):
        raise RuntimeError(f"puppet {x} lost a string")

    await asyncio.gather(fall(VALUE))


def e_pool():
    def job(x):
        raise ValueError(f"render of poster {x} was too dark")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(job, VALUE).result()


def e_note():
    try:
        raise RuntimeError("score could not be opened")
    except RuntimeError as exc:
        exc.add_note("conductor was using the old edition")
        raise


def e_context():
    try:
        {}[VALUE]
    except KeyError:
        raise RuntimeError("seat lookup went astray")


def e_property():
    class Play:
        @property
        def author(self):
            raise AttributeError("author of this play is disputed")

    Play().author


def e_post_init():
    @dataclasses.dataclass
    class Ticket:
        price: int

        def __post_init__(self):
            if self.price > 3:
                raise ValueError(f"{self.price} is more than a ticket may cost")

    Ticket(NUMBER)


def e_generator():
    def rows():
        yield 1
        raise StopAsyncIteration(f"row {VALUE} ended the stream early")

    list(rows())


def e_metaclass():
    class Registry(dict):
        def __missing__(self, key):
            raise KeyError(f"no playwright registered as {key}")

    Registry()[VALUE]


def e_exit_code():
    raise SystemExit(3)


def e_lambda():
    check = lambda x: (_ for _ in ()).throw(ValueError(f"spell {x} backfired on stage"))
    check(VALUE)


class Booking(BaseModel):
    model_config = ConfigDict(extra="forbid")
    guest: str = Field(max_length=3)
    rows: int = Field(ge=1, le=9)
    kind: typing.Literal["gala", "matinee"]

    @model_validator(mode="after")
    def check(self):
        if self.rows > 5:
            raise ValueError("groups of that size need a permit")
        return self


def v_pydantic():
    Booking(guest=OTHER, rows=12, kind=VALUE, wish=VALUE)


def v_pydantic_model():
    Booking(guest="abc", rows=7, kind="gala")


def v_key():
    os.environ["STALLS_UNSET_KEY"]


def v_type_call():
    "abc".split(1, 2, 3)


def v_kwargs():
    dict.fromkeys()


def v_none_call():
    none = None
    none()


def v_none_iter():
    for _x in None:
        pass


def v_str_attr():
    VALUE.foo_bar


def v_module_attr():
    json.loadz


def v_list_remove():
    [1].remove(VALUE)


def v_pop():
    [].pop()


def v_dict_pop():
    {}.pop(VALUE)


def v_unpack_many():
    a, b = (1, 2, 3)


def v_bool_int():
    int(None)


def v_bytes():
    b"abc" + VALUE


def v_range():
    range(1.5)


def v_index_type():
    [1]["seat"]


def v_encode():
    (OTHER + "é").encode("ascii")


def v_b64():
    base64.b64decode("a")


def v_struct():
    struct.unpack("<I", b"ab")


def v_regex():
    re.compile("(" + VALUE)


def v_zip():
    zipfile.ZipFile(io.BytesIO(VALUE.encode()))


def v_csv():
    csv.DictWriter(io.StringIO(), ["a"]).writerow({VALUE: 1})


def v_config():
    configparser.ConfigParser().get("hall", "seats")


def v_permission():
    os.listdir("/nonexistent/" + VALUE)


def v_isdir():
    open("/tmp")


def v_json():
    json.loads('{"a": ' + VALUE)


def v_json_empty():
    json.loads("")


def v_json_extra():
    json.loads('{} ' + VALUE)


def v_yaml():
    yaml.safe_load("a: [" + VALUE)


def v_date():
    datetime.date(2024, 13, 1)


def v_fromiso():
    datetime.datetime.fromisoformat(VALUE)


def v_overflow():
    datetime.datetime.fromtimestamp(10**18)


def v_enum_key():
    vocabulary.Cancellation[VALUE]


def v_deque():
    collections.deque().popleft()


def v_queue():
    queue.Queue().get_nowait()


def v_frozen():
    @dataclasses.dataclass(frozen=True)
    class Seat:
        row: int

    Seat(1).row = 2


def v_abc():
    faults.Step()


def v_recursion():
    def f(x):
        return f(x)

    f(VALUE)


def v_gaierror():
    socket.getaddrinfo(VALUE + ".invalid", 80)


def v_refused():
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def v_urllib():
    urllib.request.urlopen("http://127.0.0.1:9/" + VALUE)


def v_subprocess():
    subprocess.run(["/nonexistent-" + VALUE])


def v_subprocess_timeout():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(5)", VALUE], timeout=0.05)


def v_pickle():
    pickle.dumps(lambda: VALUE)


def v_import_name():
    from json import no_such_name  # noqa: F401


def v_name():
    undefined_helper(VALUE)  # noqa: F821


async def v_no_loop_inside():
    asyncio.run(asyncio.sleep(0))


def v_no_loop():
    asyncio.get_running_loop()


async def v_cancel():
    task = asyncio.create_task(asyncio.sleep(3))
    task.cancel()
    await task


def v_future():
    f = concurrent.futures.Future()
    f.set_result(1)
    f.set_result(2)


def n_httpx_timeout():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(1)
        httpx.get(f"http://127.0.0.1:{s.getsockname()[1]}/{VALUE}", timeout=0.05)


def n_httpx_500():
    httpx.Response(503, request=httpx.Request("GET", f"http://127.0.0.1/{VALUE}")).raise_for_status()


def n_httpx_json():
    httpx.Response(200, text="<" + VALUE).json()


def n_redis_closed():
    redis.Redis.from_url("redis://127.0.0.1:9/0").ping()


def n_redis_type():
    redis.Redis().set("k", {VALUE})


def n_boto_creds():
    raise botocore.exceptions.NoCredentialsError()


def n_boto_endpoint():
    raise botocore.exceptions.EndpointConnectionError(endpoint_url=f"http://{VALUE}/")


def n_sa_arg():
    from sqlalchemy import create_engine

    create_engine(VALUE)


def n_sa_detached():
    raise sqlalchemy.exc.InvalidRequestError(f"stage {VALUE} is not persistent within this session")


IDIOMS = [f for n, f in list(globals().items()) if n[:2] in ("e_", "v_", "n_")]

import asyncio
import datetime
import decimal
import ipaddress
import json
import operator
import pathlib
import subprocess
import sys
import uuid
import zoneinfo
from enum import Enum

import botocore.exceptions
import httpx
import pydantic
import redis
from fastapi import HTTPException, status

from . import errors, messages
from .settings import NUMBER, OTHER, VALUE, settings


def r_fstring():
    raise ValueError(f"no van for {OTHER} before {datetime.date.today():%d.%m.}")


def r_init():
    raise errors.UnknownParcel(VALUE)


def r_default():
    raise errors.TariffExpired


def r_default_context():
    raise errors.TariffExpired(ref=VALUE)


def r_message_base():
    raise errors.CourierError("scale was not calibrated", scale=VALUE)


def r_template_class():
    raise errors.RouteClosed(route=VALUE, until=OTHER)


def r_str_attribute():
    raise errors.CustomsHold(VALUE)


def r_str_fields():
    raise errors.PaymentDeclined(VALUE, OTHER)


def r_dataclass():
    raise errors.Overweight(weight=float(NUMBER))


def r_classmethod():
    raise errors.Overdue.for_parcel(VALUE, 3)


def r_super_str():
    raise errors.Retryable(f"tour planner rejected {OTHER}", attempts=3)


def r_factory():
    raise errors.not_found("warehouse", VALUE)


def r_from():
    try:
        raise ConnectionResetError("scanner dropped the line")
    except ConnectionResetError as exc:
        raise RuntimeError(f"inventory of {OTHER} was aborted") from exc


def r_from_none():
    try:
        int(VALUE)
    except ValueError:
        raise errors.CourierError("quantity must be a whole figure") from None


def r_http_literal():
    raise HTTPException(status_code=404, detail="Parcel was not found")


def r_http_fstring():
    raise HTTPException(status.HTTP_409_CONFLICT, f"slot {VALUE} is already taken")


def r_http_dict():
    raise HTTPException(422, detail={"code": "PARCEL_GONE", "message": "The parcel has left us", "ref": VALUE})


def r_http_enum():
    raise HTTPException(402, detail=messages.Fault.NO_FUNDS.text)


def r_http_constant():
    raise HTTPException(503, detail=settings.offline_notice)


def r_assert():
    weight = -1
    assert weight > 0, f"negative weight for {VALUE} on the scale"


def r_args():
    raise ValueError("unusable postcode", VALUE)


def r_prefix():
    raise RuntimeError(messages.PREFIX + "tape is jammed")


def r_note():
    try:
        raise KeyError("wave")
    except KeyError as exc:
        exc.add_note(f"while loading the evening wave of {OTHER}")
        raise


def r_group():
    raise ExceptionGroup(
        "two legs of the tour failed", [ValueError(f"leg {VALUE} lacks a driver"), OSError("fuel card expired")]
    )


async def r_taskgroup():
    async def leg(name):
        raise errors.CourierError(f"leg via {name} hit a road block")

    async with asyncio.TaskGroup() as group:
        group.create_task(leg(OTHER))


def r_local_message():
    message = (
        f"refusing to book {VALUE}: "
        "credit line exhausted"
    )
    raise PermissionError(message)


def r_msg_variable():
    msg = "volume of %s does not fit the van"
    raise ValueError(msg % OTHER)


def r_multi():
    raise ValueError(
        "label {label} has "
        "an unreadable {what} on it".format(label=VALUE, what="barcode")
    )


def r_abstract():
    class Base:
        def price(self):
            raise NotImplementedError(f"{type(self).__name__} must implement price calculation")

    Base().price()


def r_validate():
    def check(value, name):
        if value < 0:
            raise ValueError(f"{name} must not be below zero, got {value}")

    check(-NUMBER, "insured sum")


def r_exit():
    sys.exit("cannot start: no depot is configured")


class Parcel(pydantic.BaseModel):
    ref: str
    weight: float
    items: list[int] = []

    @pydantic.field_validator("ref")
    @classmethod
    def _ref(cls, value):
        if not value.startswith("P"):
            raise ValueError("reference must start with the letter P")
        return value


def r_pydantic():
    Parcel(ref="P1", weight=VALUE)


def r_pydantic_own():
    Parcel(ref=VALUE, weight=1)


def c_attribute():
    address = None
    address.street_line  # noqa: B018


def c_missing_argument():
    def weigh(parcel, scale_type):
        return parcel, scale_type

    weigh(VALUE)


def c_unexpected():
    def weigh(parcel):
        return parcel

    weigh(VALUE, tare_weight=3)


def c_int():
    int(VALUE)


def c_float():
    float(OTHER)


def c_strptime():
    datetime.datetime.strptime(VALUE, "%Y-%m-%d")


def c_isoformat():
    datetime.date.fromisoformat(VALUE)


def c_json():
    json.loads("{" + VALUE)


def c_json_serial():
    json.dumps({"when": datetime.datetime.now(), "who": {VALUE}})


def c_unpack():
    first, second, third = [VALUE, OTHER]


def c_decode():
    (b"\xff\xfe" + VALUE.encode()).decode()


def c_zero():
    len(VALUE) / 0


def c_index():
    [VALUE][3]


def c_file():
    pathlib.Path("/nonexistent", VALUE).read_text()


def c_compare():
    sorted([VALUE, NUMBER])


def c_concat():
    "weight: " + NUMBER


def c_subscript():
    None["x"]


def c_callable():
    VALUE()


def c_iterable():
    list(NUMBER)


def c_enum():
    messages.Outcome(VALUE)


def c_uuid():
    uuid.UUID(VALUE)


def c_ip():
    ipaddress.ip_address(VALUE)


def c_zone():
    zoneinfo.ZoneInfo("Europe/" + VALUE)


def c_process():
    subprocess.run([sys.executable, "-c", f"import sys; '{VALUE}'; sys.exit(3)"], check=True)


def c_naive():
    datetime.datetime.now() - datetime.datetime.now(datetime.UTC)


def c_unhashable():
    {[VALUE]: 1}


def c_unbound():
    if VALUE == "":
        amount_due = 1
    return amount_due


def c_import():
    import courier_plugins  # noqa: F401


def c_join():
    ",".join([VALUE, NUMBER])


def c_decimal():
    decimal.Decimal(VALUE)


async def c_loop_timeout():
    async with asyncio.timeout(0.01):
        await asyncio.sleep(5)


def t_httpx_connect():
    httpx.get("http://127.0.0.1:9/" + VALUE)


def t_httpx_status():
    httpx.Response(404, request=httpx.Request("GET", f"http://127.0.0.1/{VALUE}")).raise_for_status()


def t_httpx_url():
    httpx.get("nonsense://" + VALUE)


def t_redis():
    redis.Redis(port=9, retry=None).get(VALUE)


def t_boto():
    raise botocore.exceptions.ClientError(
        {"Error": {"Code": "NoSuchKey", "Message": VALUE}, "ResponseMetadata": {}}, "GetObject"
    )


def t_boto_param():
    raise botocore.exceptions.ParamValidationError(report=VALUE)


IDIOMS = [f for name, f in list(globals().items()) if name[:2] in ("r_", "c_", "t_")]

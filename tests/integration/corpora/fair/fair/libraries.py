"""Libraries, web, CLI, structured."""

import argparse
import asyncio
import attrs
import click
import functools
import json
import jsonschema
import logging
import marshmallow
import pydantic
import sentry_sdk
import sqlite3
import structlog
from enum import Enum
from fastapi import HTTPException
from loguru import logger as lg
from opentelemetry import trace
from typing import Literal

from fair import people

log = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
slog = structlog.get_logger()


class Size(pydantic.BaseModel):
    kind: Literal["small", "large"] = "small"
    weight: float = pydantic.Field(1, gt=0, le=20)
    label: str = pydantic.Field("abc", min_length=3, max_length=8)
    code: str = pydantic.Field("AB1", pattern=r"^[A-Z]{2}\d$")
    at: "str" = ""


def idiom_pydantic_literal():
    Size(kind=people.NAME)


def idiom_pydantic_le():
    Size(weight=people.PID)


def idiom_pydantic_max_length():
    Size(label=people.ADDRESS)


def idiom_pydantic_pattern():
    Size(code=people.MRN)


class Speed(Enum):
    SLOW = "slow"
    FAST = "fast"


class Tour(pydantic.BaseModel):
    speed: Speed

    @pydantic.field_validator("speed", mode="before")
    @classmethod
    def ok(cls, v):
        return v


def idiom_pydantic_enum():
    Tour(speed=people.NAME)


class Van(pydantic.BaseModel):
    plate: str

    @pydantic.field_validator("plate")
    @classmethod
    def plate_ok(cls, v):
        if len(v) > 3:
            raise ValueError(f"plate {v} is too long")
        return v

    @pydantic.model_validator(mode="after")
    def whole(self):
        raise ValueError("van has no driver")


def idiom_pydantic_validator():
    Van(plate=people.NAME)


def idiom_pydantic_model_validator():
    Van(plate="a")


class RowSchema(marshmallow.Schema):
    size = marshmallow.fields.Str(validate=marshmallow.validate.OneOf(["small", "large"]))
    n = marshmallow.fields.Int(validate=marshmallow.validate.Range(min=1, max=9))


def idiom_marshmallow_oneof():
    RowSchema().load({"size": people.NAME})


def idiom_marshmallow_range():
    RowSchema().load({"n": people.PID})


def idiom_click_choice():
    @click.command()
    @click.argument("size", type=click.Choice(["small", "large"]))
    def ship(size):
        pass

    ship.main([people.NAME], standalone_mode=False)


def idiom_click_int():
    @click.command()
    @click.option("--n", type=int)
    def ship(n):
        pass

    ship.main(["--n", people.NAME], standalone_mode=False)


def idiom_click_range():
    @click.command()
    @click.option("--n", type=click.IntRange(1, 9))
    def ship(n):
        pass

    ship.main(["--n", str(people.PID)], standalone_mode=False)


def idiom_click_missing():
    @click.command()
    @click.option("--van", required=True)
    def ship(van):
        pass

    ship.main([], standalone_mode=False)


def idiom_click_no_option():
    @click.command()
    def ship():
        pass

    ship.main(["--" + people.USERNAME], standalone_mode=False)


def idiom_click_bad_parameter():
    raise click.BadParameter(f"unknown carrier {people.NAME}", param_hint="--carrier")


def idiom_click_exception():
    raise click.ClickException("no depot in %s" % people.CITY)


def idiom_jsonschema_type():
    jsonschema.validate(people.NAME, {"type": "integer"})


def idiom_jsonschema_enum():
    jsonschema.validate({"size": people.NAME}, {"properties": {"size": {"enum": ["small", "large"]}}})


def idiom_jsonschema_required():
    jsonschema.validate({"size": people.NAME}, {"required": ["weight"]})


def idiom_argparse_choice():
    p = argparse.ArgumentParser(exit_on_error=False)
    p.add_argument("--size", choices=["small", "large"])
    p.parse_args(["--size", people.NAME])


def idiom_argparse_int():
    p = argparse.ArgumentParser(exit_on_error=False)
    p.add_argument("--n", type=int)
    p.parse_args(["--n", people.NAME])


def idiom_argparse_type_error():
    def tour(v):
        raise argparse.ArgumentTypeError(f"not a tour number: {v}")

    p = argparse.ArgumentParser(exit_on_error=False)
    p.add_argument("--n", type=tour)
    p.parse_args(["--n", people.NAME])


@attrs.define
class Box:
    width = attrs.field(validator=attrs.validators.instance_of(int))
    colour = attrs.field(default="red", validator=attrs.validators.in_(["red", "blue"]))


def idiom_attrs_in():
    Box(1, people.NAME)


@attrs.define
class Lid:
    width = attrs.field()

    @width.validator
    def _w(self, attribute, value):
        if value > 3:
            raise ValueError(f"{attribute.name} must be at most 3, got {value}")


def idiom_attrs_validator():
    Lid(people.PID)


def idiom_http_exception_detail():
    raise HTTPException(404, detail=f"parcel {people.MRN} not found")


def idiom_http_exception_dict():
    raise HTTPException(409, detail={"code": "no_van", "message": f"no van for {people.NAME}"})


class Conflict(HTTPException):
    def __init__(self, who):
        super().__init__(status_code=409, detail=f"tour of {who} overlaps")


def idiom_http_subclass():
    raise Conflict(people.NAME)


def idiom_structlog_fstring():
    slog.info(f"van loaded for {people.NAME}")


def idiom_structlog_positional():
    slog.info("van loaded for %s", people.NAME)


def idiom_structlog_bind():
    slog.bind(reason="no_space").info("van_unloaded", who=people.NAME)


def idiom_loguru_format():
    lg.info("loading of {} stopped", people.NAME)


def idiom_loguru_fstring():
    lg.warning(f"loading of {people.NAME} stopped")


def idiom_loguru_exception():
    try:
        raise ValueError(f"crane broke under {people.NAME}")
    except ValueError:
        lg.exception("loading of {who} failed", who=people.NAME)


def idiom_event_name():
    span = trace.get_current_span()
    span.add_event("parcel.weighed", {"who": people.NAME})


def idiom_record_exception():
    with tracer.start_as_current_span("lift") as span:
        try:
            raise ValueError(f"crane broke under {people.NAME}")
        except ValueError as exc:
            span.record_exception(exc)
            span.set_status(trace.StatusCode.ERROR, f"lift failed: {exc}")


def idiom_status_quotes():
    with tracer.start_as_current_span("lift") as span:
        try:
            raise ValueError(f"crane broke under {people.NAME}")
        except ValueError as exc:
            span.set_status(trace.Status(trace.StatusCode.ERROR, f"lift failed: {exc}"))


def idiom_span_name():
    with tracer.start_as_current_span(f"lift for {people.NAME}"):
        pass


def idiom_update_name():
    with tracer.start_as_current_span("lift") as s:
        s.update_name("lift again for %s" % people.NAME)


def idiom_sentry_message():
    sentry_sdk.capture_message(f"customs closed for {people.NAME}")


def idiom_sentry_exception():
    try:
        raise RuntimeError("customs shut for " + people.NAME)
    except RuntimeError as e:
        sentry_sdk.capture_exception(e)


def idiom_sqlite_unique():
    con = sqlite3.connect(":memory:")
    con.execute("CREATE TABLE vans (plate TEXT UNIQUE)")
    con.execute("INSERT INTO vans VALUES (?)", (people.MRN,))
    con.execute("INSERT INTO vans VALUES (?)", (people.MRN,))


def idiom_json_error():
    json.loads('{"a": "' + people.NAME)


def idiom_json_wrapped():
    try:
        json.loads(people.NAME)
    except json.JSONDecodeError as e:
        raise ValueError(f"invalid weigh-in: {e}") from None


async def idiom_async_timeout():
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError:
        raise TimeoutError(f"tour planning timed out for {people.NAME}") from None


def idiom_retry_decorator():
    def retry(times):
        def deco(fn):
            @functools.wraps(fn)
            def inner(*a):
                for i in range(times):
                    try:
                        return fn(*a)
                    except ValueError as exc:
                        log.warning("retry %d of %s for %s: %s", i, fn.__name__, a[0], exc)

            return inner

        return deco

    @retry(1)
    def ship(who):
        raise ValueError(f"no ship for {who}")

    ship(people.NAME)

# ruff: noqa
"""Everyday idioms: pydantic."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


class Visit(BaseModel):
    who: str
    minutes: int = 50

    @field_validator("minutes")
    @classmethod
    def positive(cls, value):
        if value <= 0:
            raise ValueError("visits take some minutes at least")
        return value

    @field_validator("who")
    @classmethod
    def known(cls, value):
        if value.startswith("Z"):
            raise ValueError(f"nobody known as {value}")
        return value


@idiom("visits take some minutes at least")
def case_164():
    Visit(who="x", minutes=-1)


@idiom("nobody known as {value}")
def case_165():
    Visit(who=patient)


class Period(BaseModel):
    start: int
    end: int

    @model_validator(mode="after")
    def ordered(self):
        assert self.end > self.start, "a period ends after it starts"
        return self


@idiom("a period ends after it starts")
def case_166():
    Period(start=3, end=1)


@idiom("int_parsing")
def case_167():
    TypeAdapter(list[int]).validate_python([patient])


@idiom("Field required [type=missing")
def case_168():
    Visit.model_validate({})


@idiom("logged a validation error of Visit")
def case_169():
    try:
        Visit(who=patient)
    except ValidationError as exc:
        logger.warning("logged a validation error of Visit: %s", exc)

# ruff: noqa
"""Everyday idioms: web."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


class Conflict(HTTPException):
    def __init__(self, who):
        super().__init__(status_code=409, detail=f"conflict over {who}")


@idiom("conflict over {who}")
def case_157():
    raise Conflict(patient)


class Teapot(HTTPException):
    detail_text = "class level detail of a teapot"

    def __init__(self):
        super().__init__(status_code=418, detail=self.detail_text)


@idiom("class level detail of a teapot")
def case_158():
    raise Teapot()


class ApiError(HTTPException):
    status_code = 400
    detail = "api error without its own words"

    def __init__(self, detail=None):
        super().__init__(self.status_code, detail or self.detail)


class Throttled(ApiError):
    status_code = 429
    detail = "slow down a little please"


@idiom("slow down a little please")
def case_159():
    raise Throttled()


NOT_ALLOWED = HTTPException(status_code=status.HTTP_403_FORBIDDEN, detail="this was never allowed")


@idiom("this was never allowed")
def case_160():
    raise NOT_ALLOWED


@idiom("credentials could not be validated")
def case_161():
    problem = HTTPException(
        status_code=401,
        detail="credentials could not be validated",
        headers={"WWW-Authenticate": "Bearer"},
    )
    raise problem


@idiom("upstream said no")
def case_162():
    try:
        raise ConnectionError("no")
    except ConnectionError as exc:
        raise HTTPException(502, f"upstream said {exc}") from exc


@idiom("code of a nested detail")
def case_163():
    raise HTTPException(422, {"error": {"code": "code of a nested detail", "who": patient}})

"""Errors as the API tells them: `{detail, request_id}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from practice_api.middleware import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error in the one form."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(request, error.status_code, error.detail, error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [{"loc": fault["loc"], "msg": fault["msg"], "type": fault["type"]} for fault in error.errors()]
    return _problem(request, 422, faults)


async def _unexpected(request: Request, _error: Exception) -> JSONResponse:
    return _problem(request, 500, "Internal server error")


def _problem(request: Request, status: int, detail: object, headers: Mapping[str, str] | None = None) -> JSONResponse:
    request_id = request.state.request_id
    # The handler of unexpected errors answers outside the middleware that sets the header.
    return JSONResponse(
        {"detail": detail, "request_id": request_id},
        status_code=status,
        headers={**(headers or {}), REQUEST_ID: request_id},
    )

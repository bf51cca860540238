"""Read files and the answers of APIs: one line says that something isn't what a command expects.

A request has a secret, which must not reach any other host.
"""

from __future__ import annotations

import http.client
import json
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import yaml

from pazpaz_otel import yaml_text
from pazpaz_otel.errors import PazPazOtelError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OTHER_SHAPE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading data of another shape raises."""


@contextmanager
def expecting(what: str, kind: type[PazPazOtelError] = SettingsError) -> Iterator[None]:
    """Raise an error of `kind` if what is read meanwhile has another shape.

    Args:
        what: whose answer is read; the answer itself isn't quoted.
        kind: the error's class.
    """
    try:
        yield
    except PazPazOtelError:
        raise
    except OTHER_SHAPE as error:
        hint = "is that its address, and no page or proxy in front of it?"
        raise kind(f"{what}: the answer isn't what its API documents ({type(error).__name__}); {hint}") from None


def read_mapping(path: Path) -> dict[Any, Any]:
    """Return the mapping in a YAML file.

    Raises:
        SettingsError: the file can't be read, or has something else.
    """
    try:
        source = yaml_text.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({type(error).__name__})") from None
    # Bytes that are no text, a date that doesn't exist, a thousand brackets.
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"{path}: is not YAML") from None
    if not isinstance(source, dict):
        raise SettingsError(f"{path}: must be a mapping")
    return source


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: they would send the secret to wherever they point."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(method: str, url: str, token: str, body: Mapping[str, Any] | None = None) -> tuple[Any, Mapping[str, str]]:
    """Send one JSON request, and return the parsed answer, or None if it is empty, and its headers.

    Args:
        method: the request's method.
        url: an HTTP URL.
        token: the secret, sent as a bearer token.
        body: the request's body, if it has one.

    Raises:
        urllib.error.HTTPError: the answer isn't a 2xx; a redirect isn't followed.
        OSError: there is no answer, or none that is HTTP.
        ValueError: the answer isn't JSON.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - the operator's
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null"), answer.headers
    except RecursionError:
        raise ValueError("an answer of too many brackets") from None
    except http.client.HTTPException as error:
        # Its message quotes the address, which may have a secret, or what was answered.
        raise ConnectionError(type(error).__name__) from None

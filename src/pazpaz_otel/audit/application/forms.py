"""The two encodings of a form: URL-encoded, and multipart, which may contain files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_BOUNDARY: Final = "a-part-of-the-audit-ends-here"


def encoded(form: Mapping[str, Any], files: Collection[str], *, multipart: bool) -> tuple[str, bytes]:
    """Return a form's media type and body.

    Args:
        form: values by name; a list becomes one field for each value, and None is left out.
        files: the names of the fields that are files.
        multipart: whether to use multipart, which files need.
    """
    pairs = list(_pairs(form))
    if not multipart:
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    body = b"".join(_part(name, value, is_file=name in files) for name, value in pairs)
    return f"multipart/form-data; boundary={_BOUNDARY}", body + f"--{_BOUNDARY}--\r\n".encode()


def _pairs(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield name, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)


def _part(name: str, value: str, *, is_file: bool) -> bytes:
    # The client chooses a file's name, too.
    head = f'Content-Disposition: form-data; name="{quote(name)}"'
    if is_file:
        head += f'; filename="{quote(value[:60])}.txt"\r\nContent-Type: text/plain'
    return f"--{_BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n".encode()

"""Hooks of the documentation's site: what MkDocs can't know about a repository.

Links that leave `docs/` for a file of the repository lead to the repository's page of that file, where the file exists;
where it doesn't, they stay as they are, and the strict build fails.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"\]\((?P<target>\.\.?/[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Return the page's text with its links out of `docs/` made links into the repository."""
    folder = posixpath.join("docs", posixpath.dirname(page.file.src_uri))

    def linked(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match["target"]))
        if path.startswith("docs/") or not (_ROOT / path).exists():
            return match[0]
        view = "tree" if (_ROOT / path).is_dir() else "blob"
        return f"]({config.repo_url}/{view}/main/{path}{match['anchor'] or ''})"

    return _LINK.sub(linked, markdown)

"""Audit any application from outside: its own command, its own routes, requests that its schema accepts.

`describe` asks an application for its OpenAPI document, `operations` reads it, `values` makes what a schema takes with
a planted text inside, `plants` says where texts go, `client` sends, `coverage` says which routes answered how, `audit`
does all of it.
"""

from __future__ import annotations

"""A pytest plugin for the tests of one's own application: the fixture `phi_audit`.

It is loaded by pytest in every run of an environment that has this package, so it imports nothing until it is used.
"""

from __future__ import annotations

"""Plant invented patient data where applications put real data: one module a signal, one function a surface.

Each function is called once for each form of the data (`pazpaz_otel.audit.canaries`), with a new canary each time, so
that a find shows which surface let it through.
"""

from __future__ import annotations

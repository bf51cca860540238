"""Put invented patient data where applications put theirs: one module for each signal, one function for each surface.

Every function is run once for each form of the data (`pazpaz_otel.audit.variants`), with a new canary each time, so
that a find says which surface let it through.
"""

from __future__ import annotations

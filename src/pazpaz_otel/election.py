"""Make `opentelemetry-instrument` select this distribution if several are installed and none is named.

The command imports the modules of the entry point group `opentelemetry_environment_variables` before it starts the
application, and takes the first distribution that it finds, which depends on the order of paths. Importing this module
names ours; a name that is already set stays.
"""

from __future__ import annotations

from pazpaz_otel.settings import elect

elect("pazpaz_otel")

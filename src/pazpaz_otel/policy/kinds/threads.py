"""Names of threads."""

from __future__ import annotations

from pazpaz_otel.policy.kind_type import KindType

KINDS = (
    KindType(
        name="thread_name",
        belongs="a name that the standard library or an ASGI server gives to its threads",
        # Names that programmers give are excluded: they may hold anything.
        shape=(
            "^(?:MainThread|AnyIO worker thread|Thread-[0-9]{1,6}|"
            "(?:ThreadPoolExecutor-[0-9]{1,4}|asyncio)_[0-9]{1,4})$"
        ),
        accepts=("MainThread", "ThreadPoolExecutor-0_1", "asyncio_12"),
        refuses=("reminder for dvora", "Thread-305123456"),
    ),
)

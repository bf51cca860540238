"""What only a garbage collection frees after requests: `{"case": objects a request}`.

`python garbage.py` serves each of `lean_cases.CASES` in memory, several times.
"""

from __future__ import annotations

import asyncio
import gc
import json

from tests.integration.apps.lean_application import Base, database
from tests.integration.apps.lean_cases import CASES, served

_TIMES = 5


async def main() -> None:
    """Serve the cases and print."""
    async with database.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    left = {}
    gc.disable()
    for case in CASES:
        await served(*case)
    gc.collect()
    gc.freeze()
    for number, case in enumerate(CASES):
        for _ in range(_TIMES):
            await served(*case)
        left[number] = gc.collect() // _TIMES
    await database.dispose()
    print(json.dumps(left))


if __name__ == "__main__":
    asyncio.run(main())

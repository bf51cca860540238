"""The audit: plant invented patient data in every surface, record every byte that leaves, and search for it.

`canaries` invents the data, `plant` puts it where applications put theirs, `sinks` keep the raw bytes of what arrives,
`scan` searches them through every encoding, `report` says what was found. Nothing here guards anything.
"""

from __future__ import annotations

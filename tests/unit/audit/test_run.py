"""What an audit searches."""

from __future__ import annotations

import pytest

from pazpaz_otel.audit.run import examine

PLANTED = {
    "plants": [{"id": "1", "surface": "metric", "category": "name", "variant": "plain", "tokens": ["dvoramizrahi"]}],
    "failures": [],
    "useful": [],
}


@pytest.mark.parametrize(
    "line",
    [
        b'visits_bucket{client="dvoramizrahi",le="5.0"} 3.0',
        b'visits_bucket{room="7",le="dvoramizrahi"} 3.0',
        b'visits_bucket{room="7",le="5.0"} dvoramizrahi',
        b'visits_bucket{room="7",le="5.0"} 3.0 # {client="dvoramizrahi"} 1.0',
        b'visits_bucket{room=",le=",client="dvoramizrahi"} 3.0',
        b'dvoramizrahi_bucket{room="7",le="5.0"} 3.0',
        b'visits_count{client="dvoramizrahi"} 3.0',
    ],
)
def test_every_part_of_a_histogram_is_searched(line: bytes) -> None:
    """Wherever a bucket holds what was planted, after many of the same series and before, it is found."""
    others = [b'visits_bucket{room="7",le="%d.0"} 3.0' % bound for bound in (1, 5, 9)]
    page = b"\n".join([*others, line, *others])
    [leak] = examine(PLANTED, [], {"metrics endpoint": page}, 1).leaks
    assert leak.found == "metrics endpoint"

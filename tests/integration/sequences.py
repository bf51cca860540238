"""Few orders of many steps that together hold every order of any three of them: a sequence covering array.

See Kuhn, Higdon, Lawrence, Kacker and Lei, "Combinatorial Methods for Event Sequence Testing" (ICST 2012). As there,
each order comes with its reverse; the rows were found by simulated annealing.
"""

from __future__ import annotations

from itertools import combinations, permutations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Order = tuple[str, ...]


def parts(steps: Sequence[str], strength: int) -> set[Order]:
    """Return every order of `strength` of the steps."""
    return set(permutations(steps, strength))


def covered(orders: Sequence[Sequence[str]], strength: int) -> set[Order]:
    """Return the orders of `strength` steps that occur in the orders, with or without others between."""
    return {part for order in orders for part in combinations(order, strength)}


_ROWS: Final = (
    "abcdefghijklmno",
    "jodalegfhibnmkc",
    "gdiembnjcaolkhf",
    "lfejdcnmikoagbh",
    "gjkcenhalodmfbi",
    "mekdofbhgnaljci",
    "helmigcfbkjodan",
)
"""Of any three letters, each is between the others in some row: with its reverse, that is every order of the three."""


def covering(steps: Sequence[str]) -> list[Order]:
    """Return 14 orders of up to 15 steps, these and their reverse first, in which every order of any three occurs."""
    names = dict(zip(_ROWS[0], steps, strict=False))
    orders = [tuple(names[letter] for letter in row if letter in names) for row in _ROWS]
    return [one for order in orders for one in (order, order[::-1])]


def around(starts: Sequence[str], others: Sequence[str]) -> list[list[Order]]:
    """Return pairs of orders: what stands before the start in one stands after it in the other.

    In the first pair all stand on one side; any two stand on different sides in some other pair.

    Args:
        starts: The steps that start, which take turns.
        others: All other steps.
    """
    bits = range((len(others) - 1).bit_length())
    early = [set(others), *({step for at, step in enumerate(others) if at >> bit & 1} for bit in bits)]
    pairs = [(side, set(others) - side) for side in early]
    return [
        [
            (*(s for s in others if s in side), starts[turn % len(starts)], *(s for s in others if s not in side))
            for turn, side in enumerate(pair, number)
        ]
        for number, pair in enumerate(pairs)
    ]

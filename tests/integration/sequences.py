"""Few orders of many steps that together hold every order of any three of them: sequence covering arrays.

Greedy, with each order's reverse, as in Kuhn, Higdon, Lawrence, Kacker and Lei, "Combinatorial Methods for Event
Sequence Testing" (ICST 2012); each step is inserted where it covers most.
"""

from __future__ import annotations

import random
from itertools import combinations, permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Order = tuple[str, ...]


def parts(steps: Sequence[str], strength: int) -> set[Order]:
    """Return every order of `strength` of the steps."""
    return set(permutations(steps, strength))


def covered(orders: Sequence[Sequence[str]], strength: int) -> set[Order]:
    """Return the orders of `strength` steps that occur in the orders, with or without others between."""
    return {part for order in orders for part in combinations(order, strength)}


def covering(steps: Order, strength: int) -> list[Order]:
    """Return orders of all steps, these and their reverse first, in which every order of `strength` of them occurs."""
    choose = random.Random(1)
    left = parts(steps, strength)
    orders: list[Order] = []
    while left:
        tried = [_inserted(steps, left, choose) for _ in range(3)] if orders else [steps]
        best = max(tried, key=lambda order: len(left & covered([order, order[::-1]], strength)))
        orders += [best, best[::-1]]
        left -= covered(orders[-2:], strength)
    return orders


def _inserted(steps: Sequence[str], left: set[Order], choose: random.Random) -> Order:
    """Return an order that holds a part that is left, with each other step where it covers most."""
    order = choose.choice(sorted(left))
    rest = sorted(set(steps) - set(order))
    choose.shuffle(rest)
    size = len(order) - 1
    for step in rest:
        gains = [0] * (len(order) + 1)
        for place, part in _with(step, order, size):
            gains[place] += (part in left) + (part[::-1] in left)
        best = gains.index(max(gains))
        order = (*order[:best], step, *order[best:])
    return order


def _with(step: str, order: Order, size: int) -> Iterator[tuple[int, Order]]:
    """Yield each place for the step with each part of `size` others that the step then stands in."""
    for chosen in combinations(range(len(order)), size):
        for place in range(len(order) + 1):
            before = tuple(order[index] for index in chosen if index < place)
            after = tuple(order[index] for index in chosen if index >= place)
            yield place, (*before, step, *after)


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

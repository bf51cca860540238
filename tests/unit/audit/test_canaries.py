"""Invented patient data."""

from __future__ import annotations

import pytest

from pazpaz_otel.audit.canaries import CATEGORIES, CanaryMaker, check_digit


@pytest.mark.parametrize("number", ["000000018", "123456782", "543210983", "999999998"])
def test_check_digit_of_valid_numbers(number: str) -> None:
    """Invented identity numbers pass the check that real ones pass."""
    assert int(number[8]) == check_digit(number[:8])


def test_canaries_are_unique() -> None:
    """No two canaries share a token that could be mistaken for the other's, so a find names its plant."""
    maker = CanaryMaker(1)
    canaries = [maker.next() for _ in range(1300)]
    first_tokens = [canary.tokens[-1] for canary in canaries]
    assert len(first_tokens) == len(set(first_tokens))


def test_a_seed_gives_the_same_canaries() -> None:
    """An audit can be repeated: one seed, one corpus."""
    one, two, other = CanaryMaker(5), CanaryMaker(5), CanaryMaker(6)
    corpus = [one.next() for _ in range(40)]
    assert corpus == [two.next() for _ in range(40)]
    assert corpus != [other.next() for _ in range(40)]


@pytest.mark.parametrize("category", CATEGORIES)
def test_tokens_identify(category: str) -> None:
    """Every category has tokens of at least six characters; shorter ones would be found by chance."""
    canary = CanaryMaker(3).make(category)
    assert canary.category == category
    assert all(len(token) >= 6 for token in canary.tokens)
    assert any(token in canary.text for token in canary.tokens)

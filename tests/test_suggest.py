"""Protects what people read who mistype a name, whatever it is the name of."""

from __future__ import annotations

import pytest

from mllmu.suggest import suggestion, unknown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("promting", "did you mean 'prompting'?"),
        ("Grad-Diff", "did you mean 'grad_diff'?"),
        ("xyz", "expected one of grad_diff, grad_diff_long, prompting"),
    ],
)
def test_near_names_or_all(name: str, expected: str) -> None:
    """A name that differs in case or hyphens alone is meant, and no other beside it."""
    assert suggestion(name, ["grad_diff", "grad_diff_long", "prompting"]) == expected


def test_of_many_names_a_few_are_listed() -> None:
    ids = [f"{number:03}" for number in range(500)]
    listed = "000, 001, 002, 003, 004, 005, 006, 007, 008, 009, 010, 011"
    expected = f"unknown person 'Ada': expected one of {listed} and 488 more"
    assert str(unknown("person", "Ada", ids)) == expected

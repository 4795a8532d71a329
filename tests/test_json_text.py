"""Protects: JSON that says two things of one key is refused at any depth; what is no JSON has a reason."""

import pytest

from mllmu.json_text import RepeatedKeyError, parse_json


def test_what_says_one_thing_is_read_as_ever():
    assert parse_json('{"a": {"b": 1}, "c": [{"b": 2}, {"b": 3}]}') == {
        "a": {"b": 1},
        "c": [{"b": 2}, {"b": 3}],
    }
    assert parse_json(b'"\xc3\xa9"') == "\u00e9"
    assert parse_json('"a\nb"', strict=False) == "a\nb"


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "c": 0, "a": 2}}]', '{"a": 1, "\\u0061": 2}']
)
def test_a_key_that_stands_twice_is_named(text):
    with pytest.raises(RepeatedKeyError, match="the key 'a' stands twice in one object"):
        parse_json(text)


@pytest.mark.parametrize("text", ["{", b"\xff", "[" * 100_000, "9" * 10_000])
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_json(text)

"""Protects: a few hundred bytes of YAML cannot ask for hours, and merges as people write them are read."""

import pytest
import yaml

from mllmu.yaml_reading import dump_yaml, parse_yaml


def multiplying(depth):
    """Each mapping merges the one before it nine times: 9 ** depth copies of one pair."""
    lines = ["x0: &a0 {k: 1}"]
    for level in range(1, depth + 1):
        lines.append(f"x{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        multiplying(20),
        "a: &a {<<: *a, k: 1}",
        "a: &a {k: {<<: *a}, <<: {<<: *a}}",
        f"a: &a {{{', '.join(f'k{number}: 1' for number in range(200))}}}\nb: {{<<: [{'*a, ' * 60}]}}",
    ],
    ids=["powers", "itself", "itself inside", "one wide mapping"],
)
def test_merges_that_multiply_are_refused_before_they_are_made(text):
    with pytest.raises(yaml.YAMLError, match="counting what merges repeat"):
        parse_yaml(text)


def test_merges_as_people_write_them_are_read():
    text = "a: &a {k: 1, l: 2}\nb: &b {<<: *a, k: 3}\nc: {<<: [*b, {m: 4}], l: 5}"
    assert parse_yaml(text) == {
        "a": {"k": 1, "l": 2},
        "b": {"k": 3, "l": 2},
        "c": {"k": 3, "l": 5, "m": 4},
    }
    assert parse_yaml(multiplying(2))["x2"] == {"k": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("-1_000", -1000),
        ("0", 0),
        ("010", "010"),
        ("0x1f", "0x1f"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("1:30.5", "1:30.5"),
        (".inf", float("inf")),
    ],
)
def test_numbers_are_decimal(text: str, value: object) -> None:
    """YAML 1.1 reads 010 as 8, and 1:30 as 90."""
    assert parse_yaml(text) == value and type(parse_yaml(text)) is type(value)


@pytest.mark.parametrize(
    "text", ['!!int ""', '!!float ""', '!!int "+"', '!!int "_"', "!!timestamp x", "!!bool x"]
)
def test_tags_that_do_not_fit_are_no_errors_of_python(text):
    with pytest.raises(yaml.YAMLError):
        parse_yaml(f"seeds: {text}")


@pytest.mark.parametrize(
    "text",
    [
        "2e-5",
        "1e5",
        "12e45",
        "1.5e3",
        "010",
        "1:30",
        "yes",
        "no",
        "null",
        "~",
        "0x1f",
        "2026-11-29",
        ".5",
        "<<",
        "-",
    ],
)
def test_what_is_written_is_read_again(text: str) -> None:
    """A folder may be called after a learning rate; YAML 1.1 and ours differ in what a number is."""
    assert parse_yaml(dump_yaml({text: [text, {"model": text}]})) == {text: [text, {"model": text}]}
    assert yaml.safe_load(dump_yaml([text])) == [text]


@pytest.mark.parametrize("value", [2e-5, 1e22, 10, -1, True, None, 0.1, "text", [1, "a"]])
def test_numbers_stay_numbers(value: object) -> None:
    assert parse_yaml(dump_yaml({"key": value})) == {"key": value}

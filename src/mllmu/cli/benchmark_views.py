"""How a benchmark, its people and what is wrong with it look in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console, ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from mllmu.benchmark import (
    Check,
    Distribution,
    Profile,
    Question,
    Range,
    Severity,
    ValidationIssue,
    open_image,
)
from mllmu.benchmark.validation import Validation
from mllmu.cli.console import VisibleText

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_PORTRAIT_COLUMNS = 40


def finding_lines(validation: Validation) -> Iterator[Text]:
    """One line per finding, with the end of its file's path."""
    for finding in validation.issues:
        severity = finding.severity
        yield Text.assemble(
            (f"{severity.value:8}", _STYLES[severity]),
            (f"{finding.check.label:20}", "bold"),
            f"{_short(finding)}: {finding.problem}; expected {finding.expected}.",
        )


def _short(finding: ValidationIssue) -> str:
    location = finding.location
    row = "" if location.row is None else f"row {location.row}, "
    return f"{'/'.join(Path(location.file).parts[-3:])}, {row}{location.field}"


def validation_table(validation: Validation) -> Table:
    """How many errors and warnings each check has; those that found nothing are listed too."""
    errors, warnings = (validation.count(severity) for severity in (Severity.ERROR, Severity.WARNING))
    title = VisibleText(validation.benchmark.name, style="table.title")
    table = Table("check", "what is wrong", "errors", "warnings", title=title)
    _align_right(table, "errors", "warnings")
    for check in Check:
        counts = [
            Text(str(number), style="bold" if number else "dim")
            for number in (errors[check], warnings[check])
        ]
        table.add_row(check.label, check.title, *counts)
    table.add_section()
    table.add_row("", "in all", str(errors.total()), str(warnings.total()))
    return table


def statistics_table(rows: list[tuple[str, int]]) -> Table:
    """Table 1 of the paper."""
    table = Table("statistic", "number", title="Table 1")
    _align_right(table, "number")
    for label, count in rows:
        table.add_row(label, f"{count:,}")
    return table


def distributions_table(distributions: list[Distribution]) -> Table:
    """How the values of the biographies are distributed."""
    table = Table("attribute", "distinct", "missing", "most frequent", "range", title="Biographies")
    _align_right(table, "distinct", "missing")
    for one in distributions:
        shared = [(value, count) for value, count in one.commonest if count > 1]
        frequent = ", ".join(f"{value} ({count})" for value, count in shared) or "each once"
        spans = "\n".join(_span(each) for each in one.ranges)
        table.add_row(VisibleText(one.key), str(one.distinct), str(one.missing), VisibleText(frequent), spans)
    return table


def _span(numbers: Range) -> str:
    smallest, middle, largest = (
        f"{number:.0f}" if numbers.unit == "year" else f"{number:,.10g}"
        for number in (numbers.smallest, numbers.middle, numbers.largest)
    )
    return f"{smallest} / {middle} / {largest} {numbers.unit} ({numbers.count})"


def asked_table(counts: Mapping[str, tuple[int, int]]) -> Table:
    """How many questions ask for each attribute."""
    table = Table("asked for", "evaluation", "training", title="Questions")
    _align_right(table, "evaluation", "training")
    for attribute, (evaluated, taught) in counts.items():
        table.add_row(VisibleText(attribute.replace("_", " ")), f"{evaluated:,}", f"{taught:,}")
    return table


def person_view(person: Profile, console: Console) -> ConsoleRenderable:
    """A person: portrait (where the terminal shows colours), biography, everything asked and taught."""
    biography = Table.grid(padding=(0, 2))
    biography.add_column(style="bold", no_wrap=True)
    biography.add_column(overflow="fold")
    for key, value in person.biography.items():
        biography.add_row(VisibleText(key), VisibleText(_as_text(value)))
    head = Table.grid(padding=(0, 2))
    if console.is_terminal and console.color_system is not None:
        head.add_column(width=_PORTRAIT_COLUMNS)
        head.add_row(_portrait(person), biography)
    else:
        head.add_row(biography)
    asked = (
        _questions_table("Asked with the original portrait, or by name", person.questions),
        _questions_table("Asked with the test portraits, or by name", person.test_questions),
        _questions_table("What can be seen in the original portrait", person.perception_questions),
        _taught_table(person),
    )
    title = VisibleText(f"{person.profile_id}  {person.name}\n", style="bold")
    tables = [part for table in asked if table.row_count for part in (Text(), table)]
    return Group(title, head, *tables)


def _portrait(person: Profile) -> ConsoleRenderable:
    from rich_pixels import Pixels

    image = open_image(person.image, f"The portrait of {person.profile_id}")
    # Two pixels share a character, one above the other.
    height = round(_PORTRAIT_COLUMNS * image.height / image.width)
    height = min(max(height, 1), 4 * _PORTRAIT_COLUMNS)  # a strip stays a strip, and leaves the page readable
    return Pixels.from_image(image, resize=(_PORTRAIT_COLUMNS, height))


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_as_text(entry)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(_as_text, value))
    return "" if value is None else str(value)


def _questions_table(title: str, questions: tuple[Question, ...]) -> Table:
    table = Table("with", "task", "question", "answer", title=title, title_justify="left", show_lines=True)
    for question in questions:
        table.add_row(
            str(question.modality).replace("_", " + "),
            str(question.task),
            VisibleText(question.text),
            _answer(question),
        )
    return table


def _answer(question: Question) -> Text:
    if not question.options:
        return VisibleText(question.answer, style="green")
    lines = [
        VisibleText(f"* {letter}  {option}", style="green")
        if letter == question.correct_option
        else VisibleText(f"  {letter}  {option}", style="dim")
        for letter, option in question.options.items()
    ]
    return Text("\n").join(lines)


def _taught_table(person: Profile) -> Table:
    table = Table("question", "answer", title="Taught in fine-tuning", title_justify="left")
    for pair in person.training_questions:
        table.add_row(VisibleText(pair.question), VisibleText(pair.answer, style="green"))
    return table


def _align_right(table: Table, *headings: str) -> None:
    for column in table.columns:
        if column.header in headings:
            column.justify = "right"

"""``mllmu data``: looking at a benchmark."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mllmu.cli.console import output

data_app = typer.Typer(help="Look at a benchmark.", no_args_is_help=True)

Source = Annotated[
    str, typer.Argument(metavar="BENCHMARK", help="A folder in the released layout, or a hub id.")
]


@data_app.command()
def stats(benchmark: Source) -> None:
    """Print the numbers of the paper's Table 1.

    Example: [bold]mllmu data stats people[/bold]
    """
    from mllmu.benchmark import load_benchmark, statistics

    table = Table("statistic", "number")
    table.columns[1].justify = "right"
    for label, count in statistics(load_benchmark(benchmark)).rows():
        table.add_row(label, f"{count:,}")
    output.print(table)


@data_app.command()
def show(
    benchmark: Source,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A profile id, e.g. 001.")],
) -> None:
    """Print all questions and true answers about one person.

    Example: [bold]mllmu data show people 001[/bold]
    """
    from mllmu.benchmark import load_benchmark
    from mllmu.study import find_person

    profile = find_person(load_benchmark(benchmark), person)
    table = Table("set", "modality", "task", "question", "answer", title=profile.name)
    for name, questions in (("original", profile.questions), ("test", profile.test_questions)):
        for question in questions:
            table.add_row(name, question.modality.value, question.task.value, question.text, question.answer)
    for pair in profile.training_questions:
        table.add_row("training", "", "", pair.question, pair.answer)
    output.print(table, markup=False)

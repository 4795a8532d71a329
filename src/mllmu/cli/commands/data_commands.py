"""``mllmu data``: looking at a benchmark."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from mllmu.cli.console import errors, output
from mllmu.cli.exit_codes import INVALID

data_app = typer.Typer(help="Look at a benchmark.", no_args_is_help=True)

Source = Annotated[
    str, typer.Argument(metavar="BENCHMARK", help="A folder in the released layout, or a hub id.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


@data_app.command()
def validate(benchmark: Source, as_json: AsJson = False) -> None:
    """Look for what is wrong with a benchmark; exit code 1 if there is an error.

    Every finding names its file, row and field, what was found and what was expected. Warnings are for
    somebody to look at, and leave the exit code 0.

    Example: [bold]mllmu data validate people[/bold]
    """
    from mllmu.benchmark import Severity
    from mllmu.benchmark.validation import validate as look
    from mllmu.cli.benchmark_views import finding_lines, validation_table
    from mllmu.study import make_display

    title = f"look through {benchmark}"
    with make_display(errors) as display:
        display.expect(1)
        display.begin(title)
        validation = look(benchmark, display.progress_of(title))
        display.end(title)
    if as_json:
        _print_json(validation.as_json())
    else:
        for line in finding_lines(validation):
            output.print(line, soft_wrap=True)
        output.print(validation_table(validation))
    if validation.count(Severity.ERROR):
        raise typer.Exit(INVALID)


@data_app.command()
def stats(benchmark: Source, as_json: AsJson = False) -> None:
    """Print the numbers of the paper's Table 1, and how attributes are distributed.

    Ranges are smallest / median / largest, with the number of values that could be read as a number.

    Example: [bold]mllmu data stats people[/bold]
    """
    from mllmu.benchmark import asked_attributes, distributions, load_benchmark, statistics
    from mllmu.cli.benchmark_views import asked_table, distributions_table, statistics_table

    loaded = load_benchmark(benchmark)
    rows, asked = statistics(loaded).rows(), asked_attributes(loaded)
    biographies = distributions(loaded)
    if as_json:
        questions = {name: {"evaluation": many, "training": more} for name, (many, more) in asked.items()}
        _print_json(
            {
                "table_1": dict(rows),
                "biographies": [asdict(one) for one in biographies],
                "questions": questions,
            }
        )
    else:
        output.print(statistics_table(rows))
        output.print(distributions_table(biographies))
        output.print(asked_table(asked))


@data_app.command()
def show(
    benchmark: Source,
    profile_id: Annotated[str, typer.Option("--id", help="Whom to show, e.g. 001 or Kal_Penn.")],
) -> None:
    """Show one person: portrait, biography, questions and answers.

    The portrait is drawn where the output is a terminal with colours.

    Example: [bold]mllmu data show people --id 001[/bold]
    """
    from mllmu.benchmark import load_benchmark
    from mllmu.cli.benchmark_views import person_view
    from mllmu.study import find_person

    output.print(person_view(find_person(load_benchmark(benchmark), profile_id), output))


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

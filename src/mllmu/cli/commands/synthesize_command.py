"""``mllmu synthesize``: a benchmark of people who do not exist."""

from __future__ import annotations

from typing import Annotated

import typer

from mllmu.cli.common_options import Out, Seed
from mllmu.cli.console import errors, print_location


def synthesize(
    out: Out,
    profiles: Annotated[
        int, typer.Option(help="Fictitious people, fine-tuned on and partly forgotten.")
    ] = 500,
    celebrities: Annotated[int, typer.Option(help="People the built-in base model knows.")] = 153,
    holdout: Annotated[int, typer.Option(help="People no model ever sees.")] = 50,
    forget: Annotated[
        list[int] | None,
        typer.Option(help="A forget ratio in per cent, repeatable; 5, 10, 15 by default."),
    ] = None,
    image_size: Annotated[int, typer.Option(help="Side of the original portraits in pixels.")] = 1024,
    test_image_size: Annotated[int, typer.Option(help="Side of the test portraits in pixels.")] = 512,
    seed: Seed = 0,
) -> None:
    """Make fictitious people with portraits and questions, as a folder in the released layout.

    Example: [bold]mllmu synthesize --profiles 100 --celebrities 30 --out people[/bold]
    """
    from mllmu.benchmark import write_benchmark
    from mllmu.files import require_new_folder
    from mllmu.study import make_display
    from mllmu.synthesis import check_sizes
    from mllmu.synthesis import synthesize as make

    check_sizes(profiles, celebrities, holdout, image_size, test_image_size)
    require_new_folder(out)
    title = f"make {profiles + celebrities + holdout} people"
    with make_display(errors) as display:
        display.expect(1)
        display.begin(title)
        benchmark = make(
            profiles=profiles,
            celebrities=celebrities,
            holdout=holdout,
            seed=seed,
            image_size=image_size,
            test_image_size=test_image_size,
            ratios=forget or (5, 10, 15),
            progress=display.progress_of(title),
        )
        write_benchmark(benchmark, out)
        display.end(title)
    print_location("benchmark", out)

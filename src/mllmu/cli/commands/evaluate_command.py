"""``mllmu evaluate``: ask a model, and score its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mllmu.cli.common_options import (
    AskedModel,
    AskedPrecision,
    Attributes,
    BenchmarkSource,
    Device,
    Forget,
    Limit,
    Out,
    Seed,
    path_option,
)
from mllmu.cli.console import errors, output, prepare_libraries, print_location, print_warning


def evaluate(
    benchmark: BenchmarkSource,
    model: AskedModel,
    forget: Forget,
    out: Out,
    protocol: Annotated[
        str, typer.Option("--protocol", help="How questions are put: strict, official, official_idefics2.")
    ] = "strict",
    demonstrators: Annotated[
        str,
        typer.Option(
            "--demonstrators",
            help="Who answers questions first: ids with commas, draw:N (strict), or the demonstrators.json "
            "of an earlier evaluation (official, which draws by default).",
        ),
    ] = "",
    reference: Annotated[
        Path | None,
        path_option("--reference", "The retrained model's evaluation, to read scores against."),
    ] = None,
    vanilla: Annotated[
        Path | None,
        path_option("--vanilla", "The evaluation of the model before unlearning, which some metrics read."),
    ] = None,
    model_name: Annotated[
        str | None,
        typer.Option("--model-name", help="What the server calls the model, where --model is a URL."),
    ] = None,
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Keep answers in .mllmu and ask nothing twice; the default, except for a server.",
            show_default=False,
        ),
    ] = None,
    views: Annotated[
        list[str] | None,
        typer.Option("--view", help="A further way of showing people, again for several: mllmu list views."),
    ] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            help="What else to keep of answers, again for several: token_moments (Min-K++), gradient_norms "
            "(GradNorm; slow).",
        ),
    ] = None,
    precision: Annotated[
        AskedPrecision, typer.Option("--precision", help="Number format in which a model in memory is asked.")
    ] = AskedPrecision.AUTO,
    limit: Limit = None,
    attributes: Attributes = None,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Ask a model everything, keep its answers, and print its scores.

    Example: [bold]mllmu evaluate --benchmark people --model models/npo --forget 10 --out runs/npo[/bold]

    A model behind an OpenAI-compatible server is named by URL: [bold]--model http://localhost:8000/v1[/bold]
    """
    from mllmu.evaluation import VIEWS, get_extras, get_protocol
    from mllmu.inference.endpoint import check_url
    from mllmu.models import model_location

    for view in views or []:
        VIEWS.get(view)
    get_extras(record or [])
    if "://" in model:
        check_url(model)
    else:
        model_location(model)
    get_protocol(protocol)
    # Torch is imported from here on, after every name that may be mistyped.
    from mllmu.report import read_person_scores, terminal_table
    from mllmu.report.run_folder import WARNINGS_FILE
    from mllmu.study import StepSetting, evaluate_model, make_display

    prepare_libraries()
    setting = StepSetting(benchmark, model, out, seed, device, make_display(errors))
    results = evaluate_model(
        setting,
        forget,
        protocol,
        demonstrators,
        reference,
        model_name,
        cache,
        views or [],
        vanilla,
        record or [],
        limit,
        attributes or [],
        precision.value,
    )
    if (out / WARNINGS_FILE).is_file():
        print_warning((out / WARNINGS_FILE).read_text(encoding="utf-8"))
    output.print(terminal_table(results, read_person_scores(out)))
    print_location("results", out / "results.parquet")
    if reference is not None:
        print_location("comparison", out / "comparison.parquet")

"""``mllmu export``: a model whole, for programs that know nothing of this package."""

from __future__ import annotations

from pathlib import Path

from mllmu.files import atomic_folder
from mllmu.models import load_model, save_model
from mllmu.study.finished_run.run_model_folder import run_model_folder
from mllmu.study.pipeline.recipe_check import check_device_and_model
from mllmu.study.steps.lineage_note import read_lineage, write_lineage


def export_model(model: str, out: Path, device: str = "auto", run: Path | None = None) -> list[str]:
    """Write a model's merged weights and its processor, such that transformers alone can load them.

    Args:
        model: ``tiny``, a folder, which may be that of an adapter, or a hub id; or, of a run, a method or
            what its records are called.
        out: a new or empty folder.
        device: where it is loaded, and so in what type, as for `load_model`.
        run: the folder of the finished run that made it.

    Returns:
        What stands around the weights, and only this package reads: the system prompt, and names of wrappers.

    Raises:
        UserError: if there is no such model or device, an adapter's base is missing or another than it was
            trained on, the run does not hold it, or the folder is not empty.

    Example:
        ::

            export_model("models/npo", Path("exported"))
            AutoModelForImageTextToText.from_pretrained("exported")
    """
    if run is None:
        check_device_and_model(device, model)
        lineage, seed = read_lineage(model)
    else:
        planned, of_run = run_model_folder(run, model, device)
        model, lineage, seed = str(of_run), planned.lineage, planned.seed
    with atomic_folder(out) as folder:
        loaded = load_model(model, device)
        save_model(loaded, folder)
        if lineage.steps:
            write_lineage(lineage, seed, folder)
    prompt = ["system prompt"] if loaded.system_prompt else []
    return [*prompt, *(wrapper.name for wrapper in loaded.wrappers)]

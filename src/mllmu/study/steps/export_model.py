"""``mllmu export``: a model whole, for programs that know nothing of this package."""

from __future__ import annotations

from pathlib import Path

from mllmu.files import atomic_folder
from mllmu.models import load_model, save_model
from mllmu.study.pipeline.recipe_check import check_device_and_model
from mllmu.study.steps.lineage_note import read_lineage, write_lineage


def export_model(model: str, out: Path, device: str = "auto") -> list[str]:
    """Write a model's merged weights and its processor, such that transformers alone can load them.

    Args:
        model: ``tiny``, a folder, which may be that of an adapter, or a hub id.
        out: a new or empty folder.
        device: where adapters are merged, and so in what type, as for `load_model`.

    Returns:
        What stands around the weights, and only this package reads: the system prompt, and names of wrappers.

    Raises:
        UserError: if there is no such model or device, an adapter's base is missing or another than it was
            trained on, or the folder is not empty.

    Example:
        ::

            export_model("models/npo", Path("exported"))
            AutoModelForImageTextToText.from_pretrained("exported")
    """
    check_device_and_model(device, model)
    lineage, seed = read_lineage(model)
    with atomic_folder(out) as folder:
        loaded = load_model(model, device)
        save_model(loaded, folder)
        if lineage.steps:
            write_lineage(lineage, seed, folder)
    prompt = ["system prompt"] if loaded.system_prompt else []
    return [*prompt, *(wrapper.name for wrapper in loaded.wrappers)]

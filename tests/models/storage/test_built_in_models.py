import subprocess
import sys
from pathlib import Path

import pytest

from mllmu.models import BUILT_IN_MODELS, built_in_model, load_model


def test_built_in_models_are_listed_without_torch():
    """`mllmu --help` and `mllmu list models` answer at once; importing torch takes seconds."""
    code = (
        "import sys, mllmu.models, mllmu.models.tiny; mllmu.models.BUILT_IN_MODELS;"
        "print({'torch', 'transformers', 'PIL', 'scipy', 'matplotlib'} & {*sys.modules})"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "set()"


@pytest.mark.parametrize("model", BUILT_IN_MODELS, ids=lambda model: model.name)
def test_every_built_in_model_can_be_loaded_by_its_name(model):
    """An entry without weights in the package would fail only when somebody uses it."""
    assert Path(model.path, "config.json").is_file()
    assert load_model(model.name, "cpu").source == model.name


@pytest.mark.parametrize("source", ["", "Tiny", "owner/name", "./tiny"])
def test_other_sources_are_no_built_in_models(source):
    assert built_in_model(source) is None

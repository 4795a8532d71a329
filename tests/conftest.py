"""What tests of several rooms share."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.made_once import made_once

# Tests compute little, and many threads on few cores are slower than one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# How many examples tests with Hypothesis try: few and always the same ones, or many where it is asked for.
# `MLLMU_FUZZ_PROFILE=deep` draws new examples, `MLLMU_FUZZ_EXAMPLES` of each test (10,000 where it is not
# set). What failed is remembered in `.hypothesis` and tried first the next time. Examples that load a
# benchmark take some milliseconds, and more on a busy machine: that is no fault.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "ci", max_examples=40, derandomize=True, deadline=None, suppress_health_check=_SLOW, database=None
)
settings.register_profile(
    "deep",
    max_examples=int(os.environ.get("MLLMU_FUZZ_EXAMPLES", "10000")),
    deadline=None,
    suppress_health_check=_SLOW,
    print_blob=True,
)
settings.load_profile(os.environ.get("MLLMU_FUZZ_PROFILE", "ci"))


# Collecting makes much and lets go of little.
gc.disable()


def pytest_collection_finish():
    """Let the garbage collector pass over imported modules: every training ends with a full collection."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def random_model_folder(tmp_path_factory):
    """A folder with a LLaVA of the built-in architecture, very small and with random weights."""
    from mllmu.models import save_model, wrap_model
    from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer

    def make(folder):
        texts = ["Where does this person live? This person lives in Riga, Latvia."] * 4
        tokenizer = train_tokenizer(texts, 320)
        vision = {"vision_hidden": 32, "vision_layers": 1, "vision_heads": 2, "vision_mlp": 64}
        size = TinySize(hidden=32, layers=1, heads=2, mlp=64, **vision)
        model = build_model(tokenizer, size, seed=0)
        save_model(wrap_model(model, build_processor(tokenizer), "random"), folder)
        return folder

    return made_once(tmp_path_factory, "random_model", make)


@pytest.fixture
def started_for_fsdp(monkeypatch):
    """The first of two processes, of which there is no second: it may not wait for it."""
    variables = {"WORLD_SIZE": "2", "RANK": "0", "ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

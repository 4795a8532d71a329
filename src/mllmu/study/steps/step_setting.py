"""What every single command needs: a benchmark, a model, and a folder for the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mllmu.benchmark import Benchmark
from mllmu.files import atomic_folder, require_new_folder
from mllmu.inference.endpoint import is_url
from mllmu.models import device_of
from mllmu.processes import is_main_process, join_processes
from mllmu.progress import Progress
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.recipe_check import check_device_and_model, check_people_to_come
from mllmu.study.recipe.recipe_settings import SYNTHETIC, SyntheticSettings

#: What commands keep for one another, in the folder they are called in.
CACHE = Path(".mllmu")


@dataclass(frozen=True)
class StepSetting:
    """What all single steps need.

    Attributes:
        benchmark: ``synthetic``, a folder, or a hub id.
        model: ``tiny``, a folder, or a hub id.
        out: a new or empty folder for the result.
        seed: fixes everything random.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, or ``all`` (the GPUs of one machine together).
        display: shows how far it is.
        log_to: ``tensorboard``, ``wandb`` or ``trackio``, which a training tells of its steps.
    """

    benchmark: str
    model: str
    out: Path
    seed: int
    device: str
    display: Display
    log_to: tuple[str, ...] = ()


def check_people(
    setting: StepSetting,
    forget: int | None,
    protocol: str = "strict",
    demonstrators: str = "",
    attributes: Sequence[str] = (),
) -> None:
    """Refuse wishes that synthetic people cannot meet before they are made; other people are read first.

    Args:
        setting: the benchmark and the seed.
        forget: per cent of the people to forget; None for nobody.
        protocol: how questions will be put.
        demonstrators: who answers questions first, in the protocol's own words.
        attributes: what of the people to forget; everything where there are none.

    Raises:
        UserError: so many, or these attributes, cannot be forgotten, or the demonstrators do not fit.
    """
    if setting.benchmark == SYNTHETIC and forget is not None:
        people = SyntheticSettings()
        check_people_to_come(people, [forget], None, protocol, demonstrators, setting.seed, attributes)


@contextmanager
def shown_benchmark(setting: StepSetting) -> Iterator[Benchmark]:
    """The benchmark, with the display running.

    Raises:
        UserError: there is no such model or device, or the folder for the result holds something, which is
            said before anybody is invented; or the benchmark is at fault.
    """
    if is_main_process():
        require_new_folder(setting.out)
    if not is_url(setting.model):
        check_device_and_model(setting.device, setting.model)
        join_processes(device_of(setting.device))
    with setting.display:
        store = Store(CACHE / "stages")
        executor = Executor(store, setting.display)
        executor.expect(1 + int(setting.benchmark == SYNTHETIC))
        if setting.benchmark == SYNTHETIC:
            store.sweep()
        # Synthetic people stay in the cache for other commands; one that runs at the same time, perhaps as
        # another process of the same torchrun, waits until they are made.
        yield open_benchmark(setting.benchmark, SyntheticSettings(), executor.do)


@contextmanager
def shown_step(setting: StepSetting, title: str) -> Iterator[tuple[Path, Progress]]:
    """The folder that becomes the result, complete or not at all, and what to call with the steps done."""
    if not is_main_process():
        # Of processes that share the questions only the first shows and writes what all have answered.
        with TemporaryDirectory() as unused:
            yield Path(unused), lambda done, total: None
        return
    setting.display.begin(title)
    with atomic_folder(setting.out) as folder:
        yield folder, setting.display.progress_of(title)
    setting.display.end(title)

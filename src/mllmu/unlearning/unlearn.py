"""Making a model forget some of the people it was taught."""

from __future__ import annotations

from collections.abc import Mapping

from mllmu.benchmark.types import Benchmark, Split
from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.training import TrainingModality, Upkeep
from mllmu.training.data.dataset import require_own_processor
from mllmu.training.upkeep.last_good import last_good_kept
from mllmu.unlearning.forget_request import ForgetRequest, make_forget_request
from mllmu.unlearning.method import Job, Procedure
from mllmu.unlearning.method_registry import make_further_step, make_method, require_modality
from mllmu.unlearning.pairing.watch import Watch


def unlearn(
    method: str,
    loaded: LoadedModel,
    benchmark: Benchmark,
    split: Split,
    modality: TrainingModality,
    settings: Mapping[str, object],
    seed: int,
    progress: Progress | None = None,
    watch: Watch | None = None,
    upkeep: Upkeep | None = None,
) -> LoadedModel:
    """Make a model forget a split's people; methods that train change its weights in place.

    Args:
        method: name of the method; see ``method_names``.
        loaded: the model that knows the people.
        benchmark: where the people are.
        split: whom to forget, or what of them, and whom to retain.
        modality: how both are asked about: "image_text", "text" or "both".
        settings: the method's settings; defaults for those left out.
        seed: fixes every draw; methods draw the same pairs of samples for one seed.
        progress: called with the steps done and the steps there are.
        watch: looks at the model after some passes; methods that do not train do without.
        upkeep: what is kept on the way; nothing by default.

    Raises:
        UserError: if a name, a setting or an id is unknown, the benchmark lacks what the method reads, the
            processor is that of another model, or the training diverges.

    Example:
        ::

            unlearn("npo", loaded, benchmark, benchmark.splits[10], "both", {"beta": 0.4}, seed=0)
    """
    # First, so that a mistake in the settings costs nothing.
    chosen = make_method(method, settings)
    require_modality(type(chosen), modality)
    request = make_forget_request(benchmark, split, modality, seed)
    chosen.require(request)
    job = _job(request, loaded, progress, watch, upkeep)
    require_own_processor(loaded, [*job.forget, *job.retain])
    if chosen.kind == "inference":  # whose trainings leave the weights as they are
        return _applied(chosen, job)
    with last_good_kept(loaded, job.upkeep):
        return _applied(chosen, job)


def apply_further_step(
    name: str,
    loaded: LoadedModel,
    benchmark: Benchmark,
    split: Split,
    settings: Mapping[str, object],
    seed: int,
    progress: Progress | None = None,
    upkeep: Upkeep | None = None,
) -> LoadedModel:
    """Do to a model what may bring back what it forgot, or cost what it kept; arguments as of `unlearn`.

    The step's job holds the questions with faces and those by name.

    Raises:
        UserError: if the name, a setting or an id is unknown, or the step fails.
    """
    chosen = make_further_step(name, settings)
    request = make_forget_request(benchmark, split, "both", seed)
    return _applied(chosen, _job(request, loaded, progress, None, upkeep))


def _applied(chosen: Procedure, job: Job) -> LoadedModel:
    made = chosen.apply(job)
    if not isinstance(made, LoadedModel):
        raise UserError(f"'{chosen.name}' gave {made!r}; expected its apply() to return the model")
    return made


def _job(
    request: ForgetRequest,
    loaded: LoadedModel,
    progress: Progress | None,
    watch: Watch | None,
    upkeep: Upkeep | None,
) -> Job:
    return Job(**vars(request), loaded=loaded, progress=progress, watch=watch, upkeep=upkeep or Upkeep())

"""The interface of everything that changes a taught model: methods of unlearning and further steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel

from mllmu.errors import UserError
from mllmu.progress import Progress
from mllmu.training import Upkeep
from mllmu.training.settings_base import NoSettings
from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.pairing.watch import Watch
from mllmu.unlearning.search_space import SearchRange

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.training import TrainingModality
    from mllmu.training.memory_estimate import HeldWeights

Kind = Literal["loss", "procedure", "inference"]
Fidelity = Literal["paper", "code", "adapted"]


@dataclass(frozen=True, kw_only=True)
class Job(ForgetRequest):
    """One request, with everything it takes to carry it out.

    Attributes:
        loaded: the model that knows the people; its weights may change.
        progress: called with the steps done and the steps there are, of one kind after another: samples that
            are read, then steps of a training.
        watch: looks at the model on the way; None for nobody.
        upkeep: what its trainings keep on the way; one that makes a model by several gives each its
            ``upkeep.part(...)``.
    """

    loaded: LoadedModel
    progress: Progress | None = None
    watch: Watch | None = None
    upkeep: Upkeep = field(default_factory=Upkeep)


class Procedure(ABC):
    """Something that is done to a model, as one step of its lineage.

    Attributes:
        name: what users, results and files call it; letters, digits and underscores.
        title: what tables call it.
        description: one line for lists.
        settings_type: a pydantic model of everything that can be set about it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str]
    settings_type: ClassVar[type[BaseModel]]

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Take ``BaseModel`` itself, of which pydantic makes no object, for a class without settings."""
        super().__init_subclass__(**arguments)
        if vars(cls).get("settings_type") is BaseModel:
            cls.settings_type = NoSettings

    def __init__(self, settings: Any) -> None:
        """Take settings that were checked, of ``settings_type``."""
        self.settings = settings

    @abstractmethod
    def apply(self, job: Job) -> LoadedModel:
        """Change a model, in place where that saves memory, and return it.

        Raises:
            UserError: if the job cannot be done with these settings.
        """

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """Names of the parameters that may change; all others stay as they are, to the last bit."""
        return frozenset(name for name, _ in loaded.model.named_parameters())

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """What it holds beside a model and the training that its settings describe, for forecasts of memory.

        Args:
            loaded: the model; its weights may be on the meta device.
        """
        from mllmu.training.memory_estimate import HeldWeights

        return HeldWeights()

    def changed_weights(self, loaded: LoadedModel) -> int:
        """How many weights may change."""
        changes = self.changes(loaded)
        return sum(weight.numel() for name, weight in loaded.model.named_parameters() if name in changes)


class Method(Procedure):
    """A way of forgetting: one file in ``mllmu/unlearning/methods``, or an entry point ``mllmu.methods``.

    Attributes:
        kind: "loss" if it minimises one over batches, "procedure" if it changes weights in another way,
            "inference" if it leaves them and changes how the model is asked.
        source: where it is published, e.g. "arXiv 2404.05868, eq. 3".
        fidelity: "paper" if it is as published there, "code" if it follows the authors' code where that
            differs, "adapted" if it was carried over from other models or tasks.
        deviations: in a sentence, what else differs from the source; empty where nothing is known to.
        requires: what it has to be given besides the forget questions, in words; empty for nothing.
        modalities: what it can be given: faces ("image_text"), names ("text"), or both of them.
        depends_on_modality: whether what it makes of a model can depend on whether it is given faces, names
            or both; comparisons of these leave out a method of which that is not so.
        search_space: which of its settings ``mllmu tune`` chooses, and where; by default nothing. Of a method
            that has ``passes``, these are read off its states on the way, but where it names them here: its
            states on the way are then no models that forget a little less.

    Example:
        A method that forgets nothing::

            class DoNothing(Method):
                name = "do_nothing"
                title = "Nothing"
                description = "leaves the model as it is"
                kind, source, fidelity = "procedure", "none", "paper"
                settings_type = BaseModel  # without any settings

                def apply(self, job: Job) -> LoadedModel:
                    return job.loaded
    """

    kind: ClassVar[Kind] = "procedure"
    source: ClassVar[str] = ""
    fidelity: ClassVar[Fidelity] = "adapted"
    deviations: ClassVar[str] = ""
    requires: ClassVar[str] = ""
    modalities: ClassVar[tuple[TrainingModality, ...]] = ("image_text", "text", "both")
    depends_on_modality: ClassVar[bool] = True
    search_space: ClassVar[Mapping[str, SearchRange]] = {}

    @classmethod
    def is_gradual(cls) -> bool:
        """Whether states on the way are models that forget a little less, as fewer passes make them."""
        return "passes" in cls.settings_type.model_fields and "passes" not in cls.search_space

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request that lacks something the method reads; asked before a model is taught or loaded.

        By default nothing is lacking.

        Raises:
            UserError: naming what is lacking.
        """

    def require_questions(self, request: ForgetRequest, *halves: Literal["forget", "retain"]) -> None:
        """Refuse a request that lacks questions that the method reads.

        Raises:
            UserError: if there is none of a half.
        """
        questions = {"forget": request.forget, "retain": request.retain}
        for half in halves:
            if not questions[half]:
                raise UserError(
                    f"Method '{self.name}' got nothing to {half}; expected at least one question."
                )


class FurtherStep(Procedure):
    """What is done to a model after unlearning, to see whether that lasts: relearning, quantisation.

    One file in ``mllmu/unlearning/further_steps``, or an entry point ``mllmu.further_steps``. A recipe names
    them under ``further_steps``; each makes one more model of vanilla, retrained and all unlearned ones,
    which tables show apart from the methods. Its job holds faces and names, however was unlearned before.

    Example:
        A step that leaves the model as it is::

            class Wait(FurtherStep):
                name, title = "wait", "waited"
                description = "does nothing"
                settings_type = BaseModel  # without any settings

                def apply(self, job: Job) -> LoadedModel:
                    return job.loaded
    """

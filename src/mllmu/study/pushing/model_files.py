"""Which files of a model's folder are given away, and what its base is; imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mllmu.errors import UserError
from mllmu.hub_access import is_hub_id
from mllmu.models import built_in_model, model_location
from mllmu.models.storage.model_source import ADAPTER_CONFIG, base_name, holds_whole_model

# What transformers, PEFT and this package write beside a model, and the papers of who made it. Whatever else
# lies there (logs, states of optimizers, keys) was never meant for others.
_SENT = (
    "model*.safetensors",
    "adapter_model*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "adapter_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
    "mllmu.json",
    "mllmu_lineage.json",
    "wrappers/*/wrapper.json",
    "wrappers/*/wrapper.safetensors",
    *(f"{paper}{ending}" for paper in ("LICENSE", "NOTICE") for ending in ("", ".txt", ".md", ".rst")),
)
_CARD = "README.md"


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model.

    Attributes:
        folder: where they lie.
        sent: those to send, as seen from the folder.
        left_out: all others but its card, which is written anew.
        is_adapter: whether the model is an adapter on a base elsewhere.
        base: the base of an adapter, a hub id or a built-in model's name; empty for a whole model.
    """

    folder: Path
    sent: tuple[Path, ...]
    left_out: tuple[str, ...]
    is_adapter: bool
    base: str

    @property
    def base_on_hub(self) -> str:
        """The hub id of its base; empty where it has none there."""
        return "" if built_in_model(self.base) else self.base


def model_files(folder: Path) -> ModelFiles:
    """Tell what of a model's folder is to be sent.

    Raises:
        UserError: it is no model folder; it is an adapter whose base is missing, or lies on this machine
            alone; or a file of it is a link to somewhere else.
    """
    if not folder.is_dir():
        raise UserError(
            f"There is no folder {folder}; expected a model's, or with --run the name of a model."
        )
    has_adapter = (folder / ADAPTER_CONFIG).is_file()
    if not has_adapter and not holds_whole_model(folder):
        raise UserError(
            f"{folder} holds no model; expected config.json with safetensors, or {ADAPTER_CONFIG} with "
            "adapter_model.safetensors."
        )
    base = _adapter_base(folder) if has_adapter else ""
    files = {file.relative_to(folder): file for file in sorted(folder.rglob("*")) if not file.is_dir()}
    sent = [name for name in files if any(_matches(name, pattern) for pattern in _SENT)]
    for name in sent:
        require_inside(files[name], folder)
    left_out = tuple(name.as_posix() for name in files if name not in sent and name.as_posix() != _CARD)
    is_adapter = has_adapter and not holds_whole_model(folder)
    return ModelFiles(folder, tuple(sent), left_out, is_adapter, base)


def require_inside(file: Path, folder: Path) -> None:
    """Refuse to send a file of a folder that is a link to something outside of it, or to nothing.

    Raises:
        UserError: it is.
    """
    if not (file.is_file() and file.resolve().is_relative_to(folder.resolve())):
        raise UserError(f"{file} leads out of {folder}, or to nothing; expected a file that lies there.")


def _adapter_base(folder: Path) -> str:
    """What an adapter stands on, as others can have it: a hub id, or a built-in model's name."""
    base = base_name(folder)
    if not built_in_model(base) and Path(base).is_dir():
        raise UserError(
            f"The adapter in {folder} stands on {base}, a folder of this machine that nobody else has; "
            f"expected a hub id as its base, or a whole model: mllmu export {folder} --out NEW_FOLDER"
        )
    model_location(folder)  # which says what is missing
    if not built_in_model(base) and not is_hub_id(base):
        raise UserError(f"The adapter in {folder} stands on '{base}'; expected a hub id as its base.")
    return base


def _matches(name: Path, pattern: str) -> bool:
    """Whether a file's path has the form of a pattern, in which a star stands for no slash."""
    parts, wanted = name.parts, pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))

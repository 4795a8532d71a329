"""Loading of models: the built-in ones, Hugging Face folders, and hub ids."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from mllmu.errors import UserError, first_line
from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.chat import chat_prompt, render
from mllmu.models.prompts.conversations import Conversation, Prompt
from mllmu.models.storage.adapters import merge_adapter, without_adapter
from mllmu.models.storage.hub_models import only_in_cache
from mllmu.models.storage.loading_errors import loading_errors
from mllmu.models.storage.model_chain import ModelChain, model_chain
from mllmu.models.storage.model_fingerprints import weights_fingerprint
from mllmu.models.storage.model_origin import Origin
from mllmu.models.storage.model_settings import MERGED_IN, read_settings, settings_folder
from mllmu.models.storage.weight_check import require_finite_weights
from mllmu.models.wrappers.wrapper import Wrapper
from mllmu.models.wrappers.wrapper_store import load_wrappers

_PROCESSOR_FILE = "processor_config.json"


@dataclass(frozen=True)
class LoadedModel:
    """A model with everything needed to generate with it and to train it.

    Attributes:
        model: the image-text-to-text model, in evaluation mode.
        processor: its processor, with a chat template.
        source: its name, folder or hub id, as the user gave it.
        encoder: encodes prompts as inputs of the model, and caches preprocessed images.
        system_prompt: system instruction before every conversation; empty for none.
        wrappers: what stands around the model, the innermost first; see `with_wrapper`.
        origin: what the weights were made of, as far as somebody remembers; see `with_origin`.

    Example:
        >>> load_model("tiny", "cpu").model.num_parameters() < 6_000_000
        True
    """

    model: Any
    processor: Any
    source: str
    encoder: Encoder = field(repr=False)
    system_prompt: str = ""
    wrappers: tuple[Wrapper, ...] = ()
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check that the model's prompts hold the system instruction, before anything is done with it."""
        if self.system_prompt:
            chat_prompt(self.processor, "Who is this?", (), self.system_prompt)

    @property
    def device(self) -> torch.device:
        """The device of the input embeddings, where inputs have to be."""
        device: torch.device = self.model.get_input_embeddings().weight.device
        return device

    @property
    def fingerprint(self) -> str:
        """SHA-256 over weights, system prompt and wrappers, as hex digits; not over the configuration."""
        return weights_fingerprint(
            self.model, "".join([self.system_prompt, *(one.fingerprint for one in self.wrappers)])
        )

    def with_system_prompt(self, system_prompt: str) -> LoadedModel:
        """The same model, not copied, with another system instruction.

        Raises:
            UserError: if the model's chat template refuses the instruction or leaves it out.
        """
        return replace(self, system_prompt=system_prompt)

    def with_instruction(self, instruction: str) -> LoadedModel:
        """The same model, not copied, with an instruction behind those that it has; none is said twice.

        Raises:
            UserError: as `with_system_prompt`.
        """
        said = [part for part in (self.system_prompt, instruction) if part]
        is_said = f"\n{instruction}\n" in f"\n{self.system_prompt}\n"  # whole, not as a part of another
        return self.with_system_prompt(self.system_prompt if is_said else "\n".join(said))

    def with_wrapper(self, wrapper: Wrapper) -> LoadedModel:
        """The model with one more wrapper around it.

        Raises:
            UserError: if the wrapper takes part in forward passes and does not fit the model.
        """
        wrapper.attach(self.model)
        return replace(self, wrappers=(*self.wrappers, wrapper))

    def with_origin(self) -> LoadedModel:
        """The same model, just loaded, which remembers what its weights and files are; see `store_model`."""
        stamps = model_chain(self.source).stamps()
        return replace(self, origin=Origin(self.source, stamps, weights_fingerprint(self.model)))

    def render(self, conversation: Conversation) -> Prompt:
        """What the model reads of a conversation: worded by its wrappers, with instruction and template.

        Raises:
            UserError: see `chat.render`.
        """
        for wrapper in reversed(self.wrappers):
            conversation = wrapper.worded(conversation)
        return render(self.processor, conversation, self.system_prompt)


def pick_device(device: str) -> torch.device:
    """The torch device of a device name.

    Args:
        device: "cpu", "cuda", "cuda:N", or "auto" for the GPU numbered ``LOCAL_RANK`` (0 if unset), or for
            the CPU of a machine without GPU.

    Raises:
        UserError: if the name is unknown or this machine has no such device.
    """
    count = torch.cuda.device_count()
    if device == "auto":
        if not torch.cuda.is_available():
            return torch.device("cpu")
        rank = os.environ.get("LOCAL_RANK", "0")
        if rank not in map(str, range(count)):
            raise UserError(
                f"Device 'auto' is the GPU that LOCAL_RANK numbers, which is '{rank}' here, where there are "
                f"{count} GPUs; expected at most as many processes as GPUs."
            )
        return torch.device(f"cuda:{rank}")
    unknown = UserError(f"Unknown device '{device}'; expected auto, cpu, cuda, cuda:N or all.")
    try:
        picked = torch.device(device)
    except RuntimeError as error:
        raise unknown from error
    # torch has many more device types (mps, xpu, meta), on which this package has never been tested.
    if picked.type not in ("cpu", "cuda"):
        raise unknown
    if picked.type == "cuda" and (picked.index or 0) >= count:
        raise UserError(
            f"Device '{device}' is not available here, where there are {count} GPUs; expected cpu or auto."
        )
    return picked


def device_of(name: str) -> torch.device:
    """The device where models of a device name are asked: as `pick_device`, and a GPU for "all".

    Raises:
        UserError: see `pick_device`.
    """
    return pick_device("cuda" if name == "all" else name)


def usual_dtype(device: torch.device) -> torch.dtype:
    """In which models are loaded where nothing else is said: float32 on a CPU, bfloat16 on a GPU."""
    return torch.float32 if device.type == "cpu" else torch.bfloat16


def load_model(source: str | Path, device: str = "auto", dtype: torch.dtype | None = None) -> LoadedModel:
    """Load a model and its processor.

    Only safetensors are read and no code from a model repository is run. An adapter (PEFT) is merged into its
    base, so that the result is a model as any other; it is merged in the number format in which it was
    after its training, whatever is asked for, so that weights are rounded alike in all.

    Args:
        source: "tiny", a folder that holds a Hugging Face model and processor, or a hub id.
        device: as for `pick_device`, or "all" to distribute the layers over all GPUs.
        dtype: data type of the weights; by default `usual_dtype`.

    Raises:
        UserError: if there is no such model, it is not an image-text-to-text model, or weights are missing,
            have other shapes than its config.json says, or are not finite; or it is an adapter that has no
            base, does not fit it, or was trained on another.

    Example:
        >>> load_model("tiny", "cpu").device
        device(type='cpu')
    """
    from transformers import AutoModelForImageTextToText, AutoProcessor

    shared = device == "all"
    target = device_of(device)
    wanted = dtype or usual_dtype(target)
    chain = model_chain(source)
    base, cached = chain.base, only_in_cache(chain.base)
    named = f"The base '{base}' of the adapter '{source}'" if chain.adapters else f"Model '{source}'"
    # An adapter's own files go before those of its base.
    folders = chain.locations
    try:
        with without_adapter(base) as location:
            processor = AutoProcessor.from_pretrained(
                next((one for one in folders[:-1] if (Path(one) / _PROCESSOR_FILE).is_file()), location),
                trust_remote_code=False,
                local_files_only=cached,
            )
            loaded: Any = AutoModelForImageTextToText.from_pretrained(
                location,
                output_loading_info=True,
                dtype=_merged_in(chain) or wanted,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=cached,
                device_map="balanced" if shared else None,
                # Such weights are refused below by name; transformers' own error only points to its log.
                ignore_mismatched_sizes=True,
            )
    except loading_errors() as error:
        raise UserError(
            f"{named} could not be loaded ({first_line(error)}); expected 'tiny', a folder with config.json, "
            "safetensors and processor files, or a hub id."
        ) from error
    model, loading_info = loaded
    _refuse_incomplete(loading_info, named)
    if getattr(model, "_hf_peft_config_loaded", False):
        raise UserError(f"{named} is an adapter on a hub; expected a whole model, or a downloaded folder.")
    chain.require_recorded()
    if not shared:
        # Before adapters are merged: where they were trained, products are rounded as they were then.
        model.to(target)
    for folder in reversed(chain.adapters):
        model = merge_adapter(model, folder)
    if chain.adapters:
        _change_format(model, wanted)
    require_finite_weights(model, str(source))
    model.eval()
    with_settings = (*folders[:-1], settings_folder(base, cached))
    own, settings = next(((one, read) for one in with_settings if (read := read_settings(one))), (base, {}))
    whole = wrap_model(model, processor, str(source), settings.get("system_prompt", ""))
    for wrapper in load_wrappers(Path(own), settings.get("wrappers", [])):
        try:
            whole = whole.with_wrapper(wrapper)
        except (LookupError, AttributeError, RuntimeError, TypeError, ValueError) as error:
            raise UserError(
                f"The wrapper {wrapper.name} in {own} does not fit {named[0].lower()}{named[1:]} "
                f"({first_line(error)}); expected one that save_model wrote beside it."
            ) from error
    return whole


def _merged_in(chain: ModelChain) -> torch.dtype | None:
    """In what an adapter was merged when it was trained; None without one, or where that is not recorded."""
    recorded = read_settings(str(chain.adapters[0])).get(MERGED_IN, "") if chain.adapters else ""
    return getattr(torch, recorded) if recorded else None


def _change_format(model: Any, dtype: torch.dtype) -> None:
    """Round what is stored of a model, as loading does it; rotary frequencies, which are not, stay."""
    stored = model.state_dict().keys()
    for name, part in (*model.named_parameters(), *model.named_buffers()):
        if name in stored and part.is_floating_point():
            part.data = part.data.to(dtype)


def _refuse_incomplete(loading_info: dict[str, Any], named: str) -> None:
    """Refuse a model that transformers would complete with random weights, only logging a warning."""
    if loading_info["missing_keys"]:
        raise UserError(
            f"{named} lacks {len(loading_info['missing_keys'])} weights, the first is "
            f"'{min(loading_info['missing_keys'])}'; expected safetensors that hold all of them."
        )
    if loading_info["mismatched_keys"]:
        name, stored, expected = min(loading_info["mismatched_keys"])
        raise UserError(
            f"{named} has {len(loading_info['mismatched_keys'])} weights of another shape than its "
            f"config.json says, the first is '{name}': {list(stored)}; expected {list(expected)}."
        )


def wrap_model(model: Any, processor: Any, source: str, system_prompt: str = "") -> LoadedModel:
    """Make a `LoadedModel` of a model and a processor in memory.

    Args:
        model: an image-text-to-text model in evaluation mode.
        processor: its processor.
        source: a name for it, shown in messages and reports.
        system_prompt: system instruction before every conversation; empty for none.
    """
    return LoadedModel(model, processor, source, Encoder(processor), system_prompt)

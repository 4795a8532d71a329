"""What models of all families are made of in miniature: sizes, a tokenizer, and weights."""

from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from mllmu.models import LoadedModel, wrap_model

TEXTS = ["this person lives in Riga Paris London works as nurse teacher likes soup and cats"] * 4
TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "tie_word_embeddings": False,
}
VISION = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def tokenizer(special: list[str], named: dict[str, str], *, begin: bool = True, eos: str = "</s>") -> Any:
    """A byte-level BPE of a few hundred tokens with a family's special tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    every = ["<pad>", "<s>", "</s>", *special]
    trainer = trainers.BpeTrainer(
        vocab_size=340 + len(every),
        special_tokens=every,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator([*TEXTS, "\n\n\n\n"] * 4, trainer)
    if begin:
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", made.token_to_id("<s>"))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<s>" if begin else None,
        eos_token=eos,
        extra_special_tokens=named,
        clean_up_tokenization_spaces=False,
    )


def ids(tokens: Any) -> dict[str, int]:
    """Special ids as text configurations want them."""
    return {
        "bos_token_id": tokens.bos_token_id,
        "eos_token_id": tokens.eos_token_id,
        "pad_token_id": tokens.pad_token_id,
        "vocab_size": len(tokens),
    }


def finished(model_class: str, config: Any, processor: Any) -> LoadedModel:
    """A model with weights so large that its answers depend on all it reads."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = getattr(transformers, model_class)(config).eval()
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.data.normal_(0, 0.15)
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    return wrap_model(model, processor, model_class)


def without_videos(processor_class: Any) -> Any:
    """A processor class that takes no video processor, which would need torchvision."""

    class ImagesOnly(processor_class):
        @classmethod
        def get_attributes(cls) -> list[str]:
            return [name for name in super().get_attributes() if name != "video_processor"]

        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            if argument_name == "video_processor":
                return None
            return super().check_argument_for_proper_class(argument_name, argument)

    return ImagesOnly

"""The built-in model's processor: a byte-level BPE tokenizer, CLIP image preprocessing, a chat template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

IMAGE_SIZE = 64
PATCH_SIZE = 32
VOCABULARY = 2560
_PAD, _BOS, _EOS, _IMAGE = "<pad>", "<s>", "</s>", "<image>"
# One token each, since every prompt has them; no special tokens, since parsers look for them in decoded text.
_ROLES = ("USER:", "\nASSISTANT:")
# Newlines are written as expressions: the template engine strips those that follow a block.
CHAT_TEMPLATE = """\
{%- for message in messages -%}
{%- if message['role'] == 'user' %}{{ 'USER: ' }}
{%- elif message['role'] == 'assistant' %}{{ ' ' }}{% endif -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' %}{{ '<image>\\n' }}{% else %}{{ part['text'] }}{% endif -%}
{%- endfor -%}
{%- if message['role'] == 'system' %}{{ '\\n' }}
{%- elif message['role'] == 'user' %}{{ '\\nASSISTANT:' }}
{%- else %}{{ '</s>' }}{% endif -%}
{%- endfor -%}"""


def train_tokenizer(texts: Iterable[str], vocabulary: int = VOCABULARY) -> Any:
    """Train a byte-level BPE tokenizer and wrap it as a Hugging Face tokenizer.

    Args:
        texts: training texts; their order does not matter.
        vocabulary: number of tokens, special ones included.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(_ROLES),
        special_tokens=[_PAD, _BOS, _EOS, _IMAGE],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(role, normalized=False) for role in _ROLES])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_BOS} $A", special_tokens=[(_BOS, tokenizer.token_to_id(_BOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        bos_token=_BOS,
        eos_token=_EOS,
        extra_special_tokens={"image_token": _IMAGE},
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
    )


def build_processor(tokenizer: Any) -> Any:
    """A ``LlavaProcessor`` with CLIP preprocessing and a chat template.

    Images become 64 x 64 pixels, which are four patches and so four image tokens.

    Args:
        tokenizer: what `train_tokenizer` made.
    """
    from transformers import LlavaProcessor
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    images = CLIPImageProcessorPil(
        size={"shortest_edge": IMAGE_SIZE}, crop_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    )
    return LlavaProcessor(
        image_processor=images,
        tokenizer=tokenizer,
        patch_size=PATCH_SIZE,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )

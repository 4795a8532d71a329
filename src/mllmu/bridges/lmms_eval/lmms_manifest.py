"""What lmms-eval is told of our models; the entry point of group ``lmms_eval.models``."""

from __future__ import annotations

from lmms_eval.models.registry_v2 import ModelManifest

from mllmu.bridges.lmms_eval.utility_command_line import MODEL_ID


def manifest() -> ModelManifest:
    """One model for everything that this package loads; it is imported when it is asked for."""
    return ModelManifest(
        model_id=MODEL_ID, chat_class_path="mllmu.bridges.lmms_eval.lmms_model.LmmsEvalModel"
    )

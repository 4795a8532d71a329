"""Protects: what tells models and processors apart is what they are, not how they were come by."""

from mllmu.models import load_model, processor_fingerprint


def test_whether_a_hub_could_be_asked_does_not_count():
    """Else a run would not go on, and its models not be found, once ``HF_HUB_OFFLINE`` is set or unset."""
    processor = load_model("tiny", "cpu").processor
    fingerprints = set()
    for could_not in (True, False):
        processor.tokenizer.init_kwargs["local_files_only"] = could_not
        fingerprints.add(processor_fingerprint(processor))
    assert len(fingerprints) == 1
    processor.tokenizer.add_tokens(["another"])
    assert processor_fingerprint(processor) not in fingerprints

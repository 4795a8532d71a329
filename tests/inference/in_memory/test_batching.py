import pytest
import torch

from mllmu.inference.in_memory.batching import by_budget, halving


def test_batches_keep_to_both_limits():
    """Padding counts: two items of 5 and 2 cost 10 tokens."""
    assert list(by_budget([2, 5, 4, 1, 1], int, 10, 9)) == [[5, 4], [2, 1, 1]]
    assert list(by_budget([1, 1, 1], int, 10, 2)) == [[1, 1], [1]]
    assert list(by_budget([50, 1], int, 10, 9)) == [[50], [1]]
    assert list(by_budget([], int, 10, 9)) == []


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory: 8 bytes")]
)
def test_a_batch_that_does_not_fit_is_halved(error):
    """Running out of memory costs time, not the run; results stay in order."""
    sizes = []

    def run(batch):
        sizes.append(len(batch))
        if len(batch) > 2:
            raise error
        return [item * 10 for item in batch]

    assert halving(run, [1, 2, 3, 4, 5]) == [10, 20, 30, 40, 50]
    assert sizes == [5, 2, 3, 1, 2]


def test_what_halving_cannot_mend_is_raised():
    def full(batch):
        raise torch.OutOfMemoryError("out of memory")

    def broken(batch):
        raise RuntimeError("shapes do not match")

    with pytest.raises(torch.OutOfMemoryError):
        halving(full, [1, 2])
    with pytest.raises(RuntimeError, match="shapes"):
        halving(broken, [1, 2])

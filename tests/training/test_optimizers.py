import pytest
import torch
from accelerate import Accelerator
from torch import nn

from mllmu.errors import UserError
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from mllmu.training.optimizers import Float32Muon, MuonWithAdamW, muon_with_adamw
from tests.training.people import changed, people, small_model, weights


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(5, 4)
        self.hidden = nn.Linear(4, 6)
        self.output = nn.Linear(4, 5, bias=False)
        self.frozen = nn.Linear(4, 4)
        self.frozen.requires_grad_(False)

    def get_output_embeddings(self):
        return self.output


def test_embeddings_and_output_layer_are_not_orthogonalised():
    """Muon is for hidden matrices; a vocabulary's rows are seen too rarely to be orthogonalised together."""
    optimizer = muon_with_adamw(Small(), lr=0.1, weight_decay=0.0, precision="auto")
    muon, adamw = optimizer.param_groups
    assert [tuple(p.shape) for p in muon["params"]] == [(6, 4)]
    assert sorted(tuple(p.shape) for p in adamw["params"]) == [(5, 4), (5, 4), (6,)]


def test_a_matrix_moves_along_the_orthogonalised_gradient():
    """A gradient diag(3, 1) has the orthogonal factor diag(1, 1): both entries move alike, and by the rate
    0.1 times 0.2 sqrt(2) (arXiv 2502.16982), up to the error of five Newton-Schulz steps."""
    matrix = nn.Parameter(torch.zeros(2, 2))
    other = nn.Parameter(torch.zeros(2))
    optimizer = MuonWithAdamW([matrix], [other], lr=0.1, weight_decay=0.0, precision="auto")
    matrix.grad = torch.diag(torch.tensor([3.0, 1.0]))
    other.grad = torch.ones(2)
    optimizer.step()
    expected = -0.1 * 0.2 * 2**0.5 * torch.eye(2)
    torch.testing.assert_close(matrix.detach(), expected, rtol=0.35, atol=2e-3)
    torch.testing.assert_close(other.detach(), torch.full((2,), -0.1), rtol=1e-4, atol=1e-5)


def test_a_schedule_reaches_both_halves():
    """Also behind accelerate, which replaces the groups by copies: at a rate of zero nothing may move."""
    matrix, other = nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.zeros(2))
    optimizer = MuonWithAdamW([matrix], [other], lr=1.0, weight_decay=0.0, precision="auto")
    prepared = Accelerator(cpu=True).prepare_optimizer(optimizer)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.0)
    matrix.grad, other.grad = torch.eye(2), torch.ones(2)
    prepared.step()
    torch.testing.assert_close(matrix.detach(), torch.zeros(2, 2))
    torch.testing.assert_close(other.detach(), torch.zeros(2))


def test_without_matrices_there_is_nothing_to_orthogonalise():
    with pytest.raises(UserError, match="none learns; expected another optimizer"):
        muon_with_adamw(nn.LayerNorm(4), lr=1.0, weight_decay=0.0, precision="auto")


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16"])
def test_matrices_are_orthogonalised_in_the_precision_of_the_training(monkeypatch, precision, native):
    """Where bfloat16 is native, too, a training in float32 is one in float32 throughout."""
    monkeypatch.setattr("mllmu.training.precision.computes_bfloat16", lambda device: native)
    optimizer = muon_with_adamw(Small(), lr=0.1, weight_decay=0.0, precision=precision)
    is_rounded = not isinstance(optimizer._muon, Float32Muon)
    assert is_rounded == (precision == "bfloat16" or (precision == "auto" and native))


@pytest.mark.parametrize("shape", [(6, 4), (4, 6)])
def test_float32_takes_the_steps_of_torch(shape):
    """Where bfloat16 is emulated: five steps end where torch's own end, up to bfloat16's eight bits."""
    torch.manual_seed(0)
    gradients = torch.randn(5, *shape)
    ends = []
    for kind in (Float32Muon, torch.optim.Muon):
        matrix = nn.Parameter(torch.ones(shape))
        optimizer = kind([matrix], lr=0.1, weight_decay=0.5, adjust_lr_fn="match_rms_adamw")
        for gradient in gradients:
            matrix.grad = gradient.clone()
            optimizer.step()
        ends.append(matrix.detach())
    moved = (ends[1] - 1).abs().max()
    torch.testing.assert_close(*ends, rtol=0, atol=0.02 * float(moved))


def test_adapters_alone_learn_by_muon():
    """Nothing is left for AdamW there."""
    loaded = small_model()
    before = weights(loaded)
    settings = TrainingSettings(optimizer="muon", lora=LoraSettings(r=2), train_projector=False)
    fine_tune(loaded, training_samples(people(), ["001"], "text"), settings, seed=0)
    assert changed(before, loaded)

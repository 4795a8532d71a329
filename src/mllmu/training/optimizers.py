"""Muon for the hidden matrices, AdamW for everything else: learns facts in fewer steps than AdamW alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

from mllmu.errors import UserError
from mllmu.training.precision import uses_bfloat16
from mllmu.training.settings import Precision


class Float32Muon(Muon):
    """Muon that orthogonalises in float32.

    torch's own does so in bfloat16, which the precision "float32" excludes, and which processors without
    bfloat16 arithmetic emulate: a step of the built-in model then takes twelve seconds instead of a third of
    one.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Follow the orthogonalised Nesterov momentum, as ``torch.optim.Muon`` does."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(parameter.grad)
                momentum = state["momentum_buffer"].lerp_(parameter.grad, 1 - group["momentum"])
                direction = parameter.grad.lerp(momentum, group["momentum"])
                update = orthogonalised(direction, group["ns_coefficients"], group["ns_steps"], group["eps"])
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                # Root mean square of AdamW's updates (arXiv 2502.16982, section 2.2).
                parameter.add_(update, alpha=-group["lr"] * 0.2 * max(parameter.shape) ** 0.5)
        return None


def orthogonalised(
    matrix: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float
) -> Tensor:
    """The orthogonal factor of a matrix [m, n], up to Newton-Schulz's error (Jordan et al. 2024).

    Args:
        matrix: any matrix.
        coefficients: of the odd polynomial of degree five that every step applies to the singular values.
        steps: how often.
        eps: smallest norm to divide by.
    """
    linear, cubic, quintic = coefficients
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / wide.norm().clamp(min=eps)
    for _ in range(steps):
        gram = wide @ wide.T
        wide = linear * wide + (cubic * gram + quintic * gram @ gram) @ wide
    return wide.T if matrix.shape[0] > matrix.shape[1] else wide


class MuonWithAdamW(Optimizer):
    """Two optimizers that a scheduler and a trainer see as one.

    Muon orthogonalises the momentum of a matrix (Jordan et al. 2024); updates are scaled to AdamW's root mean
    square (arXiv 2502.16982, section 2.2), so that one learning rate serves both.
    """

    def __init__(
        self,
        matrices: list[nn.Parameter],
        others: list[nn.Parameter],
        lr: float,
        weight_decay: float,
        precision: Precision,
    ) -> None:
        """Split the work.

        Args:
            matrices: two-dimensional weights of hidden layers, at least one.
            others: embeddings, norms, biases, if any; not decayed.
            lr: learning rate of both.
            weight_decay: decoupled decay of the matrices.
            precision: in which Muon orthogonalises, as everything else is computed.
        """
        kind = Muon if uses_bfloat16(precision, matrices[0].device) else Float32Muon
        self._muon = kind(matrices, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self._adamw = AdamW([{"params": others}], lr=lr, weight_decay=0.0, fused=True)
        super().__init__([*matrices, *others], {"lr": lr})
        self.param_groups = [*self._muon.param_groups, *self._adamw.param_groups]

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Take a step with both; ``closure`` recomputes the loss where one is given."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # A scheduler sets its rates in our groups, and accelerate replaces those by copies when it takes the
        # optimizer over; a checkpoint replaces groups and state: each half has to see both as they are now.
        self._muon.param_groups, self._adamw.param_groups = self.param_groups[:1], self.param_groups[1:]
        self._muon.state = self._adamw.state = self.state
        self._muon.step()
        self._adamw.step()
        return loss


def muon_with_adamw(model: nn.Module, lr: float, weight_decay: float, precision: Precision) -> MuonWithAdamW:
    """The optimizer for what can be trained in a model; embeddings and output layer go to AdamW.

    Raises:
        UserError: if no hidden matrix learns.
    """
    tables = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, nn.Embedding)
        for parameter in module.parameters()
    }
    find_output: Callable[[], nn.Module | None] | None = getattr(model, "get_output_embeddings", None)
    output = find_output() if find_output is not None else None
    if output is not None:
        tables |= {id(parameter) for parameter in output.parameters()}
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    matrices = [p for p in learning if p.ndim == 2 and id(p) not in tables]
    chosen = {id(p) for p in matrices}
    others = [p for p in learning if id(p) not in chosen]
    if not matrices:
        raise UserError(
            "Optimizer 'muon' is for hidden matrices, and none learns; expected another optimizer."
        )
    return MuonWithAdamW(matrices, others, lr, weight_decay, precision)

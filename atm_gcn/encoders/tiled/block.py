"""The first continuous attention block, tile by tile, from the stem's last convolution on."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from atm_gcn.encoders.checkpointing import running_statistics
from atm_gcn.encoders.tiled.tiles import Affine, Moments, conv_backward, lowered, scaled, tiles


class Norms(NamedTuple):
    """The batch norms: of the stem's output, after the 3 x 3 and the 1 x 1 convolution, and of the attention."""

    enter: nn.BatchNorm2d
    middle: nn.BatchNorm2d
    leave: nn.BatchNorm2d
    attention: nn.BatchNorm2d


class TiledBlock(torch.autograd.Function):
    r"""The block's output and its attention map, in training mode.

    .. math::
        X &= \mathrm{ReLU}(\mathrm{BN}(c)) \qquad
        u = \mathrm{conv}_{3 \times 3}(X) \qquad
        z = \mathrm{conv}_{1 \times 1}(R), \; R = \mathrm{ReLU}(\mathrm{BN}(u)) \\
        F &= \mathrm{ReLU}(\mathrm{BN}(z) + X) \qquad
        A = \sigma(\mathrm{BN}(\mathrm{conv}_{1 \times 1} D)), \; D = [\mathrm{mean}_c F, \max_c F] \qquad
        Y = F \odot A

    Of all that, c, u and D alone are kept for the backward pass, which computes the rest again.

    Shapes:
        - **input:** c :math:`(F, C, H, W)`, channels last; the parameters in the order of the computation
        - **output:** Y :math:`(F, C, H, W)` and A :math:`(F, 1, H, W)`
    """

    @staticmethod
    def forward(ctx: Any, c: Tensor, norms: Norms, size: int, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        gamma_c, beta_c, w_u, gamma_u, beta_u, w_z, gamma_z, beta_z, w_a, gamma_a, beta_a = parameters
        w_u, w_z = lowered(w_u, c), lowered(w_z, c)
        all_c, all_u, all_z = Moments(), Moments(), Moments()
        u, out = torch.empty_like(c), torch.empty_like(c)
        parts = list(tiles(len(c), size))
        for part in parts:
            all_c.add(c[part])
        of_c = Affine(all_c.result(norms.enter), gamma_c, beta_c, norms.enter.eps)
        for part in parts:
            u[part] = F.conv2d(of_c.relu(c[part]), w_u, padding=1)
            all_u.add(u[part])
        of_u = Affine(all_u.result(norms.middle), gamma_u, beta_u, norms.middle.eps)
        for part in parts:
            out[part] = F.conv2d(of_u.relu(u[part]), w_z)  # z, until F takes its place
            all_z.add(out[part])
        of_z = Affine(all_z.result(norms.leave), gamma_z, beta_z, norms.leave.eps)
        pieces = []
        for part in parts:
            features = of_z(out[part]).add_(of_c.relu(c[part])).relu_()
            pieces.append(describe(features))
            out[part] = features
        described = torch.cat(pieces)
        attention = attend(described, w_a, gamma_a, beta_a, norms.attention, moves=True)
        ctx.save_for_backward(c, u, described, attention, *parameters)
        ctx.statistics, ctx.norms, ctx.size = (of_c.statistics, of_u.statistics, of_z.statistics), norms, size
        return out.mul_(attention), attention

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, attention_grad: Tensor) -> tuple[Tensor | None, ...]:
        c, u, described, attention, *parameters = ctx.saved_tensors
        gamma_c, beta_c, w_u, gamma_u, beta_u, w_z, gamma_z, beta_z, *attending = parameters
        of_c, of_u, of_z = (
            Affine(statistics, gamma, beta, norm.eps)
            for statistics, gamma, beta, norm in zip(
                ctx.statistics, (gamma_c, gamma_u, gamma_z), (beta_c, beta_u, beta_z), ctx.norms, strict=False
            )
        )
        low_u, low_z = lowered(w_u, c), lowered(w_z, c)
        parts = list(tiles(len(c), ctx.size))

        z, inner = torch.empty_like(c), torch.empty_like(attention)
        for part in parts:
            z[part] = F.conv2d(of_u.relu(u[part]), low_z)
            features = of_z(z[part]).add_(of_c.relu(c[part])).relu_()
            inner[part] = (grad[part] * features).sum(1, keepdim=True)
        described_grad, *attending_grads = attend_backward(
            described, attending, ctx.norms.attention, inner.add_(attention_grad)
        )

        x_grad = torch.empty_like(c)  # of X by the shortcut, which is also that of BN(z)
        for part in parts:
            features = of_z(z[part]).add_(of_c.relu(c[part])).relu_()
            features_grad = (grad[part] * attention[part]).add_(describe_backward(described_grad[part], features))
            x_grad[part] = torch.ops.aten.threshold_backward(features_grad, features, 0)
            of_z.accumulate(x_grad[part], z[part])
        gamma_z_grad, beta_z_grad, a, b = of_z.finish()

        u_grad, w_z_grad, w_u_grad = z, torch.zeros_like(w_z), torch.zeros_like(w_u)  # takes the place of z
        for part in parts:
            r = of_u.relu(u[part])
            z_grad = scaled(z[part], a, b).add_(scaled(x_grad[part], of_z.scale, torch.zeros_like(b)))
            r_grad, here = conv_backward(z_grad, r, low_z)
            w_z_grad += here
            u_grad[part] = of_u.backward(torch.ops.aten.threshold_backward(r_grad, r, 0), u[part])
        gamma_u_grad, beta_u_grad, a, b = of_u.finish()

        for part in parts:
            x = of_c.relu(c[part])
            more, here = conv_backward(u_grad[part].add_(scaled(u[part], a, b)), x, low_u)
            w_u_grad += here
            x_grad[part] = of_c.backward(torch.ops.aten.threshold_backward(more.add_(x_grad[part]), x, 0), c[part])
        gamma_c_grad, beta_c_grad, a, b = of_c.finish()
        for part in parts:
            x_grad[part] += scaled(c[part], a, b)
        of_parameters = (gamma_c_grad, beta_c_grad, w_u_grad, gamma_u_grad, beta_u_grad, w_z_grad)
        return x_grad, None, None, *of_parameters, gamma_z_grad, beta_z_grad, *attending_grads


def describe(features: Tensor) -> Tensor:
    """Mean and largest value over channels, ``[n, 2, H, W]``."""
    return torch.cat([features.mean(1, keepdim=True), features.amax(1, keepdim=True)], dim=1)


def describe_backward(grad: Tensor, features: Tensor) -> Tensor:
    """Gradient of the features; of channels that share the largest value, the first has its gradient."""
    grad_features = (grad[:, :1] / features.size(1)).expand_as(features).clone(memory_format=torch.channels_last)
    return grad_features.scatter_add_(1, features.argmax(1, keepdim=True), grad[:, 1:])


def attend(
    described: Tensor, weight: Tensor, gamma: Tensor, beta: Tensor, norm: nn.BatchNorm2d, moves: bool = False
) -> Tensor:
    """The attention map; where ``moves``, the running statistics of ``norm`` move with it."""
    x = F.conv2d(described, weight.to(described.dtype))
    running_mean, running_var, num_batches, momentum = running_statistics(norm)
    num_batches += int(moves)
    mean, var = (running_mean, running_var) if moves else (None, None)
    return torch.sigmoid(F.batch_norm(x, mean, var, gamma, beta, True, momentum, norm.eps))


def attend_backward(
    described: Tensor, parameters: list[Tensor], norm: nn.BatchNorm2d, grad: Tensor
) -> tuple[Tensor, ...]:
    """Gradients of :func:`attend` for ``described`` and its parameters."""
    with torch.enable_grad():
        leaves = [tensor.detach().requires_grad_() for tensor in (described, *parameters)]
        return torch.autograd.grad(attend(leaves[0], leaves[1], leaves[2], leaves[3], norm), leaves, grad)

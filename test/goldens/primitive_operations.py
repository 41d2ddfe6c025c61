"""The operations of primitives.py in PyTorch, from their definitions."""
import torch
import torch.nn.functional as F


def slice_(x, starts, ends, strides):
    return x[tuple(slice(a, b, s) for a, b, s in zip(starts, ends, strides))]


def pad(x, low, high, interior):
    """Zero padding; `interior` zeros between neighboring elements, as in XLA."""
    spread = [max(0, (n - 1) * (i + 1) + 1) for n, i in zip(x.shape, interior)]
    y = torch.zeros([l + n + h for l, n, h in zip(low, spread, high)])
    y[tuple(slice(l, l + n, i + 1) for l, n, i in zip(low, spread, interior))] = x
    return y


def conv2d(x, w, bias=None, *, strides, padding, dilation, groups=1):
    (top, bottom), (left, right) = padding
    return F.conv2d(F.pad(x, [left, right, top, bottom]), w, bias, stride=strides, dilation=dilation, groups=groups)


def conv_input(dy, w, strides, padding, dilation, inputShape, groups=1):
    """The adjoint of conv2d in x: the gradient of <dy, conv2d(x, w)>, which does not depend on x."""
    x = torch.zeros([dy.shape[0], w.shape[1] * groups, *inputShape], requires_grad=True)
    y = conv2d(x, w, strides=strides, padding=padding, dilation=dilation, groups=groups)
    assert y.shape == dy.shape, (y.shape, dy.shape)
    return torch.autograd.grad((y * dy).sum(), x, create_graph=True)[0]


def conv_weight(x, dy, strides, padding, dilation, kernelShape, groups=1):
    """The adjoint of conv2d in w."""
    w = torch.zeros([dy.shape[1], x.shape[1] // groups, *kernelShape], requires_grad=True)
    y = conv2d(x, w, strides=strides, padding=padding, dilation=dilation, groups=groups)
    assert y.shape == dy.shape, (y.shape, dy.shape)
    return torch.autograd.grad((y * dy).sum(), w, create_graph=True)[0]


def matmul(a, b, transposeA, transposeB):
    return (a.transpose(-1, -2) if transposeA else a) @ (b.transpose(-1, -2) if transposeB else b)


def max_(x, axes, keepDims):
    return torch.amax(x, dim=axes, keepdim=keepDims)


def sum_(x, axes, keepDims):
    return torch.sum(x, dim=axes, keepdim=keepDims) if axes else x.clone()


def scatter_add(values, indices, rows):
    return torch.zeros([rows, *values.shape[1:]]).index_add(0, indices, values)


def batch_norm(x, gamma, beta, epsilon):
    mean = x.mean((0, 2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
    c = (1, -1, 1, 1)
    return (x - mean) / torch.sqrt(variance + epsilon) * gamma.view(c) + beta.view(c)


def log_softmax(x, axis):
    shifted = x - torch.amax(x, dim=axis, keepdim=True).detach()
    return shifted - torch.log(torch.exp(shifted).sum(axis, keepdim=True))


OPS = {
    "neg": lambda x: -x,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "abs": torch.abs,
    "positive": lambda x: (x > 0).to(torch.float64),
    "stopGradient": lambda x: x.detach(),
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "greater": torch.gt,
    "equal": torch.eq,
    "where": torch.where,
    "cast": lambda x, dtype: x.to(torch.float64),
    "sum": sum_,
    "max": max_,
    "argmax": lambda x, axis: torch.argmax(x, dim=axis),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, permutation: x.permute(permutation),
    "broadcastTo": lambda x, shape: torch.broadcast_to(x, shape),
    "slice": slice_,
    "reverse": lambda x, axes: torch.flip(x, axes),
    "pad": pad,
    "concat": lambda *xs, axis: torch.cat(xs, axis),
    "matmul": matmul,
    "conv2d": conv2d,
    "convInput": conv_input,
    "convWeight": conv_weight,
    "groupedConv2d": conv2d,
    "groupedConvInput": conv_input,
    "groupedConvWeight": conv_weight,
    "sumPool": lambda x, window: F.avg_pool2d(x, window) * window**2,
    "upsampleNearest": lambda x, factor: x.repeat_interleave(factor, 2).repeat_interleave(factor, 3),
    "upsampleBilinear": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False),
    "gather": lambda x, indices: x[indices],
    "scatterAdd": scatter_add,
    "softplus": lambda x: torch.clamp(x, min=0) + torch.log1p(torch.exp(-torch.abs(x))),
    "logSoftmax": log_softmax,
    "batchNorm": batch_norm,
}
NO_GRADIENT = {"greater", "equal", "cast", "argmax"}
BLOCKED = {"positive", "stopGradient"}  # a gradient exists and is zero

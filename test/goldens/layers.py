"""The layers of the networks in plain PyTorch, written from the papers and from the description of the reference code (compare_gan
unless said otherwise). A network is a `Network`: tensors by name, made on first use. Kernels are OIHW, linear kernels [out, in], kernels of
transposed convolutions [in, out, kh, kw] as in torch.nn.ConvTranspose2d."""
import torch
import torch.nn.functional as F

import hashing

BN_EPSILON, BN_DECAY, LN_EPSILON, HIDDEN = 1e-5, 0.9, 1e-12, 32


class Network:
    """The tensors of one network. `shapes_only` makes them without values, for counting."""

    def __init__(self, name, salt=0, dtype=torch.float64, overrides=None, conditional=False, shapes_only=False):
        self.name, self.salt, self.dtype, self.conditional = name, salt, dtype, conditional
        self.overrides, self.shapes_only = overrides or {}, shapes_only
        self.parameters, self.buffers = {}, {}

    def _first(self, full, shape):
        if self.shapes_only:
            return torch.empty(shape, device="meta")
        value = self.overrides.get(full)
        value = hashing.first_value(self.salt, full, shape, self.conditional) if value is None else hashing.np.float32(value).reshape(shape)
        return torch.tensor(value).to(self.dtype)

    def _get(self, table, path, shape):
        full = f"{self.name}/{path}"
        if full not in table:
            table[full] = self._first(full, tuple(shape))
        assert tuple(table[full].shape) == tuple(shape), (full, table[full].shape, shape)
        return table[full]

    def parameter(self, path, shape):
        return self._get(self.parameters, path, shape)

    def buffer(self, path, shape):
        return self._get(self.buffers, path, shape)

    def update(self, path, value):
        self.buffers[f"{self.name}/{path}"] = value.detach()

    def requires_grad(self, wanted):
        for k, x in self.parameters.items():
            self.parameters[k] = x.detach().requires_grad_(wanted)


# ---------------------------------------------------------------- weights


def l2norm(a):
    return a * torch.rsqrt(torch.clamp((a * a).sum(), min=1e-12))


def kernel_of(net, path, shape, sn):
    """The kernel, divided by its spectral norm if `sn`: one power iteration on M = [out, rest] for each call, u and v constant."""
    kernel = net.parameter(f"{path}/kernel", shape)
    if not sn:
        return kernel
    m = kernel.reshape(shape[0], -1)
    u = net.buffer(f"{path}/u", (m.shape[1],))
    with torch.no_grad():
        v = l2norm(m @ u)
        u = l2norm(m.t() @ v)
    net.update(f"{path}/u", u)
    return kernel / (v @ (m @ u))


def linear(net, path, x, out, sn=False, bias=True):
    y = x @ kernel_of(net, path, (out, x.shape[1]), sn).t()
    return y + net.parameter(f"{path}/bias", (out,)) if bias else y


def same_padding(size, kernel, stride):
    """TensorFlow's SAME: (before, after)."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv(net, path, x, out, size, stride=1, sn=False):
    kernel = kernel_of(net, path, (out, x.shape[1], size, size), sn)
    top, bottom = same_padding(x.shape[2], size, stride)
    x = F.pad(x, (top, bottom, top, bottom))
    return F.conv2d(x, kernel, net.parameter(f"{path}/bias", (out,)), stride=stride)


def deconv(net, path, x, out, size, stride):
    """The input gradient of a SAME convolution from side·stride to side: the full transposed convolution, cut to size."""
    kernel = net.parameter(f"{path}/kernel", (x.shape[1], out, size, size))
    side = x.shape[2] * stride
    before, _ = same_padding(side, size, stride)
    y = F.conv_transpose2d(x, kernel, None, stride=stride)[:, :, before : before + side, before : before + side]
    return y + net.parameter(f"{path}/bias", (out,)).view(1, -1, 1, 1)


def attention(net, path, x, sn=False):
    """Self-attention as in SAGAN's published code: keys and values of 2 × 2 places at once, no biases, gamma on what is added."""
    n, c, h, w = x.shape
    convolve = lambda key, v, out: F.conv2d(v, kernel_of(net, f"{path}/{key}", (out, v.shape[1], 1, 1), sn))
    narrow, half = max(1, c // 8), max(1, c // 2)
    query = convolve("query", x, narrow).flatten(2)
    key = F.max_pool2d(convolve("key", x, narrow), 2).flatten(2)
    value = F.max_pool2d(convolve("value", x, half), 2).flatten(2)
    weights = F.softmax(torch.bmm(query.transpose(1, 2), key), dim=-1)
    seen = torch.bmm(value, weights.transpose(1, 2)).view(n, half, h, w)
    gamma = net.parameter(f"{path}/gamma", (1,))
    return x + gamma * convolve("output", seen, c)


# ---------------------------------------------------------------- resampling


def zeros_between(x):
    """compare_gan's unpool: a zero after every value and after every row."""
    n, c, h, w = x.shape
    rows = torch.stack([x, torch.zeros_like(x)], 4).reshape(n, c, h, 2 * w)
    return torch.stack([rows, torch.zeros_like(rows)], 3).reshape(n, c, 2 * h, 2 * w)


def nearest(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def bilinear(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def smooth_kernel(x):
    """[1, 3, 3, 1] along both axes, for every channel by itself, with sum 1."""
    f = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device)
    f = torch.outer(f, f)
    return (f / f.sum()).view(1, 1, 4, 4).repeat(x.shape[1], 1, 1, 1)


def smooth_up(x):
    """Zeros between, then the filter with four times its sum; zeros beyond the borders."""
    return F.conv_transpose2d(x, 4 * smooth_kernel(x), stride=2, padding=1, groups=x.shape[1])


def smooth_down(x):
    return F.conv2d(x, smooth_kernel(x), stride=2, padding=1, groups=x.shape[1])


def halve(x):
    """2 × 2 means; TensorFlow's SAME pooling counts only what is there, so that a single pixel stays."""
    return F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)


# ---------------------------------------------------------------- normalization


def standardize(net, path, x, unbiased):
    """Statistics of the batch over all axes but the channels'; moves the running ones."""
    axes = [a for a in range(x.dim()) if a != 1]
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    n = x.numel() // x.shape[1]
    kept = variance * (n / (n - 1) if unbiased and n > 1 else 1.0)
    for key, value in (("mean", mean), ("variance", kept)):
        old = net.buffer(f"{path}/{key}", (x.shape[1],))
        net.update(f"{path}/{key}", BN_DECAY * old + (1 - BN_DECAY) * value.reshape(-1))
    return (x - mean) * torch.rsqrt(variance + BN_EPSILON)


def batch_norm(net, path, x, kind, unbiased=False, z=None, y=None, sn=False):
    """kind: none | batch | self-modulated (gamma and beta from z by a small network) | conditional (from the one-hot classes y) | embedded."""
    if kind == "none":
        return x
    h, c = standardize(net, path, x, unbiased), x.shape[1]
    if kind == "batch":
        gamma, beta = (net.parameter(f"{path}/{k}", (c,)).view(1, c) for k in ("gamma", "beta"))
    elif kind == "embedded":  # BigGAN: y is the condition, an embedding of the class behind a chunk of z
        gamma, beta = (linear(net, f"{path}/{k}", y, c, sn, bias=False) for k in ("gamma", "beta"))
        gamma = 1 + gamma
    elif kind == "self-modulated":
        hidden = torch.relu(linear(net, f"{path}/hidden", z, HIDDEN, sn))
        gamma, beta = (linear(net, f"{path}/{k}", hidden, c, sn) for k in ("gamma", "beta"))
    else:
        gamma, beta = (linear(net, f"{path}/{k}", y, c, sn, bias=False) for k in ("gamma", "beta"))
    shape = (gamma.shape[0], c) + (1,) * (x.dim() - 2)
    return h * gamma.reshape(shape) + beta.reshape(shape)


def layer_norm(net, path, x):
    """tf.contrib.layers.layer_norm: statistics over C, H, W of each image; gamma and beta a channel."""
    mean = x.mean((1, 2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean((1, 2, 3), keepdim=True)
    gamma, beta = (net.parameter(f"{path}/{k}", (x.shape[1],)).view(1, -1, 1, 1) for k in ("gamma", "beta"))
    return (x - mean) * torch.rsqrt(variance + LN_EPSILON) * gamma + beta

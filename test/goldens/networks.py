"""The two network forms as plain functions over a dictionary of named tensors, for updates.py. Written from the papers' tables.

compare_gan  ResNet-CIFAR of google/compare_gan: zero-insertion unpooling, 3×3 shortcuts always, mean pooling, sigmoid.
mimicry      SNGAN-ResNet of kwotsin/mimicry: bilinear upsampling, 1×1 or identity shortcuts, optimized first block, sum
             pooling, tanh.

Kernels are OIHW, linear kernels [out, in]. Spectral normalization follows compare_gan's "left" scheme in BOTH forms, with one
buffer u a layer of size in·kh·kw (mimicry itself keeps u and v as torch.nn.utils.spectral_norm does): one implementation, two forms.
The shortcut of mimicry's blocks reads the raw block input, as in SN-GAN. (mimicry's own DBlock applies ReLU in place first, so its
shortcut reads relu(x); that side effect is not part of the form defined here.)
"""
from math import log2

import torch
import torch.nn.functional as F

BN_EPSILON = 1e-5
FORMS = {
    "compare_gan": dict(generator="zeroInsertion", discriminator="plain", shortcut=3, pooling="mean", image="sigmoid",
                        runningVariance="biased", pixels="x / 255"),
    "mimicry": dict(generator="bilinear", discriminator="optimized", shortcut=1, pooling="sum", image="tanh",
                    runningVariance="unbiased", pixels="x / 127.5 - 1"),
}

# ---------------------------------------------------------------- parameters and buffers, in creation order


def conv_entry(name, cin, cout, k):
    return [(f"{name}/kernel", (cout, cin, k, k)), (f"{name}/bias", (cout,))]


def norm_entry(name, c):
    return [(f"{name}/gamma", (c,)), (f"{name}/beta", (c,))]


def linear_entry(name, cin, cout):
    return [(f"{name}/kernel", (cout, cin)), (f"{name}/bias", (cout,))]


def generator_layout(form, width, resolution, latent):
    k = FORMS[form]["shortcut"]
    p = linear_entry("generator/fcNoise", latent, 16 * width)
    buffers = []
    blocks = [f"generator/block{i + 1}" for i in range(int(log2(resolution // 4)))]
    for b in blocks:  # every block upsamples, so every block has a shortcut convolution in both forms
        p += conv_entry(f"{b}/shortcut", width, width, k)
        p += norm_entry(f"{b}/norm1", width) + conv_entry(f"{b}/conv1", width, width, 3)
        p += norm_entry(f"{b}/norm2", width) + conv_entry(f"{b}/conv2", width, width, 3)
    p += norm_entry("generator/finalNorm", width) + conv_entry("generator/finalConv", width, 3, 3)
    for n in [n[: -len("/gamma")] for n, _ in p if n.endswith("/gamma")]:
        buffers += [(f"{n}/mean", (width,)), (f"{n}/variance", (width,))]
    return p, buffers


def discriminator_blocks(resolution):
    """(name, halves the map): log2(resolution / 8) blocks that do, then two that do not."""
    downs = int(log2(resolution // 8))
    return [(f"discriminator/block{i + 1}", i < downs) for i in range(downs + 2)]


def discriminator_layout(form, width, resolution):
    p = []
    for i, (b, down) in enumerate(discriminator_blocks(resolution)):
        cin = 3 if i == 0 else width
        if form == "compare_gan" or down or cin != width:
            p += conv_entry(f"{b}/shortcut", cin, width, FORMS[form]["shortcut"])
        p += conv_entry(f"{b}/conv1", cin, width, 3) + conv_entry(f"{b}/conv2", width, width, 3)
    p += linear_entry("discriminator/finalFc", width, 1) + linear_entry("discriminator/rotation", width, 4)
    buffers = [(n.replace("/kernel", "/u"), (int(torch.tensor(s[1:]).prod()),)) for n, s in p if n.endswith("/kernel")]
    return p, buffers


def count(layout):
    return sum(int(torch.tensor(shape).prod()) for _, shape in layout)


# ---------------------------------------------------------------- layers. `s` maps names to tensors; buffers in it are replaced


def convolve(s, name, x, kernel=None):
    kernel = s[f"{name}/kernel"] if kernel is None else kernel
    return F.conv2d(x, kernel, s[f"{name}/bias"], padding=kernel.shape[-1] // 2)


def batch_norm(s, name, x, unbiased):
    """Training mode: batch statistics over N, H, W; biased variance normalizes. Running = 0.9·running + 0.1·batch."""
    mean = x.mean((0, 2, 3))
    centered = x - mean.view(1, -1, 1, 1)
    variance = (centered**2).mean((0, 2, 3))
    n = x.numel() // x.shape[1]
    kept = variance.detach() * (n / (n - 1) if unbiased else 1.0)
    s[f"{name}/mean"] = 0.9 * s[f"{name}/mean"] + 0.1 * mean.detach()
    s[f"{name}/variance"] = 0.9 * s[f"{name}/variance"] + 0.1 * kept
    scale = s[f"{name}/gamma"] * torch.rsqrt(variance + BN_EPSILON)
    return centered * scale.view(1, -1, 1, 1) + s[f"{name}/beta"].view(1, -1, 1, 1)


def l2norm(a):
    return a * torch.rsqrt(torch.clamp((a * a).sum(), min=1e-12))


def spectral_kernel(s, name):
    """kernel / sigma after one power iteration on M = kernel viewed as [out, in·kh·kw]; u and v are constants to the gradient."""
    kernel = s[f"{name}/kernel"]
    m = kernel.reshape(kernel.shape[0], -1)
    with torch.no_grad():
        v = l2norm(m @ s[f"{name}/u"])
        u = l2norm(m.t() @ v)
    s[f"{name}/u"] = u
    return kernel / (v @ (m @ u))


def upsample(form, x):
    if FORMS[form]["generator"] == "bilinear":
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    n, c, h, w = x.shape
    rows = torch.stack([x, torch.zeros_like(x)], 4).reshape(n, c, h, 2 * w)  # a zero after every value …
    return torch.stack([rows, torch.zeros_like(rows)], 3).reshape(n, c, 2 * h, 2 * w)  # … and after every row


# ---------------------------------------------------------------- the networks


def generator(s, form, z):
    """latents [N, Z] -> images [N, 3, S, S] in the form's range."""
    unbiased = FORMS[form]["runningVariance"] == "unbiased"
    h = z @ s["generator/fcNoise/kernel"].t() + s["generator/fcNoise/bias"]
    h = h.reshape(z.shape[0], -1, 4, 4)
    for b in sorted({n.rsplit("/", 2)[0] for n in s if n.startswith("generator/block") and n.endswith("conv1/kernel")}):
        main = upsample(form, torch.relu(batch_norm(s, f"{b}/norm1", h, unbiased)))
        main = convolve(s, f"{b}/conv1", main)
        main = convolve(s, f"{b}/conv2", torch.relu(batch_norm(s, f"{b}/norm2", main, unbiased)))
        h = main + convolve(s, f"{b}/shortcut", upsample(form, h))
    h = torch.relu(batch_norm(s, "generator/finalNorm", h, unbiased))
    h = convolve(s, "generator/finalConv", h)
    return torch.sigmoid(h) if FORMS[form]["image"] == "sigmoid" else torch.tanh(h)


def discriminator(s, form, x):
    """images [B, 3, S, S] -> real/fake logits [B], rotation logits [B, 4]. One power iteration on every layer."""

    def conv(name, x):
        return convolve(s, name, x, spectral_kernel(s, name))

    def linear(name, x):
        return x @ spectral_kernel(s, name).t() + s[f"{name}/bias"]

    for i, (b, down) in enumerate(discriminator_blocks(x.shape[-1])):
        pool = (lambda t: F.avg_pool2d(t, 2)) if down else (lambda t: t)
        first = i == 0 and FORMS[form]["discriminator"] == "optimized"
        main = conv(f"{b}/conv1", x if first else torch.relu(x))
        main = pool(conv(f"{b}/conv2", torch.relu(main)))
        if f"{b}/shortcut/kernel" not in s:
            shortcut = x
        elif first:
            shortcut = conv(f"{b}/shortcut", pool(x))
        else:
            shortcut = pool(conv(f"{b}/shortcut", x))
        x = main + shortcut
    h = torch.relu(x)
    h = h.mean((2, 3)) if FORMS[form]["pooling"] == "mean" else h.sum((2, 3))
    return linear("discriminator/finalFc", h)[:, 0], linear("discriminator/rotation", h)

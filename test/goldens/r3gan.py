"""R3GAN's networks (brownvc/R3GAN): r3gan_g, r3gan_d as in architectures.py."""
import torch

import layers as L
from residual import CHANNELS, chunks, leaky_relu, proportional

R3GAN = {16: [768] * 3, 32: [768] * 4, 64: [768] * 4 + [384], 128: [768] * 4 + [384, 192]}


def conv_plain(net, path, x, out, sn, size=1, groups=1):
    """Without a bias, of stride 1, and of the same size."""
    kernel = L.kernel_of(net, path, (out, x.shape[1] // groups, size, size), sn)
    return torch.nn.functional.conv2d(x, kernel, padding=size // 2, groups=groups)


def r3gan_block(net, path, x, sn, norm):
    """x + 1×1(leaky(grouped 3×3(leaky(1×1(x))))), twice as wide inside, with a bias before each activation; `norm` before the bias."""
    c = x.shape[1]
    act = lambda conv, key, v: leaky_relu(norm(f"{path}/{key}", v) + net.parameter(f"{path}/{conv}/bias", (2 * c,)).view(1, -1, 1, 1), 0.2)
    y = act("conv1", "norm1", conv_plain(net, f"{path}/conv1", x, 2 * c, sn))
    y = act("grouped", "norm2", conv_plain(net, f"{path}/grouped", y, 2 * c, sn, 3, min(96, c // 8)))
    return x + conv_plain(net, f"{path}/conv2", y, c, sn)


def r3gan_g(net, z, y, o):
    table = R3GAN[o.resolution]
    widths = proportional(o.width, table[0], table)
    z0, *zs = chunks(z, 2 * len(widths) + 1, o.hierarchical)
    basis = net.parameter("basis/map", (widths[0], 4, 4))
    x = basis[None] * L.linear(net, "basis", z0, widths[0], o.sn, bias=False)[:, :, None, None]
    for s, width in enumerate(widths):
        if s > 0:
            x = L.smooth_up(x if x.shape[1] == width else conv_plain(net, f"up{s}", x, width, o.sn))
        for i in (2 * s, 2 * s + 1):
            condition = torch.cat([zs[i], y], 1) if o.hierarchical and y is not None else y
            norm = lambda path, v: L.batch_norm(net, path, v, o.norm, True, zs[i], condition, o.sn)
            x = r3gan_block(net, f"block{i + 1}", x, o.sn, norm)
    return conv_plain(net, "finalConv", x, CHANNELS, o.sn)


def r3gan_d(net, x, o):
    table = R3GAN[o.resolution][::-1]
    widths, maps = proportional(o.width, table[0], table), []
    norm = lambda path, v: L.layer_norm(net, path, v) if o.norm == "layer" else v
    x = conv_plain(net, "firstConv", x, widths[0], o.sn)
    for s, width in enumerate(widths):
        if s > 0:
            x = L.smooth_down(x)
            x = x if x.shape[1] == width else conv_plain(net, f"down{s}", x, width, o.sn)
        for _ in range(2):
            x = r3gan_block(net, f"block{len(maps) + 1}", x, o.sn, norm)
            maps.append(x)
    kernel = L.kernel_of(net, "basis", (widths[-1], 1, 4, 4), o.sn)
    return maps, torch.nn.functional.conv2d(x, kernel, groups=widths[-1])[:, :, 0, 0]

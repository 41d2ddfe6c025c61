"""The networks, one pair of functions an architecture, from the papers' tables and the reference implementations:

resnet-cifar, resnet5, resnet-stl, sndcgan, dcgan   google/compare_gan
sngan-resnet                                        kwotsin/mimicry (its cGAN-PD for the conditional form)
zq-resnet                                           zhangqianhui/Self-Supervised-GANs
biggan, resnet-biggan                               ajbrock/BigGAN-PyTorch, google/compare_gan
r3gan                                               brownvc/R3GAN
fastgan                                             Liu et al. 2021 and its authors' code (fastgan.py)
pyramid                                             the blocks of sngan-resnet; a map of side s is 64 · min(4, S / s) wide

generator(net, z, y, o) → images; discriminator(net, x, o) → (feature maps after each block or layer, pooled features). `o` has `resolution`,
`width`, `norm`, `sn`, `hierarchical`, and maybe `attention`, the side of the map behind which self-attention stands, and `embedding`, the length of an embedding of the classes. The heads are common to all: `heads`.
"""
from math import log2

import torch

import fastgan
import layers as L

CHANNELS = 3


# No map of a narrowed network has fewer channels than this, unless the network is that narrow itself or the table has fewer.
FEWEST_CHANNELS = 16


def proportional(width, full, channels):
    """The table's channels, scaled by width / full; too narrow maps are as wide as they must be."""
    scaled = [max(c * width / full, min(FEWEST_CHANNELS, width, c)) for c in channels]
    assert all(c == int(c) for c in scaled), (width, full, channels)
    return [int(c) for c in scaled]


# ---------------------------------------------------------------- residual blocks


def chunks(z, count, hierarchical):
    """z for the seed and for each block. With hierarchical z each has its own chunk; the last norm sees all of z."""
    return list(z.split(z.shape[1] // count, 1)) if hierarchical else [z] * count


def attend(net, block, x, o, before):
    """Self-attention behind the first block that gives a map of the side `o.attention`; `before`: sides of the maps of earlier blocks."""
    here = x.shape[2] == getattr(o, "attention", None) and x.shape[2] not in before
    return L.attention(net, f"{block}/attention", x, o.sn) if here else x


def up_block(net, path, x, out, z, y, o, f, up):
    """Pre-activated: norm, relu, (up), conv, norm, relu, conv, beside a shortcut. `f` is the family's way of doing it."""
    kind = "embedded" if getattr(o, "embedding", 0) else o.norm
    sn = o.sn and (kind != "conditional" or f["snClasses"])
    norm = lambda key, v: torch.relu(L.batch_norm(net, f"{path}/{key}", v, kind, f["unbiased"], z, y, sn))
    scale = f["up"] if up else (lambda v: v)
    h = norm("norm1", x)
    main = L.conv(net, f"{path}/conv1", scale(h), out, 3, sn=o.sn)
    main = L.conv(net, f"{path}/conv2", norm("norm2", main), out, 3, sn=o.sn)
    if f["shortcut"] == "activated":  # zhangqianhui: no convolution, and the branch begins after the first norm and relu
        return main + scale(h)
    if f["shortcut"] == 3:
        return main + L.conv(net, f"{path}/shortcut", scale(x), out, 3, sn=o.sn)
    return main + (L.conv(net, f"{path}/shortcut", scale(x), out, 1, sn=o.sn) if up or x.shape[1] != out else x)


def residual_generator(net, z, y, o, f, side, channels, ups):
    z0, *blocks = chunks(z, len(ups) + 1, o.hierarchical)
    if getattr(o, "embedding", 0):  # an embedding layer, never normalized
        y = L.linear(net, "classes", y, o.embedding, bias=False)
    x = L.linear(net, "fcNoise", z0, side * side * channels[0], o.sn and f["snEnds"])
    x = x.reshape(-1, channels[0], side, side)
    sides = []
    for i, up in enumerate(ups):
        # compare_gan puts a block's own chunk of z before the classes.
        condition = torch.cat([blocks[i], y], 1) if o.hierarchical and y is not None else y
        x = up_block(net, f"block{i + 1}", x, channels[i + 1], blocks[i], condition, o, f, up)
        x = attend(net, f"block{i + 1}", x, o, sides)
        sides.append(x.shape[2])
    last = "batch" if o.norm == "conditional" and f["lastNorm"] == "plain" else o.norm
    x = torch.relu(L.batch_norm(net, "finalNorm", x, last, f["unbiased"], z, y, o.sn))
    x = L.conv(net, "finalConv", x, CHANNELS, 3, sn=o.sn and f["snEnds"])
    return torch.sigmoid(x) if f["image"] == "sigmoid" else (torch.tanh(x) + 1) / 2 if f["image"] == "tanh, moved" else torch.tanh(x)


def down_block(net, path, x, out, o, f, down, hidden=None, first=False):
    halve = L.halve if down else (lambda v: v)
    norm = lambda key, v: L.layer_norm(net, f"{path}/{key}", v) if o.norm == "layer" else v
    conv = lambda key, v, c, k=3: L.conv(net, f"{path}/{key}", v, c, k, sn=o.sn)
    optimized = first and f["first"] != "plain"
    main = conv("conv1", x if optimized else torch.relu(norm("norm1", x)), hidden or out)
    main = conv("conv2", torch.relu(norm("norm2", main)), out)
    if first and f["first"] == "relu at the end":
        main = torch.relu(main)
    main = halve(main)
    if f["shortcut"] == 3:
        return main + halve(conv("shortcut", x, out))
    if f["shortcut"] == "always in G":  # compare_gan's BigGAN has no way around where the channels stay
        return main + halve(conv("shortcut", x, out, 1)) if x.shape[1] != out else main
    if f["shortcut"] == "activated":
        return main + conv("shortcut", halve(x), out, 1)
    if optimized:
        return main + conv("shortcut", halve(x), out, 1)
    return main + (halve(conv("shortcut", x, out, 1)) if down or x.shape[1] != out else x)


def residual_discriminator(net, x, o, f, channels, downs):
    maps = []
    for i, down in enumerate(downs):
        hidden = x.shape[1] if f["hidden"] == "in" and i > 0 else None
        x = down_block(net, f"block{i + 1}", x, channels[i], o, f, down, hidden, first=i == 0)
        x = attend(net, f"block{i + 1}", x, o, [m.shape[2] for m in maps])
        maps.append(x)
    h = torch.relu(x)
    return maps, h.mean((2, 3)) if f["pool"] == "mean" else h.sum((2, 3))


COMPARE_GAN = dict(snClasses=True, up=L.zeros_between, shortcut=3, unbiased=False, image="sigmoid", lastNorm="as the others", snEnds=True,
                   first="plain", hidden="out", pool="mean")
RESNET5 = COMPARE_GAN | dict(snEnds=False)  # fc_noise and final_conv are called without use_sn
MIMICRY = dict(snClasses=True, up=L.bilinear, shortcut=1, unbiased=True, image="tanh", lastNorm="plain", snEnds=True,
               first="no relu before conv1", hidden="in", pool="sum")
# Fused batch norm of TensorFlow 1 keeps the unbiased variance.
ZQ = dict(snClasses=True, up=L.nearest, shortcut="activated", unbiased=True, image="tanh", lastNorm="as the others", snEnds=True,
          first="relu at the end", hidden="out", pool="sum")


# Nearest neighbors, a norm of the classes without spectral normalization unless they are embedded; D is wide inside a block.
BIGGAN = dict(snClasses=False, up=L.nearest, shortcut=1, unbiased=True, image="tanh", lastNorm="plain", snEnds=True,
              first="no relu before conv1", hidden="out", pool="sum")
RESNET_BIGGAN = dict(snClasses=True, up=L.zeros_between, shortcut="always in G", unbiased=False, image="tanh, moved", lastNorm="plain",
                     snEnds=True, first="plain", hidden="out", pool="sum")


def doublings(resolution, side):
    count = log2(resolution / side)
    assert count == int(count), (resolution, side)
    return int(count)


# ---------------------------------------------------------------- compare_gan's


def resnet_cifar_g(net, z, y, o):
    ups = [True] * doublings(o.resolution, 4)
    return residual_generator(net, z, y, o, COMPARE_GAN, 4, [o.width] * (len(ups) + 1), ups)


def resnet_cifar_d(net, x, o):
    downs = [True] * doublings(o.resolution, 8) + [False, False]
    return residual_discriminator(net, x, o, COMPARE_GAN, [o.width] * len(downs), downs)


def resnet5_g(net, z, y, o):
    """Five blocks at any resolution; the first log2(S / 4) of them double."""
    ups = [i < doublings(o.resolution, 4) for i in range(5)]
    return residual_generator(net, z, y, o, RESNET5, 4, proportional(o.width, 512, [512, 512, 256, 256, 128, 64]), ups)


def resnet5_d(net, x, o):
    return residual_discriminator(net, x, o, COMPARE_GAN, proportional(o.width, 64, [64, 128, 256, 256, 512, 512]), [True] * 6)


def resnet_stl_g(net, z, y, o):
    return residual_generator(net, z, y, o, RESNET5, 6, proportional(o.width, 512, [512, 256, 128, 64]), [True] * 3)


def resnet_stl_d(net, x, o):
    channels = proportional(o.width, 64, [64, 128, 256, 512, 1024])
    return residual_discriminator(net, x, o, COMPARE_GAN, channels, [True] * 4 + [False])


def plain_norm(net, path, x, z, y, o):
    return torch.relu(L.batch_norm(net, path, x, o.norm, False, z, y, False))


def sndcgan_g(net, z, y, o):
    side, channels = o.resolution // 8, proportional(o.width, 512, [512, 256, 128, 64])
    x = L.linear(net, "fcNoise", z, side * side * channels[0])
    # Plain batch norm sees the flat vector: each unit is a channel. The modulated ones need maps.
    if o.norm == "batch":
        x = plain_norm(net, "norm1", x, z, y, o).reshape(-1, channels[0], side, side)
    else:
        x = plain_norm(net, "norm1", x.reshape(-1, channels[0], side, side), z, y, o)
    for i in (1, 2, 3):
        x = plain_norm(net, f"norm{i + 1}", L.deconv(net, f"deconv{i}", x, channels[i], 4, 2), z, y, o)
    return (torch.tanh(L.deconv(net, "deconv4", x, CHANNELS, 3, 1)) + 1) / 2


def leaky_relu(x, slope):
    return torch.maximum(x, slope * x)


def sndcgan_d(net, x, o):
    c = proportional(o.width, 64, [64, 128, 256, 512])
    rows = [(3, 1, c[0]), (4, 2, c[1]), (3, 1, c[1]), (4, 2, c[2]), (3, 1, c[2]), (4, 2, c[3]), (3, 1, c[3])]
    x, maps = x * 2 - 1, []
    for i, (size, stride, out) in enumerate(rows, 1):
        x = L.conv(net, f"conv{i}", x, out, size, stride, o.sn)
        if o.norm == "layer" and i > 1:
            x = L.layer_norm(net, f"norm{i}", x)
        maps.append(x)
        x = leaky_relu(x, 0.1)
    return maps, x.reshape(x.shape[0], -1)


def dcgan_g(net, z, y, o):
    side, channels = o.resolution // 16, proportional(o.width, 512, [512, 256, 128, 64])
    x = L.linear(net, "fcNoise", z, side * side * channels[0]).reshape(-1, channels[0], side, side)
    x = plain_norm(net, "norm1", x, z, y, o)
    for i in (1, 2, 3):
        x = plain_norm(net, f"norm{i + 1}", L.deconv(net, f"deconv{i}", x, channels[i], 5, 2), z, y, o)
    return 0.5 * torch.tanh(L.deconv(net, "deconv4", x, CHANNELS, 5, 2)) + 0.5


def dcgan_d(net, x, o):
    maps = []
    for i, out in enumerate(proportional(o.width, 64, [64, 128, 256, 512]), 1):
        x = L.conv(net, f"conv{i}", x, out, 5, 2, o.sn)
        if o.norm == "layer" and i > 1:
            x = L.layer_norm(net, f"norm{i}", x)
        maps.append(x)
        x = leaky_relu(x, 0.2)
    return maps, x.reshape(x.shape[0], -1)


# ---------------------------------------------------------------- mimicry's and zhangqianhui's


def sngan_g(net, z, y, o):
    if o.resolution in (16, 32):
        ups, channels, side = [True] * doublings(o.resolution, 4), [o.width] * 4, 4
    else:
        full, channels, side = {48: (512, [512, 256, 128, 64], 6), 64: (1024, [1024, 512, 256, 128, 64], 4),
                                128: (1024, [1024, 1024, 512, 256, 128, 64], 4)}[o.resolution]
        channels = proportional(o.width, full, channels)
        ups = [True] * (len(channels) - 1)
    return residual_generator(net, z, y, o, MIMICRY, side, channels, ups)


def sngan_d(net, x, o):
    if o.resolution in (16, 32):
        downs = [True] * doublings(o.resolution, 8) + [False, False]
        channels = [o.width] * len(downs)
    else:
        channels, downs = {48: ([64, 128, 256, 512, 1024], [True] * 4 + [False]), 64: ([64, 128, 256, 512, 1024], [True] * 5),
                           128: ([64, 128, 256, 512, 1024, 1024], [True] * 5 + [False])}[o.resolution]
        channels = proportional(o.width, 64, channels)
    return residual_discriminator(net, x, o, MIMICRY, channels, downs)


def pyramid_channels(o, sides):
    """The width is that of a map as large as the image; at half the side, twice as many channels, up to four times as many."""
    return proportional(o.width, 64, [64 * min(4, o.resolution // side) for side in sides])


def pyramid_g(net, z, y, o):
    sides = [4 << i for i in range(doublings(o.resolution, 4) + 1)]
    return residual_generator(net, z, y, o, MIMICRY, 4, pyramid_channels(o, sides), [True] * (len(sides) - 1))


def pyramid_d(net, x, o):
    """A block gives as many channels as the map it takes is wide, and halves it; the last one stays at 4 × 4."""
    sides = [o.resolution >> i for i in range(doublings(o.resolution, 4) + 1)]
    return residual_discriminator(net, x, o, MIMICRY, pyramid_channels(o, sides), [side > 4 for side in sides])


# Channels in units of `ch`: of the seed and behind each block; of D's blocks, all of which but so many last ones halve the map.
BIGGAN_G = {32: [4, 4, 4, 4], 64: [16, 16, 8, 4, 2], 128: [16, 16, 8, 4, 2, 1]}
BIGGAN_D = {32: ([4, 4, 4, 4], 2), 64: ([1, 2, 4, 8, 16], 1), 128: ([1, 2, 4, 8, 16, 16], 1)}
RESNET_BIGGAN_D = {32: ([2, 2, 2, 2], 1), 64: ([2, 4, 8, 16, 16], 1), 128: ([1, 2, 4, 8, 16, 16], 1)}


def biggan_unit(o, compare_gan):
    return 96 if compare_gan or o.resolution == 128 else 64


def big_g(family, compare_gan):
    def make(net, z, y, o):
        table = [biggan_unit(o, compare_gan) * c for c in BIGGAN_G[o.resolution]]
        return residual_generator(net, z, y, o, family, 4, proportional(o.width, table[0], table), [True] * (len(table) - 1))
    return make


def big_d(family, tables, compare_gan):
    def make(net, x, o):
        counts, last = tables[o.resolution]
        table = [biggan_unit(o, compare_gan) * c for c in counts]
        return residual_discriminator(net, x, o, family, proportional(o.width, table[0], table), [True] * (len(table) - last) + [False] * last)
    return make


# ---------------------------------------------------------------- R3GAN's

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


def zq_g(net, z, y, o):
    return residual_generator(net, z, y, o, ZQ, o.resolution // 8, [o.width] * 4, [True] * 3)


def zq_d(net, x, o):
    return residual_discriminator(net, x, o, ZQ, [o.width] * 4, [True, True, False, False])


ARCHITECTURES = {
    "resnet-cifar": (resnet_cifar_g, resnet_cifar_d, "unit"),
    "resnet5": (resnet5_g, resnet5_d, "unit"),
    "resnet-stl": (resnet_stl_g, resnet_stl_d, "unit"),
    "sndcgan": (sndcgan_g, sndcgan_d, "unit"),
    "dcgan": (dcgan_g, dcgan_d, "unit"),
    "sngan-resnet": (sngan_g, sngan_d, "symmetric"),
    "zq-resnet": (zq_g, zq_d, "symmetric"),
    "pyramid": (pyramid_g, pyramid_d, "symmetric"),
    "biggan": (big_g(BIGGAN, False), big_d(BIGGAN, BIGGAN_D, False), "symmetric"),
    "resnet-biggan": (big_g(RESNET_BIGGAN, True), big_d(RESNET_BIGGAN, RESNET_BIGGAN_D, True), "unit"),
    "r3gan": (r3gan_g, r3gan_d, "symmetric"),
    "fastgan": (fastgan.fastgan_g, fastgan.fastgan_d, "symmetric"),
}

# ---------------------------------------------------------------- heads


def judge(net, images, y, architecture, o, rotation=True, projection=False, head=("rotation", 4), adversarial=True):
    """One pass of the discriminator: real/fake logits [B], of a network that judges patches [B, P], or None, logits of the task's head [B, outputs] or None, feature maps, pooled features."""
    maps, pooled = ARCHITECTURES[architecture][1](net, images, o)
    bias = architecture != "r3gan"
    logits = None
    if adversarial:
        logits = fastgan.patches(net, maps, o) if architecture == "fastgan" else L.linear(net, "finalFc", pooled, 1, o.sn, bias)[:, 0]
    if projection:
        added = (L.linear(net, "projection", y, pooled.shape[1], o.sn, bias=False) * pooled).sum(1)
        logits = logits + (added[:, None] if logits.dim() == 2 else added)
    turns = L.linear(net, head[0], pooled, head[1], o.sn, bias) if rotation else None
    return logits, turns, maps, pooled


def generate(net, z, y, architecture, o):
    return ARCHITECTURES[architecture][0](net, z, y, o)

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
import torch

import fastgan
import layers as L
from r3gan import r3gan_d, r3gan_g
from residual import (BIGGAN, CHANNELS, COMPARE_GAN, MIMICRY, RESNET5, RESNET_BIGGAN, ZQ, doublings, leaky_relu, proportional, residual_discriminator,
                      residual_generator)

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


def judge(net, images, y, architecture, o, rotation=True, projection=False, head=("rotation", 4), adversarial=True, predicted=None):
    """One pass of the discriminator: real/fake logits [B], of a network that judges patches [B, P], or None, logits of the task's head [B, outputs] or None, feature maps, pooled features."""
    maps, pooled = ARCHITECTURES[architecture][1](net, images, o)
    bias = architecture != "r3gan"
    logits = None
    if adversarial:
        logits = fastgan.patches(net, maps, o) if architecture == "fastgan" else L.linear(net, "finalFc", pooled, 1, o.sn, bias)[:, 0]
    if predicted:
        y, pooled.class_logits = given_or_predicted(net, pooled, y, predicted == "soft", o.sn, bias)
    if projection:
        added = (L.linear(net, "projection", y, pooled.shape[1], o.sn, bias=False) * pooled).sum(1)
        logits = logits + (added[:, None] if logits.dim() == 2 else added)
    turns = L.linear(net, head[0], pooled, head[1], o.sn, bias) if rotation else None
    return logits, turns, maps, pooled


def given_or_predicted(net, pooled, y, soft, sn, bias):
    """S3GAN (Lucic et al. 2019): y one-hot, or zeros for an image without a label, for which a linear head answers. Nothing is learned through the answer."""
    logits = L.linear(net, "predictor", pooled, y.shape[1], sn, bias)
    rows = []
    for row, given in zip(logits.detach(), y):
        answer = torch.softmax(row, 0) if soft else torch.nn.functional.one_hot(row.argmax(), len(row)).to(row.dtype)
        rows.append(given if given.sum() > 0.5 else answer)
    return torch.stack(rows), logits


def generate(net, z, y, architecture, o):
    return ARCHITECTURES[architecture][0](net, z, y, o)

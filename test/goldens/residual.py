"""Residual blocks and networks of them, in the ways of their families; architectures.py has the tables."""
from math import log2

import torch

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


def leaky_relu(x, slope):
    return torch.maximum(x, slope * x)

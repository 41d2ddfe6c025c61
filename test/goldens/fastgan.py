"""FastGAN's networks (Liu et al. 2021), after the paper and a description of the authors' models.py, with torch's own modules of layers.

fastgan_g, fastgan_d as in architectures.py; `patches`, the logits of all windows; `decoders`, the images painted again. A map is as wide as in
the authors' code for 256 pixels, scaled by the width; for smaller images the discriminator begins later.

    /usr/bin/python3 test/goldens/fastgan.py       # asserts the parameters of the authors' two modules at 256 pixels
"""
import torch
import torch.nn.functional as F

import layers as L

# By the side of the map: in units of ngf = 64; D's maps as it names them are of twice the side.
G = {4: 1024, 8: 512, 16: 256, 32: 128, 64: 128, 128: 64, 256: 32}
D = {256: 16, 128: 32, 64: 64, 32: 128, 16: 256, 8: 512}
HALF = {64: 32, 32: 64, 16: 128, 8: 256}
DECODER = {16: 128, 32: 64, 64: 64, 128: 32}
FEWEST = 16


def width(channels, o, full):
    w = max(channels * o.width / full, min(FEWEST, o.width, channels))
    assert w == int(w), (channels, o.width, full)
    return int(w)


def conv(net, path, x, out, size, sn, stride=1, padding=None):
    kernel = L.kernel_of(net, path, (out, x.shape[1], size, size), sn)
    return F.conv2d(x, kernel, stride=stride, padding=(size - 1) // 2 if padding is None else padding)


def excite(net, path, small, big, sn):
    c = big.shape[1]
    v = conv(net, f"{path}/squeeze", F.adaptive_avg_pool2d(small, 4), c, 4, sn, padding=0)
    return big * torch.sigmoid(conv(net, f"{path}/excite", F.silu(v), c, 1, sn))


def noisy(net, path, x):
    """One number a place, the same for all channels, by a learned strength. Not for images that are only looked at."""
    strength = net.parameter(f"{path}/weight", (1,))
    noise = getattr(net, "noise", None)
    return x if noise is None else x + strength * noise(path, (x.shape[0], 1, *x.shape[2:]))


def fastgan_g(net, z, y, o):
    norm = lambda path, x: L.batch_norm(net, path, x, o.norm, True, z, y, o.sn)
    side, maps = 4, {}
    c = width(G[4], o, G[4])
    kernel = L.kernel_of(net, "init", (2 * c, z.shape[1], 4, 4), o.sn)
    x = F.conv_transpose2d(z[:, :, None, None], kernel.transpose(0, 1))
    maps[4] = F.glu(norm("init/norm", x), 1)
    number = 0
    while side < o.resolution:
        side, number = 2 * side, number + 1
        path, c, twice = f"block{number}", width(G[side], o, G[4]), side in (8, 32, 128)
        x = L.nearest(maps[side // 2])
        for layer in (1, 2) if twice else (1,):
            x = conv(net, f"{path}/conv{layer}", x, 2 * c, 3, o.sn)
            x = noisy(net, f"{path}/noise{layer}", x) if twice else x
            x = F.glu(norm(f"{path}/norm{layer}", x), 1)
        maps[side] = excite(net, f"{path}/gate", maps[side // 16], x, o.sn) if side >= 64 else x
    return conv(net, "finalConv", maps[side], 3, 3, o.sn)


def leaky(net, path, x, o):
    return F.leaky_relu(L.layer_norm(net, path, x) if o.norm == "layer" else x, 0.2)


def fastgan_d(net, x, o):
    """Maps behind each halving block, and means of the last; net.half keeps the last map of the other trunk."""
    full = D[o.resolution]
    images, side = x, o.resolution
    maps = {side: F.leaky_relu(conv(net, "firstConv", x, width(D[side], o, full), 3, o.sn), 0.2)}
    for number in range(1, 10):
        if side == 8:
            break
        x, side = maps[side], side // 2
        c, path = width(D[side], o, full), f"block{number}"
        main = leaky(net, f"{path}/norm1", conv(net, f"{path}/conv1", x, c, 4, o.sn, stride=2), o)
        main = leaky(net, f"{path}/norm2", conv(net, f"{path}/conv2", main, c, 3, o.sn), o)
        direct = leaky(net, f"{path}/norm3", conv(net, f"{path}/shortcut", F.avg_pool2d(x, 2), c, 1, o.sn), o)
        y = (main + direct) / 2
        maps[side] = excite(net, f"{path}/gate", maps[8 * side], y, o.sn) if 8 * side in maps else y
    h, side = F.interpolate(images, scale_factor=0.5), o.resolution // 4
    h = F.leaky_relu(conv(net, "half/firstConv", h, width(HALF[side], o, full), 4, o.sn, stride=2), 0.2)
    for number in range(1, 10):
        if h.shape[2] == 8:
            break
        h = conv(net, f"half/conv{number}", h, width(HALF[h.shape[2] // 2], o, full), 4, o.sn, stride=2)
        h = leaky(net, f"half/norm{number}", h, o)
    net.half = h
    found = [maps[s] for s in sorted(maps, reverse=True)][1:]
    return found, found[-1].mean((2, 3))


def patches(net, maps, o):
    """Logits [M, 50]: 25 windows of the first trunk's last map, then 25 of the other's."""
    h = leaky(net, "patches/norm", conv(net, "patches/hidden", maps[-1], 2 * maps[-1].shape[1], 1, o.sn), o)
    return torch.cat([conv(net, "patches/whole", h, 1, 4, o.sn, padding=0).flatten(1),
                      conv(net, "patches/half", net.half, 1, 4, o.sn, padding=0).flatten(1)], 1)


def quarter(x, number):
    """0 … 3: top left, top right, bottom left, bottom right."""
    side = x.shape[2] // 2
    top, left = number // 2 * side, number % 2 * side
    return x[:, :, top : top + side, left : left + side]


def decode(net, path, x, o):
    side, number = x.shape[2], 0
    while side < o.resolution // 2:
        side, number = 2 * side, number + 1
        c = max(4, int(DECODER[side] * o.width / D[o.resolution] + 0.5))
        x = conv(net, f"{path}/conv{number}", L.nearest(x), 2 * c, 3, o.sn)
        x = F.glu(L.layer_norm(net, f"{path}/norm{number}", x) if o.norm == "layer" else x, 1)
    return torch.tanh(conv(net, f"{path}/finalConv", x, 3, 3, o.sn))


def decoders(net, maps, half, o, numbers):
    """`numbers`: the quarter of each image that the third one paints."""
    part = torch.cat([quarter(m[None], int(k)) for m, k in zip(maps[-2], numbers)])
    return [decode(net, f"reconstruction/{key}", x, o) for key, x in (("whole", maps[-1]), ("half", half), ("quadrant", part))]


def reconstruction(net, maps, half, o, numbers, images):
    painted = decoders(net, maps, half, o, numbers)
    small = F.interpolate(images, scale_factor=0.5)
    part = torch.cat([quarter(x[None], int(k)) for x, k in zip(images, numbers)])
    return sum(((a - b) ** 2).mean() for a, b in zip(painted, (small, small, part)))


def authors(latents=256, size=256):
    """The two modules in torch's own, as described; → their parameters. Written from scratch for counting."""
    from torch.nn import AvgPool2d, BatchNorm2d, Conv2d, ConvTranspose2d, Module, ModuleList, Parameter, Sequential

    c = lambda i, o, k, s=1, p=0: Conv2d(i, o, k, s, p, bias=False)
    gate = lambda i, o: Sequential(c(i, o, 4), c(o, o, 1))

    class Strength(Module):
        def __init__(self):
            super().__init__()
            self.weight = Parameter(torch.zeros(1))

    up = lambda i, o: Sequential(c(i, 2 * o, 3, 1, 1), BatchNorm2d(2 * o))
    up2 = lambda i, o: Sequential(c(i, 2 * o, 3, 1, 1), Strength(), BatchNorm2d(2 * o), c(o, 2 * o, 3, 1, 1), Strength(), BatchNorm2d(2 * o))
    g = ModuleList([
        ConvTranspose2d(latents, 2 * 1024, 4, 1, 0, bias=False), BatchNorm2d(2048), up2(1024, 512), up(512, 256), up2(256, 128), up(128, 128),
        up2(128, 64), up(64, 32), gate(1024, 128), gate(512, 64), gate(256, 32), c(64, 3, 1), c(32, 3, 3, 1, 1),
    ])
    down = lambda i, o: Sequential(c(i, o, 4, 2, 1), BatchNorm2d(o), c(o, o, 3, 1, 1), BatchNorm2d(o), AvgPool2d(2), c(i, o, 1), BatchNorm2d(o))
    decoder = lambda i: Sequential(*(up(a, b) for a, b in zip((i, 128, 64, 64), (128, 64, 64, 32))), c(32, 3, 3, 1, 1))
    sizes = [16, 32, 64, 128, 256, 512]
    d = ModuleList([
        c(3, 16, 3, 1, 1), *(down(a, b) for a, b in zip(sizes, sizes[1:])), c(512, 1024, 1), BatchNorm2d(1024), c(1024, 1, 4),
        gate(16, 128), gate(32, 256), gate(64, 512),
        c(3, 32, 4, 2, 1), *(Sequential(c(a, b, 4, 2, 1), BatchNorm2d(b)) for a, b in ((32, 64), (64, 128), (128, 256))), c(256, 1, 4),
        decoder(512), decoder(256), decoder(256),
    ])
    return [sum(x.numel() for x in m.parameters()) for m in (g, d)]


def check():
    from types import SimpleNamespace as Options

    size = lambda net: sum(x.numel() for x in net.parameters.values())
    g, d = L.Network("generator", shapes_only=True), L.Network("discriminator", shapes_only=True)
    o = Options(resolution=256, width=1024, norm="batch", sn=False)
    image = fastgan_g(g, torch.empty(2, 256, device="meta"), None, o)
    assert tuple(image.shape) == (2, 3, 256, 256)
    o = Options(resolution=256, width=16, norm="layer", sn=False)
    maps, _ = fastgan_d(d, image, o)
    assert tuple(patches(d, maps, o).shape) == (2, 50)
    assert all(x.shape[2] == 128 for x in decoders(d, maps, d.half, o, [0, 3]))
    wholes = authors()
    # The second output of the authors' generator is a convolution 1 × 1 from 64 channels to 3.
    assert (size(g) + 64 * 3, size(d)) == tuple(wholes), (size(g), size(d), wholes)
    print(f"authors' modules at 256 pixels: {wholes[0]:,} and {wholes[1]:,} parameters")


if __name__ == "__main__":
    check()

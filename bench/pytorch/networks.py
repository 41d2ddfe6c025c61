"""The networks of step.py in plain PyTorch, as one would write them by hand. `NETWORKS` has them by the names of the forms.

Modules have the names of our tensors where Python allows it, so that weights can be carried over by name (`own_name`); what is left is
translated there.
"""
from math import log2

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(cin, cout, k=3, stride=1):
    """TensorFlow's SAME for even sides: a kernel of 4 and stride 2 pads one pixel on every side, like a kernel of 3."""
    return nn.Conv2d(cin, cout, k, stride, padding=(k - stride + 1) // 2)


def deconv(cin, cout, k, stride):
    return nn.ConvTranspose2d(cin, cout, k, stride, padding=(k - stride + 1) // 2)


class SpectralNorm(nn.Module):
    """Wraps a convolution or linear layer: weight / sigma, one power iteration a forward pass, one persistent vector u."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.register_buffer("u", torch.randn(layer.weight[0].numel()))

    def forward(self, x):
        weight = self.layer.weight
        matrix = weight.flatten(1)
        with torch.no_grad():
            v = F.normalize(matrix @ self.u, dim=0, eps=1e-6)
            u = F.normalize(v @ matrix, dim=0, eps=1e-6)
            self.u = u
        weight = weight / (v @ (matrix @ u))
        if isinstance(self.layer, nn.Conv2d):
            return F.conv2d(x, weight, self.layer.bias, stride=self.layer.stride, padding=self.layer.padding)
        return F.linear(x, weight, self.layer.bias)


def plain(layer):
    return layer


def zero_insertion(x):
    n, c, h, w = x.shape
    y = x.new_zeros(n, c, 2 * h, 2 * w)
    y[:, :, ::2, ::2] = x
    return y


def bilinear(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def is_mimicry(form):
    return form.startswith("mimicry")


class GeneratorBlock(nn.Module):
    def __init__(self, form, cin, width):
        super().__init__()
        self.upsample = bilinear if is_mimicry(form) else zero_insertion
        self.shortcut = conv(cin, width, 1 if is_mimicry(form) else 3)
        self.norm1, self.conv1 = nn.BatchNorm2d(cin), conv(cin, width)
        self.norm2, self.conv2 = nn.BatchNorm2d(width), conv(width, width)

    def forward(self, x):
        h = self.conv1(self.upsample(F.relu(self.norm1(x), inplace=True)))
        h = self.conv2(F.relu(self.norm2(h), inplace=True))
        return h.add_(self.shortcut(self.upsample(x)))


class Generator(nn.Module):
    """z → linear → 4 × 4 → blocks that double → norm, ReLU, convolution."""

    def __init__(self, form, channels, latent):
        super().__init__()
        self.fcNoise = nn.Linear(latent, 16 * channels[0])
        self.block = nn.Sequential(*[GeneratorBlock(form, a, b) for a, b in zip(channels, channels[1:])])
        self.finalNorm, self.finalConv = nn.BatchNorm2d(channels[-1]), conv(channels[-1], 3)
        self.out = torch.tanh if is_mimicry(form) else torch.sigmoid

    def forward(self, z):
        h = self.block(self.fcNoise(z).view(z.shape[0], -1, 4, 4))
        return self.out(self.finalConv(F.relu(self.finalNorm(h), inplace=True)))


class DiscriminatorBlock(nn.Module):
    def __init__(self, form, cin, width, down, first, norm):
        super().__init__()
        self.down, self.optimized = down, first and is_mimicry(form)
        hidden = cin if is_mimicry(form) and not first else width
        self.conv1, self.conv2 = norm(conv(cin, hidden)), norm(conv(hidden, width))
        wanted = not is_mimicry(form) or down
        self.shortcut = norm(conv(cin, width, 1 if is_mimicry(form) else 3)) if wanted else nn.Identity()

    def forward(self, x):
        def pool(t):
            return F.avg_pool2d(t, 2) if self.down else t

        h = self.conv1(x if self.optimized else F.relu(x))
        h = pool(self.conv2(F.relu(h, inplace=True)))
        return h.add_(self.shortcut(pool(x)) if self.optimized else pool(self.shortcut(x)))


# Outputs of the real/fake head and of the task's, where they are not 1 and 4.
HEADS = {"mimicry-la": (0, 8), "mimicry-infomax": (1, 0), "mimicry-r3": (1, 0)}


class InfoMax(nn.Module):
    """Projections of places and of whole images to as many dimensions as 1024 are at width 128."""

    def __init__(self, channels, norm):
        super().__init__()
        c, r = channels[-1], 8 * channels[0]
        for kind in ("local", "global"):
            for part, out in (("Shortcut", r), ("Hidden", c), ("Out", r)):
                self.add_module(kind + part, norm(nn.Linear(c, out)))

    def project(self, kind, x):
        layer = lambda part: self._modules[kind + part]
        return layer("Out")(F.relu(layer("Hidden")(x))) + layer("Shortcut")(x)

    def forward(self, local, pooled):
        """local [N, C, S, S], pooled [N, C] -> [N * S * S, R], [N, R]"""
        return self.project("local", local.permute(0, 2, 3, 1).reshape(-1, local.shape[1])), self.project("global", pooled)


class Discriminator(nn.Module):
    """Image → blocks, of which the first `downs` halve → ReLU, mean or sum over space → heads."""

    def __init__(self, form, channels, downs, norm):
        super().__init__()
        ends = zip([3] + channels, channels)
        self.block = nn.Sequential(*[DiscriminatorBlock(form, a, b, i < downs, i == 0, norm) for i, (a, b) in enumerate(ends)])
        self.mean = not is_mimicry(form)
        real, task = HEADS.get(form, (1, 4))
        if real:
            self.finalFc = norm(nn.Linear(channels[-1], real))
        if task:
            self.rotation = norm(nn.Linear(channels[-1], task))
        if form == "mimicry-infomax":
            self.infomax = InfoMax(channels, norm)

    def forward(self, x):
        h = F.relu(self.block(x))
        h = h.mean((2, 3)) if self.mean else h.sum((2, 3))
        return self.finalFc(h).squeeze(1), self.rotation(h)

    def turns(self, x):
        """The task's head alone."""
        return self.rotation(F.relu(self.block(x)).sum((2, 3)))

    def with_maps(self, x):
        """Logits, the map of the last block but one after its ReLU, and the pooled features."""
        local = self.block[:-1](x)
        pooled = F.relu(self.block[-1](local)).sum((2, 3))
        return self.finalFc(pooled).squeeze(1), F.relu(local), pooled

    def critic(self, x):
        """The real/fake head alone."""
        h = F.relu(self.block(x))
        return self.finalFc(h.mean((2, 3)) if self.mean else h.sum((2, 3)))


class SndcganGenerator(nn.Module):
    def __init__(self, width, resolution, latent):
        super().__init__()
        c = [width, width // 2, width // 4, width // 8]
        self.seed = (c[0], resolution // 8, resolution // 8)
        units = c[0] * (resolution // 8) ** 2
        self.fcNoise, self.norm1 = nn.Linear(latent, units), nn.BatchNorm1d(units)
        self.deconv1, self.norm2 = deconv(c[0], c[1], 4, 2), nn.BatchNorm2d(c[1])
        self.deconv2, self.norm3 = deconv(c[1], c[2], 4, 2), nn.BatchNorm2d(c[2])
        self.deconv3, self.norm4 = deconv(c[2], c[3], 4, 2), nn.BatchNorm2d(c[3])
        self.deconv4 = deconv(c[3], 3, 3, 1)

    def forward(self, z):
        h = F.relu(self.norm1(self.fcNoise(z)), inplace=True).view(-1, *self.seed)
        h = F.relu(self.norm2(self.deconv1(h)), inplace=True)
        h = F.relu(self.norm3(self.deconv2(h)), inplace=True)
        h = F.relu(self.norm4(self.deconv3(h)), inplace=True)
        return (torch.tanh(self.deconv4(h)) + 1) * 0.5


class SndcganDiscriminator(nn.Module):
    def __init__(self, width, resolution, norm):
        super().__init__()
        c = [width, 2 * width, 2 * width, 4 * width, 4 * width, 8 * width, 8 * width]
        rows = [(4, 2) if i % 2 else (3, 1) for i in range(7)]
        layers = [norm(conv(a, b, *row)) for a, b, row in zip([3] + c, c, rows)]
        self.conv = nn.Sequential(*[part for layer in layers for part in (layer, nn.LeakyReLU(0.1, inplace=True))])
        features = c[-1] * (resolution // 8) ** 2
        self.finalFc, self.rotation = norm(nn.Linear(features, 1)), norm(nn.Linear(features, 4))

    def forward(self, x):
        h = self.conv(x * 2 - 1).flatten(1)
        return self.finalFc(h).squeeze(1), self.rotation(h)


def scaled(channels, width):
    return [c * width // channels[0] for c in channels]


def equal_blocks(form, gw, dw, resolution, latent, norm):
    """resnet-cifar and mimicry's SN-GAN ResNet: as many channels everywhere; D goes down to 8 × 8 and has two blocks more."""
    ups, downs = int(log2(resolution // 4)), int(log2(resolution // 8))
    return Generator(form, [gw] * (ups + 1), latent), Discriminator(form, [dw] * (downs + 2), downs, norm)


def mimicry_128(form, gw, dw, resolution, latent, norm):
    """mimicry's SN-GAN ResNet for 128 × 128: five doublings and five halvings."""
    if resolution != 128:
        raise ValueError("mimicry-128 is written here for 128 x 128 only")
    g = Generator(form, scaled([1024, 1024, 512, 256, 128, 64], gw), latent)
    return g, Discriminator(form, scaled([64, 128, 256, 512, 1024, 1024], dw), 5, norm)


def resnet5(form, gw, dw, resolution, latent, norm):
    """Five doublings and six halvings of 128 × 128."""
    if resolution != 128:
        raise ValueError("resnet5 is written here for 128 x 128 only")
    g = Generator(form, scaled([512, 512, 256, 256, 128, 64], gw), latent)
    return g, Discriminator(form, scaled([64, 128, 256, 256, 512, 512], dw), 6, norm)


def sndcgan(form, gw, dw, resolution, latent, norm):
    return SndcganGenerator(gw, resolution, latent), SndcganDiscriminator(dw, resolution, norm)


# Each makes a generator and a discriminator.
NETWORKS = {"compare_gan": equal_blocks, "mimicry": equal_blocks, "mimicry-128": mimicry_128, "wgan-gp": equal_blocks,
            "mimicry-la": equal_blocks, "mimicry-infomax": equal_blocks, "mimicry-r3": equal_blocks,
            "resnet5": resnet5, "sndcgan": sndcgan}


def own_name(network, name):
    """A PyTorch name in our words: `block.0.conv1.layer.weight` is `discriminator/block1/conv1/kernel`."""
    parts, own = name.split("."), []
    for part in parts[:-1]:
        if part.isdigit():
            # In SNDCGAN's sequence every other part is an activation.
            own[-1] += str(int(part) // (2 if own[-1] == "conv" else 1) + 1)
        elif part != "layer":
            own.append(part)
    last = {"weight": "gamma" if own and "orm" in own[-1] else "kernel", "bias": "beta" if own and "orm" in own[-1] else "bias"}
    return "/".join([network, *own, last.get(parts[-1], parts[-1])])

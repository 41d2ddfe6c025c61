"""Small networks in the form of kwotsin/mimicry, saved as its `save_checkpoint` does, with what they answer: for `import`.

    /usr/bin/python3 test/goldens/mimicry.py        # writes mimicry/*.pth and mimicry/answers.json beside this file

Written from the networks' tables; only the names of the tensors are mimicry's, as the files have them. Its ReLU works in place, so the
shortcut of a discriminator's block reads what the first ReLU has made of the input; the first block has none.
"""
import json
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(20201129)
OUT = pathlib.Path(__file__).with_name("mimicry")
LATENT, CLASSES = 6, 3


class SpectralConv(nn.Conv2d):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("sn_u", torch.randn(1, self.weight.shape[0]))
        self.register_buffer("sn_sigma", torch.ones(1))

    def forward(self, x):
        return self._conv_forward(x, self.weight / spectral(self), self.bias)


class SpectralLinear(nn.Linear):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("sn_u", torch.randn(1, self.weight.shape[0]))
        self.register_buffer("sn_sigma", torch.ones(1))

    def forward(self, x):
        return F.linear(x, self.weight / spectral(self), self.bias)


class SpectralEmbedding(nn.Embedding):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("sn_u", torch.randn(1, self.weight.shape[0]))
        self.register_buffer("sn_sigma", torch.ones(1))

    def forward(self, y):
        return F.embedding(y, self.weight / spectral(self))


def spectral(layer):
    """Largest singular value, after as many iterations as it takes; the vector that a long training would have kept."""
    matrix = layer.weight.detach().flatten(1)
    u, s, _ = torch.linalg.svd(matrix)
    layer.sn_u.copy_(u[:, 0][None])
    layer.sn_sigma.fill_(s[0])
    return s[0]


class ConditionalNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels, affine=False)
        self.embed = nn.Embedding(CLASSES, 2 * channels)
        nn.init.normal_(self.embed.weight, 0.5, 0.4)

    def forward(self, x, y):
        gamma, beta = self.embed(y).chunk(2, 1)
        return gamma[:, :, None, None] * self.bn(x) + beta[:, :, None, None]


class GeneratorBlock(nn.Module):
    def __init__(self, channels_in, channels, conditional):
        super().__init__()
        self.c1 = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.c2 = nn.Conv2d(channels, channels, 3, padding=1)
        norm = ConditionalNorm if conditional else nn.BatchNorm2d
        self.b1, self.b2 = norm(channels_in), norm(channels)
        self.c_sc = nn.Conv2d(channels_in, channels, 1)

    def forward(self, x, y):
        told = () if y is None else (y,)
        up = lambda a: F.interpolate(a, scale_factor=2, mode="bilinear", align_corners=False)
        main = self.c2(F.relu(self.b2(self.c1(up(F.relu(self.b1(x, *told)))), *told)))
        return main + self.c_sc(up(x))


class Generator(nn.Module):
    def __init__(self, side, channels, conditional):
        super().__init__()
        self.side = side
        self.l1 = nn.Linear(LATENT, side * side * channels[0])
        for i, (a, b) in enumerate(zip(channels, channels[1:])):
            setattr(self, f"block{i + 2}", GeneratorBlock(a, b, conditional))
        self.last = len(channels) + 1
        setattr(self, f"b{self.last}", nn.BatchNorm2d(channels[-1]))
        setattr(self, f"c{self.last}", nn.Conv2d(channels[-1], 3, 3, padding=1))

    def forward(self, z, y=None):
        x = self.l1(z).view(len(z), -1, self.side, self.side)
        for i in range(2, self.last):
            x = getattr(self, f"block{i}")(x, y)
        return torch.tanh(getattr(self, f"c{self.last}")(F.relu(getattr(self, f"b{self.last}")(x))))


class DiscriminatorBlock(nn.Module):
    def __init__(self, channels_in, channels, down, first, conv=SpectralConv):
        super().__init__()
        hidden = channels if first else channels_in
        self.c1 = conv(channels_in, hidden, 3, padding=1)
        self.c2 = conv(hidden, channels, 3, padding=1)
        if channels_in != channels or down:
            self.c_sc = conv(channels_in, channels, 1)
        self.down, self.first = down, first

    def forward(self, x):
        pool = (lambda a: F.avg_pool2d(a, 2)) if self.down else (lambda a: a)
        if self.first:
            return pool(self.c2(F.relu(self.c1(x)))) + self.c_sc(pool(x))
        x = F.relu(x)  # in place in mimicry, so that the shortcut reads it too
        return pool(self.c2(F.relu(self.c1(x)))) + (pool(self.c_sc(x)) if hasattr(self, "c_sc") else x)


class Discriminator(nn.Module):
    def __init__(self, channels, downs, head, turns, conditional):
        super().__init__()
        for i, (a, b, down) in enumerate(zip([3, *channels], channels, downs)):
            setattr(self, f"block{i + 1}", DiscriminatorBlock(a, b, down, i == 0))
        self.blocks, self.head = len(channels), head
        setattr(self, head, SpectralLinear(channels[-1], 1))
        if turns:
            self.l_y = SpectralLinear(channels[-1], 4)
        if conditional:
            self.l_y = SpectralEmbedding(CLASSES, channels[-1])
        self.conditional = conditional

    def forward(self, x, y=None):
        for i in range(self.blocks):
            x = getattr(self, f"block{i + 1}")(x)
        features = F.relu(x).sum((2, 3))
        logits = getattr(self, self.head)(features)
        if self.conditional:
            return logits + (self.l_y(y) * features).sum(1, keepdim=True), None
        return logits, self.l_y(features) if hasattr(self, "l_y") else None


class PlainDiscriminator(nn.Module):
    """WGAN-GP's: no spectral norm, and the mean of the last map."""

    def __init__(self, channels, downs, head):
        super().__init__()
        for i, (a, b, down) in enumerate(zip([3, *channels], channels, downs)):
            setattr(self, f"block{i + 1}", DiscriminatorBlock(a, b, down, i == 0, nn.Conv2d))
        self.blocks, self.head = len(channels), head
        setattr(self, head, nn.Linear(channels[-1], 1))

    def forward(self, x, y=None):
        for i in range(self.blocks):
            x = getattr(self, f"block{i + 1}")(x)
        return getattr(self, self.head)(F.relu(x).mean((2, 3))), None


class InfoMaxDiscriminator(nn.Module):
    """InfoMax-GAN's: blocks in two lists, projections of the map between them and of the pooled features."""

    def __init__(self, channels, downs, dimensions):
        super().__init__()
        made = [DiscriminatorBlock(a, b, down, i == 0) for i, (a, b, down) in enumerate(zip([3, *channels], channels, downs))]
        self.local_feat_blocks, self.global_feat_blocks = nn.Sequential(*made[:-1]), nn.Sequential(made[-1])
        self.linear = SpectralLinear(channels[-1], 1)
        for name, layer, size in (("local", lambda a, b: SpectralConv(a, b, 1), channels[-2]), ("global", SpectralLinear, channels[-1])):
            setattr(self, f"{name}_nrkhs_a", layer(size, size))
            setattr(self, f"{name}_nrkhs_b", layer(size, dimensions))
            setattr(self, f"{name}_nrkhs_sc", layer(size, dimensions))

    def project(self, name, x):
        a, b, straight = (getattr(self, f"{name}_nrkhs_{kind}") for kind in ("a", "b", "sc"))
        return b(F.relu(a(x))) + straight(x)

    def forward(self, x, y=None):
        features = F.relu(self.global_feat_blocks(self.local_feat_blocks(x))).sum((2, 3))
        return self.linear(features), None

    def contrast(self, x):
        """The InfoNCE loss, written out place by place."""
        local = F.relu(self.local_feat_blocks(x))  # in place in mimicry, so that the projection reads it too
        glob = self.project("global", F.relu(self.global_feat_blocks(local)).sum((2, 3)))
        products = torch.einsum("ir,jrhw->ijhw", glob, self.project("local", local)).flatten(2)
        losses = []
        for i in range(len(x)):
            others = products[i].clone()
            others[i] = -10
            losses += [-torch.log_softmax(torch.cat([u[None], others.flatten()]), 0)[0] for u in products[i, i]]
        return torch.stack(losses).mean()


def save(name, net, step):
    # Biases and running statistics that say something, as after a training.
    for key, value in net.state_dict().items():
        if key.endswith(("running_mean", "bias")):
            value.normal_(0, 0.2)
        elif key.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    net.eval()
    net.saved = name
    net.step = step


def answers(title, generator, discriminator, side, conditional):
    z = torch.round(torch.randn(2, LATENT) * 1000) / 1000
    y = torch.tensor([2, 0]) if conditional else None
    pixels = torch.randint(0, 256, (2, side, side, 3), dtype=torch.uint8)
    images = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        made = generator(z, y)
        logits, turns = discriminator(images, y)
    for net in (generator, discriminator):
        torch.save({"model_state_dict": net.state_dict(), "optimizer_state_dict": None, "global_step": net.step}, OUT / f"{net.saved}.pth")
    plain = lambda a: None if a is None else [round(float(v), 7) for v in a.flatten()]
    return dict(title=title, side=side, step=generator.step, z=plain(z), y=None if y is None else y.tolist(), pixels=pixels.flatten().tolist(),
                sample=plain(made[:, :, ::3, ::3]), logits=plain(logits), turns=plain(turns))


def shapes(net):
    return {key: list(value.shape) for key, value in net.state_dict().items()}


OUT.mkdir(exist_ok=True)
CIFAR = [16] * 4, [16] * 4, [True, True, False, False], "l5"
cases = []
for title, turns, conditional in [("ssgan-32", True, False), ("cgan-pd-32", False, True)]:
    g, d, downs, head = CIFAR
    generator, discriminator = Generator(4, g, conditional), Discriminator(d, downs, head, turns, conditional)
    save(f"{title}-netG", generator, 7000)
    save(f"{title}-netD", discriminator, 14000)
    cases.append(answers(title, generator, discriminator, 32, conditional))
for title in ("infomax-32", "wgan-gp-32"):
    g, d, downs, head = CIFAR
    generator = Generator(4, g, False)
    discriminator = InfoMaxDiscriminator(d, downs, 128) if title.startswith("infomax") else PlainDiscriminator(d, downs, head)
    with torch.no_grad():
        if title.startswith("infomax"):
            discriminator(torch.zeros(1, 3, 32, 32)), discriminator.contrast(torch.zeros(1, 3, 32, 32))
    save(f"{title}-netG", generator, 7000)
    save(f"{title}-netD", discriminator, 35000)
    case = answers(title, generator, discriminator, 32, False)
    if title.startswith("infomax"):
        pixels = torch.tensor(case["pixels"]).view(2, 32, 32, 3).permute(0, 3, 1, 2)
        with torch.no_grad():
            case["contrast"] = round(float(discriminator.contrast(pixels.float() / 127.5 - 1)), 7)
    cases.append(case)
(OUT / "answers.json").write_text(json.dumps(cases) + "\n")

# The other sizes by the shapes of their tensors, at a quarter of the width.
tables = {
    48: (6, [128, 64, 32, 16], [16, 32, 64, 128, 256], [True] * 4 + [False], "l5"),
    64: (4, [256, 128, 64, 32, 16], [16, 32, 64, 128, 256], [True] * 5, "l6"),
    128: (4, [256, 256, 128, 64, 32, 16], [16, 32, 64, 128, 256, 256], [True] * 5 + [False], "l7"),
}
others = lambda d, downs, head: dict(infomax=shapes(InfoMaxDiscriminator(d, downs, 256)), wgan=shapes(PlainDiscriminator(d, downs, head)))
sizes = [
    dict(side=side, **others(d, downs, head), generator=shapes(Generator(bottom, g, False)), discriminator=shapes(Discriminator(d, downs, head, True, False)))
    for side, (bottom, g, d, downs, head) in tables.items()
]
(OUT / "shapes.json").write_text(json.dumps(sizes) + "\n")

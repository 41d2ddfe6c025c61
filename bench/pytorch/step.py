"""The peer our steps are timed against: one discriminator and one generator update of SS-GAN in plain PyTorch, float32, CPU.

    /usr/bin/python3 bench/pytorch/step.py --form compare_gan --g-width 32 --d-width 32 --repeats 3 --warmup 1

Same arithmetic as ours: networks, spectral normalisation (one power iteration a pass), hinge and rotation loss, one joint
discriminator pass on [real N; turned 3n; fake N], generator pass on [fake N; turned 3n]. Nothing is computed that the step does
not need: no generator graph in the discriminator's step, no discriminator weight gradients in the generator's, no turned fakes in
the discriminator's. (compare_gan does judge the turned fakes there, though no loss of that step uses them: --turned-fakes.)
Prints one JSON line.
"""
import argparse
import json
import os
import resource
import sys
import time
from math import log2

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(cin, cout, k=3):
    return nn.Conv2d(cin, cout, k, padding=k // 2)


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
            return F.conv2d(x, weight, self.layer.bias, padding=self.layer.padding)
        return F.linear(x, weight, self.layer.bias)


def zero_insertion(x):
    n, c, h, w = x.shape
    y = x.new_zeros(n, c, 2 * h, 2 * w)
    y[:, :, ::2, ::2] = x
    return y


def bilinear(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class GeneratorBlock(nn.Module):
    def __init__(self, form, width):
        super().__init__()
        self.upsample = zero_insertion if form == "compare_gan" else bilinear
        self.shortcut = conv(width, width, 3 if form == "compare_gan" else 1)
        self.norm1, self.conv1 = nn.BatchNorm2d(width), conv(width, width)
        self.norm2, self.conv2 = nn.BatchNorm2d(width), conv(width, width)

    def forward(self, x):
        h = self.conv1(self.upsample(F.relu(self.norm1(x), inplace=True)))
        h = self.conv2(F.relu(self.norm2(h), inplace=True))
        return h.add_(self.shortcut(self.upsample(x)))


class Generator(nn.Module):
    def __init__(self, form, width, resolution, latent):
        super().__init__()
        self.fc = nn.Linear(latent, 16 * width)
        self.blocks = nn.Sequential(*[GeneratorBlock(form, width) for _ in range(int(log2(resolution // 4)))])
        self.norm, self.conv = nn.BatchNorm2d(width), conv(width, 3)
        self.out = torch.sigmoid if form == "compare_gan" else torch.tanh

    def forward(self, z):
        h = self.blocks(self.fc(z).view(z.shape[0], -1, 4, 4))
        return self.out(self.conv(F.relu(self.norm(h), inplace=True)))


class DiscriminatorBlock(nn.Module):
    def __init__(self, form, cin, width, down, first):
        super().__init__()
        self.down, self.optimized = down, first and form == "mimicry"
        self.conv1, self.conv2 = SpectralNorm(conv(cin, width)), SpectralNorm(conv(width, width))
        wanted = form == "compare_gan" or down
        self.shortcut = SpectralNorm(conv(cin, width, 3 if form == "compare_gan" else 1)) if wanted else nn.Identity()

    def forward(self, x):
        def pool(t):
            return F.avg_pool2d(t, 2) if self.down else t

        h = self.conv1(x if self.optimized else F.relu(x))
        h = pool(self.conv2(F.relu(h, inplace=True)))
        return h.add_(self.shortcut(pool(x)) if self.optimized else pool(self.shortcut(x)))


class Discriminator(nn.Module):
    def __init__(self, form, width, resolution):
        super().__init__()
        downs = int(log2(resolution // 8))
        self.blocks = nn.Sequential(
            *[DiscriminatorBlock(form, 3 if i == 0 else width, width, i < downs, i == 0) for i in range(downs + 2)])
        self.mean = form == "compare_gan"
        self.fc, self.rotation = SpectralNorm(nn.Linear(width, 1)), SpectralNorm(nn.Linear(width, 4))

    def forward(self, x):
        h = F.relu(self.blocks(x))
        h = h.mean((2, 3)) if self.mean else h.sum((2, 3))
        return self.fc(h).squeeze(1), self.rotation(h)


def turned(x, n):
    """x itself, then its last n images at 90, 180 and 270 degrees."""
    last = x[-n:]
    return [x] + [torch.rot90(last, k, (2, 3)) for k in (1, 2, 3)]


def main():
    p = argparse.ArgumentParser(description="Time SS-GAN training steps in plain PyTorch.")
    p.add_argument("--form", choices=["compare_gan", "mimicry"], default="compare_gan")
    p.add_argument("--g-width", type=int, default=32)
    p.add_argument("--d-width", type=int, default=32)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--rotated", type=int, default=64, help="samples in the rotation loss: a quarter as many images, four angles")
    p.add_argument("--resolution", type=int, default=32)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--warmup", type=int, default=1)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--memory-format", choices=["contiguous", "channels_last"], default="contiguous")
    p.add_argument("--turned-fakes", action="store_true", help="judge turned fakes in the D step too, as compare_gan does")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    if a.rotated % 4 or not 0 < a.rotated // 4 <= a.batch:
        p.error("--rotated must be a positive multiple of 4, at most 4 × --batch")
    if a.repeats < 1:
        p.error("--repeats must be at least 1")

    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    layout = torch.channels_last if a.memory_format == "channels_last" else torch.contiguous_format
    generator = Generator(a.form, a.g_width, a.resolution, 128).to(memory_format=layout)
    discriminator = Discriminator(a.form, a.d_width, a.resolution).to(memory_format=layout)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.0, 0.9), eps=1e-8)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.0, 0.9), eps=1e-8)

    n, batch = a.rotated // 4, a.batch
    half = batch + 3 * n
    labels = torch.arange(4).repeat_interleave(n)
    images = torch.randint(0, 256, (batch, a.resolution, a.resolution, 3), dtype=torch.uint8)
    scale, shift = (1 / 255, 0.0) if a.form == "compare_gan" else (1 / 127.5, -1.0)

    def accuracy(rotations):
        return (rotations.argmax(1) == labels).float().mean().item()

    def discriminator_step():
        discriminator.requires_grad_(True)
        d_optimizer.zero_grad(set_to_none=True)
        real = images.permute(0, 3, 1, 2).to(torch.float32, memory_format=layout).mul_(scale).add_(shift)
        with torch.no_grad():
            fake = generator(torch.randn(batch, 128))
        logits, rotations = discriminator(torch.cat(turned(real, n) + (turned(fake, n) if a.turned_fakes else [fake])))
        adversarial = F.relu(1 - logits[:batch]).mean() + F.relu(1 + logits[half : half + batch]).mean()
        real_rotations = rotations[half - 4 * n : half]
        loss = adversarial + F.cross_entropy(real_rotations, labels)
        loss.backward()
        d_optimizer.step()
        return loss.item(), accuracy(real_rotations)

    def generator_step():
        discriminator.requires_grad_(False)
        g_optimizer.zero_grad(set_to_none=True)
        fake = generator(torch.randn(batch, 128))
        logits, rotations = discriminator(torch.cat(turned(fake, n)))
        loss = -logits[:batch].mean() + 0.2 * F.cross_entropy(rotations[-4 * n :], labels)
        loss.backward()
        g_optimizer.step()
        return loss.item(), accuracy(rotations[-4 * n :])

    seconds, d_seconds, g_seconds = [], [], []
    for i in range(a.warmup + a.repeats):
        start = time.perf_counter()
        d_loss, *_ = discriminator_step()
        middle = time.perf_counter()
        g_loss, *_ = generator_step()
        end = time.perf_counter()
        if i >= a.warmup:
            seconds.append(round(end - start, 4))
            d_seconds.append(round(middle - start, 4))
            g_seconds.append(round(end - middle, 4))

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux, bytes on macOS
    print(json.dumps({
        "form": a.form, "gWidth": a.g_width, "dWidth": a.d_width, "batch": batch, "rotated": a.rotated, "resolution": a.resolution,
        "threads": a.threads, "memoryFormat": a.memory_format, "torch": torch.__version__, "seconds": seconds,
        "discriminatorSeconds": d_seconds, "generatorSeconds": g_seconds,
        "peakMemoryMB": round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1),
        "parameters": {"generator": sum(q.numel() for q in generator.parameters()), "discriminator": sum(q.numel() for q in discriminator.parameters())},
        "loss": {"discriminator": d_loss, "generator": g_loss}}))


if __name__ == "__main__":
    main()

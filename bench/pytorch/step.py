"""The peer our steps are timed against: one discriminator and one generator update of SS-GAN in plain PyTorch, float32, CPU.

    /usr/bin/python3 bench/pytorch/step.py --form compare_gan --g-width 32 --d-width 32 --repeats 3 --warmup 1

Same arithmetic as ours: networks, spectral normalization (one power iteration a pass), hinge and rotation loss, one joint
discriminator pass on [real N; turned 3n; fake N], generator pass on [fake N; turned 3n]. Nothing is computed that the step does
not need: no generator graph in the discriminator's step, no discriminator weight gradients in the generator's, no turned fakes in
the discriminator's. (compare_gan does judge the turned fakes there, though no loss of that step uses them: --turned-fakes.)
The form wgan-gp has a gradient penalty in the place of spectral normalization, in a pass of its own without the rotation head. Other forms have
their losses in objectives.py.

With --check FILE weights, images and random numbers come from a file that our side has written, for as many steps as it holds, so that
losses can be compared. Prints one JSON line.
"""
import argparse
import json
import os
import resource
import struct
import sys
import time

import torch
import torch.nn.functional as F

from networks import NETWORKS, SpectralNorm, is_mimicry, own_name, plain
from objectives import OBJECTIVES

LATENT, ALPHA = 128, 0.2


def read_safetensors(path):
    types = {"F32": torch.float32, "U8": torch.uint8}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), bytearray(file.read())
    tensors = {}
    for name, info in header.items():
        if name != "__metadata__":
            begin, end = info["data_offsets"]
            tensors[name] = torch.frombuffer(data[begin:end], dtype=types[info["dtype"]]).reshape(info["shape"])
    return tensors


def take_weights(module, network, given):
    """Weights and vectors u from our side. Running statistics are nothing a training step looks at."""
    own = dict(module.named_parameters()) | {k: b for k, b in module.named_buffers() if k.endswith(".u")}
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(given[own_name(network, name)].reshape(tensor.shape))


def turned(x, n):
    """x itself, then its last n images at 90, 180 and 270 degrees."""
    last = x[-n:]
    return [x] + [torch.rot90(last, k, (2, 3)) for k in (1, 2, 3)]


def gradient_penalty(critic, real, fake, mixing):
    """How far the slope of the critic between real and generated images is from 1; differentiable by its parameters."""
    x = (real + mixing.view(-1, 1, 1, 1) * (fake - real)).requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return ((torch.sqrt(1e-4 + gradient.square().sum((1, 2, 3))) - 1) ** 2).mean()


def arguments():
    p = argparse.ArgumentParser(description="Time SS-GAN training steps in plain PyTorch.")
    p.add_argument("--form", choices=list(NETWORKS), default="compare_gan")
    p.add_argument("--g-width", type=int, default=32)
    p.add_argument("--d-width", type=int, default=32)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--rotated", type=int, default=64, help="samples in the rotation loss: a quarter as many images, four angles")
    p.add_argument("--resolution", type=int, default=32)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--warmup", type=int, default=1)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--memory-format", choices=["contiguous", "channels_last"], default="contiguous")
    p.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    p.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: networks under autocast, losses and updates in float32")
    p.add_argument("--turned-fakes", action="store_true", help="judge turned fakes in the D step too, as compare_gan does")
    p.add_argument("--check", help="file with weights and the random numbers of some steps; --repeats and --warmup are ignored")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    if a.rotated % 4 or not 0 < a.rotated // 4 <= a.batch:
        p.error("--rotated must be a positive multiple of 4, at most 4 × --batch")
    if a.repeats < 1:
        p.error("--repeats must be at least 1")
    if a.device == "cuda" and not torch.cuda.is_available():
        p.error("--device cuda: this PyTorch finds no graphics card")
    return a


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    layout = torch.channels_last if a.memory_format == "channels_last" else torch.contiguous_format
    penalized = a.form == "wgan-gp"
    objective = OBJECTIVES.get(a.form)
    networks = NETWORKS[a.form](a.form, a.g_width, a.d_width, a.resolution, LATENT, plain if penalized or a.form == "mimicry-r3" else SpectralNorm)
    given, steps = (read_safetensors(a.check), 0) if a.check else ({}, a.warmup + a.repeats)
    if a.check:
        a.warmup, steps = 0, sum(name.startswith("latents/generator/") for name in given)
        for module, name in zip(networks, ("generator", "discriminator")):
            take_weights(module, name, given)
    generator, discriminator = (module.to(a.device, memory_format=layout) for module in networks)
    half_precision = torch.autocast(a.device, dtype=torch.bfloat16, enabled=a.precision == "bfloat16")
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.0, 0.9), eps=1e-8)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.0, 0.9), eps=1e-8)

    n, batch = a.rotated // 4, a.batch
    half = batch + 3 * n
    labels = torch.arange(4, device=a.device).repeat_interleave(n)
    random_images = torch.randint(0, 256, (batch, a.resolution, a.resolution, 3), dtype=torch.uint8)
    scale, shift = (1 / 127.5, -1.0) if is_mimicry(a.form) else (1 / 255, 0.0)

    def number(name, step, make):
        return (given[f"{name}/{step}"] if a.check else make()).to(a.device)

    def accuracy(rotations):
        return (rotations.argmax(1) == labels).float().mean().item()

    def real_images(name, step):
        images = number(name, step, lambda: random_images)
        return images.permute(0, 3, 1, 2).to(torch.float32, memory_format=layout).mul_(scale).add_(shift)

    def discriminator_step(step):
        discriminator.requires_grad_(True)
        d_optimizer.zero_grad(set_to_none=True)
        real = real_images("images", step)
        with torch.no_grad(), half_precision:
            fake = generator(number("latents/discriminator", step, lambda: torch.randn(batch, LATENT)))
        fake = fake.float()
        if objective:
            loss = objective.discriminator(discriminator, real, fake, half_precision)
            loss.backward()
            d_optimizer.step()
            return (loss.item(),)
        with half_precision:
            logits, rotations = discriminator(torch.cat(turned(real, n) + (turned(fake, n) if a.turned_fakes else [fake])))
        logits, rotations = logits.float(), rotations.float()
        adversarial = F.relu(1 - logits[:batch]).mean() + F.relu(1 + logits[half : half + batch]).mean()
        real_rotations = rotations[half - 4 * n : half]
        loss = adversarial + F.cross_entropy(real_rotations, labels)
        if penalized:
            mixing = number("mixing", step, lambda: torch.rand(batch))
            loss = loss + gradient_penalty(discriminator.critic, real, fake, mixing)
        loss.backward()
        d_optimizer.step()
        return loss.item(), accuracy(real_rotations)

    def generator_step(step):
        discriminator.requires_grad_(False)
        g_optimizer.zero_grad(set_to_none=True)
        with half_precision:
            fake = generator(number("latents/generator", step, lambda: torch.randn(batch, LATENT)))
        if objective:
            real = real_images("images/generator", step) if a.form == "mimicry-r3" else None
            loss = objective.generator(discriminator, fake.float(), real, half_precision)
            loss.backward()
            g_optimizer.step()
            return (loss.item(),)
        with half_precision:
            logits, rotations = discriminator(torch.cat(turned(fake, n)))
        logits, rotations = logits.float(), rotations.float()
        loss = -logits[:batch].mean() + ALPHA * F.cross_entropy(rotations[-4 * n :], labels)
        loss.backward()
        g_optimizer.step()
        return loss.item(), accuracy(rotations[-4 * n :])

    seconds, d_seconds, g_seconds, losses = [], [], [], []
    for i in range(steps):
        start = time.perf_counter()
        d_loss, *_ = discriminator_step(i)
        middle = time.perf_counter()
        g_loss, *_ = generator_step(i)
        end = time.perf_counter()
        losses.append({"discriminator": d_loss, "generator": g_loss})
        if i >= a.warmup:
            seconds.append(round(end - start, 4))
            d_seconds.append(round(middle - start, 4))
            g_seconds.append(round(end - middle, 4))

    def count(module):
        return sum(q.numel() for q in module.parameters())

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux, bytes on macOS
    print(json.dumps({
        "form": a.form, "gWidth": a.g_width, "dWidth": a.d_width, "batch": batch, "rotated": a.rotated, "resolution": a.resolution,
        "threads": a.threads, "memoryFormat": a.memory_format, "device": a.device, "precision": a.precision, "torch": torch.__version__, "seconds": seconds,
        "discriminatorSeconds": d_seconds, "generatorSeconds": g_seconds,
        "peakMemoryMB": round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1),
        "parameters": {"generator": count(generator), "discriminator": count(discriminator)},
        "losses": losses}))


if __name__ == "__main__":
    main()

"""Auxiliary losses, from their papers and the description of StudioGAN (cr.py, losses.py, worker.py); objectives.py and family.py have the steps.

- cr, bcr (Zhang et al. 2020; Zhao et al. 2021): (l(x) − l(T x))² on real images, or on real and generated ones; T mirrors and moves.
- zcr (Zhao et al. 2021): (l(G(z)) − l(G(z + σε)))² for D, −(G(z) − G(z + σε))² for G.
- lecam (Tseng et al. 2021): logits near moving averages of those of the other kind.
- orthogonal (Brock et al. 2019): filters of a layer unlike each other.
- infomax (Lee et al. 2021, as mimicry computes it): InfoNCE between the places of the last map but one and pooled features.
- classes (Lucic et al. 2019, S3GAN): classes of the real images that have a label are told from their features; architectures.py has the head.
- reconstruction (Liu et al. 2021; the decoder of lucidrains/lightweight-gan): real images painted again from a map of D. FastGAN's own: fastgan.py.
"""
import numpy as np
import torch

import fastgan
import hashing
import layers as L

# Parameters whose gradient is what cancels but for little: a shift of all places moves every product alike, those that are masked excepted.
CANCELING = ("infomax/localOut/bias", "infomax/localShortcut/bias")
LECAM_DECAY, SIGMA = 0.99, 0.05
# Buffers that are not hashed: averages of logits over 0.6 of the weight.
OVERRIDES = {"lecam": {"discriminator/lecam/real": [0.3], "discriminator/lecam/fake": [-0.2], "discriminator/lecam/weight": [0.6]}}


def terms(o):
    """[(name, weight in L_D, weight in L_G)]"""
    found = []
    for part in [] if o.auxiliary == "none" else o.auxiliary.split(","):
        name, *weights = part.split(":")
        weights = [float(w) for w in weights]
        found.append((name, weights[0], weights[-1] if name in ("zcr", "infomax", "orthogonal") else 0.0))
    return found


def overrides(o):
    return {k: v for name, _, _ in terms(o) for k, v in OVERRIDES.get(name, {}).items()}


def inputs(o, between, salt, step):
    """Random numbers of one step by name."""
    n, found = o.batchSize, {}
    for name, _, _ in terms(o):
        if name == "zcr":
            found[f"zcr/step{step}"] = between(f"{salt}:zcr/step{step}", (n, o.latentSize), -1.7, 1.7)
        if name == "reconstruction" and step == "D":
            found["reconstruction/quadrantD"] = hashing.labels(salt, "reconstruction/quadrantD", n, 4)
        for kind in {"cr": ("real",), "bcr": ("real", "fake")}.get(name, ()):
            found[f"{name}/{kind}{step}"] = between(f"{salt}:{name}/{kind}{step}", (n, 3), 0, 1)
    return found


def own(case):
    """Make the tensors of the losses."""
    for name, _, _ in terms(case.o):
        if name == "infomax":
            with torch.no_grad():
                projections(case, *case.features(case.generate("D"), case.one_hot("fakeLabelsD")))
        if name == "reconstruction":
            with torch.no_grad():
                maps = case.features(case.generate("D"), case.one_hot("fakeLabelsD"))[0]
                if case.o.architecture == "fastgan":
                    fastgan.decoders(case.d, maps, case.d.half, case.o.discriminator, [0] * case.o.batchSize)
                else:
                    painted(case, maps)
        if name == "lecam":
            for buffer in ("real", "fake", "weight"):
                case.d.buffer(f"lecam/{buffer}", (1,))


def reflected(position, size):
    """Where a place outside of 0 … size − 1 is looked up, the edge being a mirror on its middle."""
    return -position if position < 0 else 2 * (size - 1) - position if position >= size else position


def change(x, numbers):
    """Mirrored where the first number is below ½, then row i from row i + t, the same for columns; t in −S/8 … S/8 by the other two."""
    size, reach, made = x.shape[2], x.shape[2] // 8, []
    for image, (flip, down, right) in zip(x, numbers.astype(np.float64)):
        image = image.flip(2) if flip < 0.5 else image
        dy, dx = (int(np.floor(u * (2 * reach + 1))) - reach for u in (down, right))
        rows, columns = ([reflected(i + t, size) for i in range(size)] for t in (dy, dx))
        made.append(image[:, rows][:, :, columns])
    return torch.stack(made)


class Seen:
    """A step so far: images as they were shown and their classes by kind, generated ones before augmentation, raw logits of upright images by kind."""

    def __init__(self, step, images, classes, raw, logits, critic, first):
        """first: maps and pooled features of the upright images of the step's first kind, real in the discriminator's, generated in the generator's."""
        self.step, self.images, self.classes, self.raw, self.logits, self.critic, self.first = step, images, classes, raw, logits, critic, first


def projections(case, maps, pooled):
    """Of the places of the last map but one, after its ReLU, and of pooled features: [N, L, R] and [N, R]."""
    dimensions = round(1024 * case.o.discriminatorWidth / FULL_WIDTH[case.o.architecture])

    def project(name, x):
        layer = lambda kind, a, out: L.linear(case.d, f"infomax/{name}{kind}", a, out, case.o.discriminatorSpectralNorm)
        straight = layer("Shortcut", x, dimensions)
        return layer("Out", torch.relu(layer("Hidden", x, x.shape[1])), dimensions) + straight

    if pooled.shape[1] != maps[-1].shape[1]:
        pooled = torch.relu(maps[-1]).mean((2, 3))
    c = torch.relu(maps[-2])
    n, channels, height, width = c.shape
    places = c.permute(0, 2, 3, 1).reshape(-1, channels)
    return project("local", places).view(n, height * width, -1), project("global", pooled)


def info_nce(local, glob):
    """Written out: for each image and place, the softmax over its own product, and those of all places of all images, its own image's being −10."""
    n, places, _ = local.shape
    products = torch.einsum("ir,jpr->ijp", glob, local)
    total = 0
    for i in range(n):
        others = products[i].clone()
        others[i] = -10.0
        for p in range(places):
            total = total - torch.log_softmax(torch.cat([products[i, i, p].view(1), others.flatten()]), 0)[0]
    return total / (n * places)


FULL_WIDTH = {"resnet-cifar": 128, "sngan-resnet": 128, "sndcgan": 64}


def infomax(case, seen):
    maps, pooled = seen.first[:2]
    return info_nce(*projections(case, maps, pooled))


def painted(case, maps):
    """S(D(x)): from the deepest map of 8 × 8 or more, doubled by repetition, convolved and gated until it is as large as the image."""
    side = case.o.resolution
    x = [m for m in maps if 8 <= m.shape[2] < side][-1]
    number = 0
    while x.shape[2] < side:
        number += 1
        channels = 3 if 2 * x.shape[2] == side else max(4, x.shape[1] // 2)
        x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = torch.nn.functional.glu(L.conv(case.d, f"reconstruction/conv{number}", x, 2 * channels, 3), 1)
    return x


def orthogonal(net):
    """Brock et al. 2019, written out: products of different filters of each layer, squared. Not of an embedding of classes."""
    total = 0
    for name, kernel in net.parameters.items():
        if name.endswith("/kernel") and not name.endswith("/classes/kernel"):
            w = kernel.flatten(1)
            total = total + ((w @ w.t() * (1 - torch.eye(len(w), dtype=w.dtype))) ** 2).sum()
    return total


def square(a, b):
    return ((a - b) ** 2).mean()


def nearby(case, seen):
    z = case.tensor(f"latents{seen.step}") + SIGMA * case.tensor(f"zcr/step{seen.step}")
    return case.generate_from(z, seen.step)


def discriminator_term(case, name, seen):
    """→ the value, and numbers whose distance from 0 says how far a decision is from a tie."""
    if name in ("cr", "bcr"):
        return sum(square(seen.logits[kind], seen.critic(change(seen.images[kind], case.inputs[f"{name}/{kind}D"]), seen.classes[kind]))
                   for kind in (("real",) if name == "cr" else ("real", "fake"))), None
    if name == "zcr":
        with torch.no_grad():
            other = case.augment(nearby(case, seen), "augmentFakeD")
        return square(seen.logits["fake"], seen.critic(other, seen.classes["fake"])), None
    if name == "infomax":
        return infomax(case, seen), None
    if name == "reconstruction" and case.o.architecture == "fastgan":
        maps, _, half = seen.first
        return fastgan.reconstruction(case.d, maps, half, case.o.discriminator, case.inputs["reconstruction/quadrantD"], seen.images["real"]), None
    if name == "reconstruction":
        return square(painted(case, seen.first[0]), seen.images["real"]), None
    if name == "classes":
        given, logits = seen.classes["real"], seen.class_logits[: len(seen.classes["real"])]
        known = given.sum(1) > 0.5
        return torch.nn.functional.cross_entropy(logits[known], given[known].argmax(1)) if known.any() else logits.sum() * 0, None
    if name == "lecam":
        r, f = seen.logits["real"], seen.logits["fake"]
        now = dict(real=r.mean(), fake=f.mean(), weight=torch.ones((), dtype=r.dtype))
        moved = {k: LECAM_DECAY * case.d.buffer(f"lecam/{k}", (1,)) + (1 - LECAM_DECAY) * v.detach() for k, v in now.items()}
        for k, v in moved.items():
            case.d.update(f"lecam/{k}", v)
        above, below = r - moved["fake"] / moved["weight"], moved["real"] / moved["weight"] - f
        return (torch.relu(above) ** 2).mean() + (torch.relu(below) ** 2).mean(), torch.cat([above, below])
    raise ValueError(name)


def generator_term(case, name, seen):
    if name == "zcr":
        return -square(seen.raw, nearby(case, seen))
    if name == "infomax":
        return infomax(case, seen)
    raise ValueError(name)


def add(case, seen, loss, results):
    """→ the loss with the terms of this step, results with theirs, margins."""
    results, corners = dict(results), {}
    for name, d, g in terms(case.o):
        weight = d if seen.step == "D" else g
        if weight == 0:
            continue
        if seen.step == "D":
            value, ties = (orthogonal(case.d), None) if name == "orthogonal" else discriminator_term(case, name, seen)
            if ties is not None:
                corners[f"{name} corners"] = ties
        else:
            value = orthogonal(case.g) if name == "orthogonal" else generator_term(case, name, seen)
        loss = loss + weight * value
        results[f"auxiliary{name.capitalize()}"] = value
    return loss, results, corners


def self_test():
    x = torch.arange(64.0).view(1, 1, 8, 8)
    assert change(x, np.array([[0.9, 0.5, 0.5]])).equal(x) and change(x, np.array([[0.1, 0.5, 0.5]]))[0, 0, 0, 0] == 7
    assert change(x, np.array([[0.9, 0.0, 0.5]]))[0, 0, :3, 0].tolist() == [8, 0, 8]
    assert change(x, np.array([[0.9, 0.5, 0.99]]))[0, 0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 6]


self_test()

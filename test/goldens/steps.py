"""Golden values for one discriminator and one generator update of every architecture, conditioning, loss and penalty.

    /usr/bin/python3 test/goldens/steps.py [FILE …]     # writes steps/FILE.{json,safetensors}; all of them if none is named

Weights and inputs come from hashing.py, so only results are stored. Everything is float64; a salt is chosen for each case with which a float32
run and runs from weights changed by 3e-6 give the same numbers, so that no comparison hangs on a ReLU that may fall either way.
README.md describes the files.
"""
import json
import os
import sys
from types import SimpleNamespace as Options

import numpy as np
import torch

import auxiliary
import family
import hashing
import objectives
from layers import Network
from objectives import Case
from storage import VANISHING, Writer

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "steps")
BATCH, CLASSES = 4, 3
ALPHA, BETA, PENALTY_WEIGHT = 0.7, 1.3, 3.0
# Added to the salt for the real images of the generator's step.
OTHER_BATCH = 1000
ADAM = dict(learningRate=0.01, beta1=0.0, beta2=0.9, epsilon=1e-8)
# How far a float32 run may be off, of each tensor's largest value; and runs from weights changed by SHAKE of their value, which moves numbers
# about as far as the sums of ONNX Runtime's kernels do. At 128 × 128 some ReLU always turns at that, so weights are changed by a third of it, and
# what comes of it is counted three times.
STABLE, STABLE_SHAKEN, SHAKE, SHAKES = 2e-5, 1.2e-4, 3e-6, 5

# ---------------------------------------------------------------- cases

# Generator and discriminator options by name of the variant.
VARIANTS = {
    "batch": dict(),
    "conditional": dict(norm="conditional", conditioning="projection"),
    "self-modulated": dict(norm="self-modulated"),
    "layer": dict(norm="none", discriminatorNorm="layer", discriminatorSpectralNorm=False),
    "spectral": dict(norm="self-modulated", spectralNorm=True),
    "hierarchical": dict(norm="self-modulated", hierarchicalLatent=True),
    "hierarchical conditional": dict(norm="conditional", conditioning="projection", hierarchicalLatent=True, spectralNorm=True),
}


def case(name, architecture, resolution, generatorWidth, discriminatorWidth, **options):
    """All that defines a case. `forward`: store forward values too."""
    o = dict(name=name, architecture=architecture, resolution=resolution, generatorWidth=generatorWidth,
             discriminatorWidth=discriminatorWidth, latentSize=12, batchSize=BATCH, norm="batch", spectralNorm=False,
             hierarchicalLatent=False, classEmbedding=0, attention=None, discriminatorAttention=None, discriminatorNorm="none", discriminatorSpectralNorm=True, conditioning="none", loss="hinge",
             selfSupervision="rotation", turns="all", rotatedBatch=8, penalty="none", penaltyWeight=PENALTY_WEIGHT, auxiliary="none", augment=[], adaptive="none", forward=False)
    assert not set(options) - set(o), options
    o |= options
    o["head"], o["adversarial"] = ("rotation", 4), True
    if o["selfSupervision"] in family.TASKS:
        name, outputs, o["adversarial"], _ = family.TASKS[o["selfSupervision"]]
        o["head"] = (name, outputs)
    o["classes"] = CLASSES if "conditional" in o["norm"] or o["conditioning"] != "none" else 0
    return Options(**o)


def variants(architecture, resolution, gw, dw, names, **options):
    return [case(f"{architecture} {resolution} {v}", architecture, resolution, gw, dw, forward=v in FORWARD, **VARIANTS[v], **options) for v in names]


EVERY = [v for v in VARIANTS if v != "hierarchical conditional"]
# Forward values of all variants would say little more: the gradients depend on them.
FORWARD = ["batch", "conditional"]
# Fewer units whose ReLU may hang in the balance, for large images.
FEW = dict(batchSize=2, rotatedBatch=4)
PLAIN = ["batch", "conditional", "self-modulated", "layer"]


def big(name, architecture, resolution, gw, dw, **o):
    """BigGAN whole: class-conditional norms on a shared embedding and chunks of z, projection, spectral normalization of both networks."""
    o = VARIANTS["hierarchical conditional"] | dict(classEmbedding=5, selfSupervision="none") | o
    return case(name, architecture, resolution, gw, dw, **o)


def whole(architecture):
    return big(f"{architecture} 32 whole", architecture, 32, 4, 4, attention=16, discriminatorAttention=16, forward=True, selfSupervision="rotation", **FEW)


def architectures():
    return {
        "resnet-cifar": variants("resnet-cifar", 16, 8, 8, list(VARIANTS)),
        "resnet5": variants("resnet5", 32, 4, 2, EVERY[:1]) + variants("resnet5", 32, 4, 1, EVERY[1:]) + variants("resnet5", 64, 4, 1, ["batch"], **FEW) + variants("resnet5", 128, 2, 1, ["conditional"], **FEW),
        "resnet-stl": variants("resnet-stl", 48, 4, 1, EVERY),
        "sndcgan": variants("sndcgan", 32, 8, 2, PLAIN) + variants("sndcgan", 64, 4, 1, ["batch"]),
        "dcgan": variants("dcgan", 32, 4, 2, PLAIN) + variants("dcgan", 64, 4, 1, ["batch"], **FEW),
        "sngan-resnet": variants("sngan-resnet", 16, 8, 8, EVERY) + variants("sngan-resnet", 48, 4, 1, ["batch", "conditional", "layer"], **FEW)
        + variants("sngan-resnet", 64, 4, 1, ["batch", "self-modulated"], **FEW),
        "pyramid": variants("pyramid", 16, 4, 4, EVERY) + variants("pyramid", 32, 4, 4, ["batch", "hierarchical conditional"], **FEW)
        + variants("pyramid", 64, 2, 2, ["batch"], **FEW),
        "biggan": [
            big("biggan 32 vectors of classes", "biggan", 32, 4, 4, classEmbedding=0, hierarchicalLatent=False, **FEW), whole("biggan"),
            big("biggan 32 orthogonal", "biggan", 32, 4, 4, auxiliary="orthogonal:0.002:0.003", **FEW),
        ],
        "resnet-biggan": variants("resnet-biggan", 32, 4, 4, ["batch"], **FEW) + [
            whole("resnet-biggan"), big("resnet-biggan 64", "resnet-biggan", 64, 4, 1, latentSize=15, attention=8, discriminatorAttention=8, **FEW),
        ],
        "r3gan": r3gan_cases(),
        "fastgan": fastgan_cases(),
        "zq-resnet": variants("zq-resnet", 32, 4, 4, ["batch", "conditional", "self-modulated"], **FEW) + variants("zq-resnet", 48, 4, 4, ["batch", "layer"], **FEW),
    }


def r3gan_cases():
    """As published, with its own loss and penalties; and with rotation."""
    own = dict(norm="none", discriminatorSpectralNorm=False)
    small = lambda name, **o: case(f"r3gan 16 {name}", "r3gan", 16, 16, 16, **own, **o)
    return [small("relativistic, r1-r2", loss="relativistic", penalty="r1-r2", selfSupervision="none", **FEW),
            small("rotation", loss="non-saturating", forward=True, **FEW)]


def fastgan_cases():
    """As published but for the norm of D, with the three decoders; beside rotation; and a class-conditional form with a penalty."""
    small = lambda name, side, **o: case(f"fastgan {side} {name}", "fastgan", side, o.pop("gw", 4), 4, **FEW, **o)
    return [small("rotation, reconstruction", 64, loss="non-saturating", auxiliary="reconstruction:2", forward=True),
            small("hinge, reconstruction", 64, selfSupervision="none", spectralNorm=True, discriminatorNorm="layer", auxiliary="reconstruction:1", augment=["colour", "translation"]),
            small("conditional, wgan-gp", 64, loss="wasserstein", penalty="wgan-gp", selfSupervision="none", discriminatorSpectralNorm=False, **{k: v for k, v in VARIANTS["conditional"].items()})]


def objective_cases():
    small = lambda name, **o: case(name, o.pop("architecture", "resnet-cifar"), o.pop("resolution", 16), o.pop("gw", 4), o.pop("dw", 6), **o)
    # With spectral normalization the slopes are about 0.02, and their squares would not be seen in the gradient.
    heavy = dict(penaltyWeight=2000.0)
    weight = lambda penalty: heavy if penalty in ("r1", "r1-r2") else {}
    matrix = [small(f"{loss}, {penalty}", loss=loss, penalty=penalty, **weight(penalty))
              for loss in objectives.LOSSES for penalty in ("none", "wgan-gp", "dragan", "l2", "r1", "r1-r2")]
    free = dict(discriminatorSpectralNorm=False)
    return matrix + [
        small("no self-supervision", selfSupervision="none", loss="non-saturating"),
        small("no self-supervision, wgan-gp", selfSupervision="none", loss="wasserstein", penalty="wgan-gp", **free),
        small("rotation only", selfSupervision="rotation-only"),
        small("rotation only, wgan-gp", selfSupervision="rotation-only", penalty="wgan-gp"),
        small("each image one turn", architecture="sngan-resnet", turns="one", rotatedBatch=4),
        small("each image one turn, wgan-gp", turns="one", rotatedBatch=4, penalty="wgan-gp"),
        small("each image one turn, some images", turns="one", rotatedBatch=4, batchSize=6),
        small("rotated batch of 4", rotatedBatch=4),
        small("rotated batch of 4N", rotatedBatch=16),
        small("conditional, wgan-gp", penalty="wgan-gp", **VARIANTS["conditional"]),
        small("conditional, each image one turn", turns="one", rotatedBatch=4, **VARIANTS["conditional"]),
        small("conditional norm without projection", norm="conditional"),
        small("projection without conditional norm", conditioning="projection", loss="least-squares"),
        small("layer norm, wgan-gp", penalty="wgan-gp", loss="wasserstein", **VARIANTS["layer"]),
        small("layer norm, dragan", penalty="dragan", loss="non-saturating", **VARIANTS["layer"]),
        small("layer norm, l2", penalty="l2", loss="non-saturating", **VARIANTS["layer"]),
        small("sngan-resnet, wgan-gp", architecture="sngan-resnet", penalty="wgan-gp", **free),
        small("sngan-resnet, l2", architecture="sngan-resnet", penalty="l2"),
        small("resnet5, layer norm, wgan-gp", architecture="resnet5", resolution=32, gw=4, dw=1, loss="wasserstein", penalty="wgan-gp", **VARIANTS["layer"]),
        small("sndcgan, dragan", architecture="sndcgan", resolution=32, gw=4, dw=1, penalty="dragan"),
        small("dcgan, wgan-gp", architecture="dcgan", resolution=32, gw=4, dw=1, penalty="wgan-gp"),
        small("zq-resnet, wgan-gp", architecture="zq-resnet", resolution=32, gw=4, dw=4, penalty="wgan-gp", **FEW),
        small("relativistic, no self-supervision", loss="relativistic", selfSupervision="none", penalty="r1", **free),
        small("relativistic, rotation only", loss="relativistic", selfSupervision="rotation-only", penalty="r1-r2", **heavy),
        small("relativistic, each image one turn", loss="relativistic", turns="one", rotatedBatch=4, batchSize=6, penalty="r1-r2", **heavy),
        small("relativistic, conditional", loss="relativistic", penalty="r1-r2", **heavy, **VARIANTS["conditional"]),
        small("relativistic, conditional, each image one turn", loss="relativistic", turns="one", rotatedBatch=4, penalty="r1-r2", **heavy, **VARIANTS["conditional"]),
        small("relativistic, layer norm, r1", loss="relativistic", penalty="r1", **VARIANTS["layer"]),
        small("relativistic, layer norm, r1-r2", loss="relativistic", penalty="r1-r2", **VARIANTS["layer"]),
        small("relativistic, sngan-resnet, r1", architecture="sngan-resnet", loss="relativistic", penalty="r1", **free),
        small("relativistic, pyramid, r1-r2", architecture="pyramid", gw=2, dw=2, loss="relativistic", penalty="r1-r2", **free),
        small("relativistic, dcgan, r1-r2", architecture="dcgan", resolution=32, gw=4, dw=1, loss="relativistic", penalty="r1-r2", **heavy),
        small("relativistic, translation, r1-r2", loss="relativistic", augment=["translation"], penalty="r1-r2", **heavy),
        small("relativistic, conditional, colour, translation, cutout, r1-r2", architecture="sngan-resnet", loss="relativistic",
              augment=["colour", "translation", "cutout"], penalty="r1-r2", **heavy, **VARIANTS["conditional"]),
        small("conditional, r1", penalty="r1", **heavy, **VARIANTS["conditional"]),
        small("colour, r1", augment=["colour"], penalty="r1", **heavy),
        small("colour", augment=["colour"]),
        small("translation", augment=["translation"]),
        small("cutout", augment=["cutout"]),
        small("colour, translation, cutout", augment=["colour", "translation", "cutout"], rotatedBatch=16),
        small("cutout, colour; images in [-1, 1]", architecture="sngan-resnet", augment=["cutout", "colour"]),
        small("translation, wgan-gp", augment=["translation"], penalty="wgan-gp", selfSupervision="none"),
    ]


def family_cases():
    """Every successor on two architectures, with images in [0, 1] and in [-1, 1], shown in both ways."""
    def small(name, task, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar") | o
        return case(f"{task}, {name}", o.pop("architecture"), 16, o.pop("gw"), o.pop("dw"), selfSupervision=task, **o)
    heavy, one, other = dict(penaltyWeight=2000.0), dict(turns="one", rotatedBatch=4), dict(architecture="sngan-resnet")
    made = []
    for task in ("rotation-ms", "rotation-la-plus"):
        made += [
            small("all turns", task), small("sngan-resnet, one turn", task, **other, **one), small("conditional", task, **VARIANTS["conditional"]),
            small("relativistic, r1-r2", task, loss="relativistic", penalty="r1-r2", **heavy),
        ]
    for loss in ("hinge", "non-saturating"):
        made += [
            small(f"{loss}, all turns", "rotation-la", loss=loss),
            small(f"sngan-resnet, {loss}, one turn", "rotation-la", loss=loss, turns="one", **other),
            small(f"{loss}, r1", "rotation-la", loss=loss, penalty="r1", **heavy),
        ]
    made += [
        small("hinge, wgan-gp, one turn", "rotation-la", turns="one", penalty="wgan-gp"),
        small("one order, some images", "jigsaw", turns="one", rotatedBatch=2), small("sngan-resnet, one order", "jigsaw", **other, **one),
        small("sngan-resnet, all orders", "jigsaw", rotatedBatch=48, **other), small("conditional, one order", "jigsaw", **one, **VARIANTS["conditional"]),
        small("translation, wgan-gp", "jigsaw", augment=["translation"], penalty="wgan-gp", **one),
    ]
    return made


def dagan_cases():
    """The adversarial loss in every turn: each loss, two architectures, images shown in both ways."""
    def small(name, task, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar") | o
        return case(f"{task}, {name}", o.pop("architecture"), 16, o.pop("gw"), o.pop("dw"), selfSupervision=task, **o)
    one, other = dict(turns="one"), dict(architecture="sngan-resnet")
    made = []
    for task in ("rotation-da", "rotation-da-md"):
        made += [
            small("all turns", task), small("sngan-resnet, hinge, one turn", task, **other, **one),
            small("non-saturating, r1", task, loss="non-saturating", penalty="r1", penaltyWeight=2000.0),
            small("sngan-resnet, least-squares", task, loss="least-squares", **other),
        ]
    return made + [
        small("wasserstein, wgan-gp, one turn", "rotation-da", loss="wasserstein", penalty="wgan-gp", **one),
        small("minimax, translation", "rotation-da-md", loss="minimax", augment=["translation"]),
    ]


def auxiliary_cases():
    """Every auxiliary loss on two architectures, with and without rotation, and with everything else that moves what it looks at."""
    def small(name, losses, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar", selfSupervision="none") | o
        return case(f"{losses}, {name}", o.pop("architecture"), o.pop("resolution", 16), o.pop("gw"), o.pop("dw"), auxiliary=losses, **o)
    one, other, turned = dict(turns="one", rotatedBatch=4), dict(architecture="sngan-resnet"), dict(selfSupervision="rotation")
    made = []
    for losses in ("cr:10", "bcr:10", "zcr:20:0.5", "lecam:0.3"):
        made += [small("all turns", losses, **turned), small("sngan-resnet", losses, **other)]
    return made + [
        small("sngan-resnet, one turn", "bcr:2", **other, **one, **turned), small("conditional, wgan-gp", "bcr:2", penalty="wgan-gp", **VARIANTS["conditional"]),
        small("translation, cutout", "bcr:2", augment=["translation", "cutout"]), small("translation", "zcr:20:5", augment=["translation"]),
        small("conditional", "zcr:20:5", **VARIANTS["conditional"]), small("generator alone", "zcr:0:5"), small("non-saturating, r1", "lecam:3", loss="non-saturating", penalty="r1"),
        small("all turns", "infomax:0.2", **turned, discriminatorSpectralNorm=False), small("sngan-resnet", "infomax:0.2", **other), small("sngan-resnet, one turn", "infomax:2:0.5", **other, **one, **turned),
        small("sndcgan, conditional", "infomax:2", architecture="sndcgan", resolution=32, dw=2, **VARIANTS["conditional"] | dict(discriminatorSpectralNorm=False)),
        small("relativistic", "lecam:3", loss="relativistic", **turned), small("all together", "bcr:2,zcr:20:0.5,lecam:0.3", **turned),
    ]


def reconstruction_cases():
    """FastGAN's, on two architectures, one layer and two of the decoder, beside rotation and with augmented images."""
    def small(name, losses, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar", selfSupervision="none") | o
        return case(f"{losses}, {name}", o.pop("architecture"), o.pop("resolution", 16), o.pop("gw"), o.pop("dw"), auxiliary=losses, **o)
    return [
        small("all turns", "reconstruction:1", selfSupervision="rotation"),
        small("pyramid 32, translation", "reconstruction:3", architecture="pyramid", resolution=32, dw=4, augment=["translation"], **FEW),
    ]


def adaptive_cases():
    def small(name, adaptive, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar", selfSupervision="none", loss="non-saturating") | o
        return case(f"{adaptive}, {name}", o.pop("architecture"), 16, o.pop("gw"), o.pop("dw"), adaptive=adaptive, **o)
    other, turned = dict(architecture="sngan-resnet"), dict(selfSupervision="rotation")
    everything = dict(augment=["colour", "translation", "cutout"])
    return [
        small("all turns", "ada", **everything, **turned), small("sngan-resnet, hinge", "ada", loss="hinge", augment=["cutout", "colour"], **other),
        small("translation, bcr, zcr", "ada", augment=["translation"], auxiliary="bcr:2,zcr:20:0.5"),
        small("all turns", "apa", **turned), small("sngan-resnet, translation", "apa", augment=["translation"], **other),
        small("conditional, wgan-gp", "apa", penalty="wgan-gp", **VARIANTS["conditional"]),
    ]


def attention_cases():
    """Self-attention in one of the networks or in both, on two families, with second derivatives and under spectral normalization."""
    def small(name, g, d, **o):
        o = dict(gw=8, dw=8, architecture="resnet-cifar") | o
        return case(name, o.pop("architecture"), 16, o.pop("gw"), o.pop("dw"), attention=g, discriminatorAttention=d, **o)
    other, free = dict(architecture="sngan-resnet"), dict(discriminatorSpectralNorm=False)
    return [
        small("both networks, sngan-resnet, conditional", 8, 8, **other, **VARIANTS["conditional"]),
        small("the generator alone, its spectral norm", 16, None, **VARIANTS["spectral"]), small("the discriminator alone, wgan-gp", None, 8, penalty="wgan-gp", **free),
    ]


FILES = architectures() | {"objectives": objective_cases(), "family": family_cases(), "dagan": dagan_cases(), "auxiliary": auxiliary_cases(), "reconstruction": reconstruction_cases(), "adaptive": adaptive_cases(), "attention": attention_cases()}

# ---------------------------------------------------------------- running a case


def inputs(o, salt):
    n, between = o.batchSize, hashing.between
    x = dict(mixing=between(f"{salt}:mixing", (n,), 0, 1),
             noise=between(f"{salt}:noise numbers", (n, 3, o.resolution, o.resolution), 0, 1))
    for step in "DG":
        x |= auxiliary.inputs(o, between, salt, step)
        x[f"latents{step}"] = between(f"{salt}:latents{step}", (n, o.latentSize), -1.7, 1.7)
        x[f"fakeLabels{step}"] = hashing.labels(salt, f"fakeLabels{step}", n, max(o.classes, 1))
        # The generator's step is shown another batch, where it is shown one.
        x[f"images{step}"] = hashing.images(salt if step == "D" else salt + OTHER_BATCH, n, o.resolution)
        x[f"labels{step}"] = hashing.labels(salt, "labels" if step == "D" else "labelsG", n, max(o.classes, 1))
        for kind in ("real", "fake"):
            x[f"{kind}Transformations{step}"] = hashing.labels(salt, f"{kind}Transformations{step}", o.rotatedBatch, len(family.ORDERS))
    numbers = sum(len(objectives.NUMBERS[kind]) + (o.adaptive == "ada") for kind in o.augment)
    x["pseudoD"] = between(f"{salt}:pseudoD", (n,), 0, 1)
    for name in ("augmentRealD", "augmentFakeD", "augmentRealG", "augmentFakeG"):
        x[name] = between(f"{salt}:{name}", (n, numbers), 0, 1)
    return x


def networks(o, salt, overrides, dtype):
    o.generator = Options(resolution=o.resolution, width=o.generatorWidth, norm=o.norm, sn=o.spectralNorm, hierarchical=o.hierarchicalLatent,
                          attention=o.attention, embedding=o.classEmbedding)
    o.discriminator = Options(resolution=o.resolution, width=o.discriminatorWidth, norm=o.discriminatorNorm, sn=o.discriminatorSpectralNorm,
                              attention=o.discriminatorAttention)
    o.alpha, o.beta = ALPHA, BETA
    g, d = (Network(name, salt, dtype, overrides, o.norm == "conditional" and not o.classEmbedding) for name in ("generator", "discriminator"))
    made = Case(g, d, o, inputs(o, salt))
    auxiliary.own(made)
    if o.adaptive != "none":
        made.d.buffer("adaptive/probability", (1,)), made.d.buffer("adaptive/excess", (1,))
    # The first use makes the tensors; it must not move buffers.
    with torch.no_grad():
        if o.selfSupervision in family.TASKS:
            made.judge(made.generate("D"), made.one_hot("fakeLabelsD"))
        else:
            objectives.show(made, [(made.generate("D"), made.one_hot("fakeLabelsD"))])
    for net in (made.g, made.d):
        net.buffers = {k: net._first(k, x.shape) for k, x in net.buffers.items()}
    return made


def gentle(o):
    return 3 if o.resolution >= 128 else 1


def adam(net, salt, gradients):
    """One step from m = 0 with the v of hashing.py; learningRate already has the bias correction."""
    for (name, x), g in zip(list(net.parameters.items()), gradients):
        v = torch.tensor(hashing.second_moment(salt, name, tuple(x.shape))).to(x.dtype)
        v = ADAM["beta2"] * v + (1 - ADAM["beta2"]) * g * g
        m = (1 - ADAM["beta1"]) * g
        net.parameters[name] = x.detach() - ADAM["learningRate"] * m / (torch.sqrt(v) + ADAM["epsilon"])


def run(o, salt, overrides, dtype=torch.float64, shake=None):
    """Both updates, from weights changed at random if `shake` is a generator. → {key: tensor} and scalar results of each step."""
    made = networks(o, salt, overrides, dtype)
    if shake is not None:
        for net in (made.g, made.d):
            net.parameters = {k: x * (1 + SHAKE / gentle(o) * torch.randn(x.shape, generator=shake, dtype=dtype)) for k, x in net.parameters.items()}
    tensors, scalars = {}, {}
    kind = family if o.selfSupervision in family.TASKS else objectives
    for step, trained, other, build in (("dStep", made.d, made.g, kind.discriminator_step), ("gStep", made.g, made.d, kind.generator_step)):
        trained.requires_grad(True)
        other.requires_grad(False)
        loss, results, forward = build(made)
        names = list(trained.parameters)
        gradients = torch.autograd.grad(loss, list(trained.parameters.values()), allow_unused=True)
        gradients = [torch.zeros_like(trained.parameters[k]) if g is None else g for k, g in zip(names, gradients)]
        adam(trained, salt, gradients)
        scalars[step] = {k: float(x) for k, x in results.items()}
        tensors |= {f"{step}/gradient/{k}": g.detach() for k, g in zip(names, gradients)}
        tensors |= {f"{step}/buffer/{k}": x for net in (made.g, made.d) for k, x in net.buffers.items()}
        if o.forward and step == "dStep":
            tensors |= {f"{step}/forward/{k}": x.detach() for k, x in forward.items()}
        made.margin = min(getattr(made, "margin", 1), margin(o, forward))
    return made, tensors, scalars


def margin(o, forward):
    """How far the closest decision is from a tie: the argmax of the rotation head, the corners of the hinge."""
    found = [1.0]
    if "rotationLogits" in forward:
        top = forward["rotationLogits"].topk(2, 1)[0]
        found.append(float((top[:, 0] - top[:, 1]).min() / forward["rotationLogits"].abs().max()))
    if o.loss == "hinge" and "logits" in forward:
        found.append(float((forward["logits"].abs() - 1).abs().min()))
    found += [float(x.abs().min()) for key, x in forward.items() if key.endswith(("answers", "corners"))]
    return min(found)


def overrides_of(o, salt):
    adaptive = {"discriminator/adaptive/probability": [0.5], "discriminator/adaptive/excess": [0.1]} if o.adaptive != "none" else {}
    return center_heads(o, salt) | auxiliary.overrides(o) | adaptive


def center_heads(o, salt):
    """Biases of the heads with which neither is saturated: rotation logits that average to something near 0 (at 0 itself the gradient of their
    bias vanishes where they hardly differ); for the hinge loss, real logits with its
    corner in their middle; for the others, logits around 0.8, where all of them are curved."""
    made = networks(o, salt, {}, torch.float64)
    if o.selfSupervision in family.TASKS:
        return center_family(o, made)
    with torch.no_grad():
        groups = [(made.real(), made.one_hot("labelsD")), (made.generate("D"), made.one_hot("fakeLabelsD"))]
        logits, _, forward = objectives.show(made, groups)
    real = logits[0].sort()[0][len(logits[0]) // 2 - 1 :]
    center = real[:2].mean() - 1 if o.loss == "hinge" else torch.cat(logits).mean() - 0.8
    shift = {"discriminator/finalFc/bias": center.view(1)}
    if "rotationLogits" in forward:
        shift["discriminator/rotation/bias"] = forward["rotationLogits"].mean(0) - torch.tensor([0.05, -0.05, 0.1, -0.1]).double()
    # The heads of some networks have none.
    shift = {k: x for k, x in shift.items() if k in made.d.parameters}
    return {k: [round(float(v), 4) for v in made.d.parameters[k].detach() - x] for k, x in shift.items()}


def center_family(o, made):
    """The same for the heads of other tasks, of which one may be alone."""
    groups = {"real": (made.real(), made.one_hot("labelsD")), "fake": (made.generate("D"), made.one_hot("fakeLabelsD"))}
    with torch.no_grad():
        logits, outputs = family.show(made, groups, ("real", "fake"), "D")
    head, size = o.head
    # Different enough that no two answers are near a tie, and no more.
    wanted = 0.1 * torch.cos(torch.arange(size).double() * 2.4)
    if family.turned(o):
        # Where the adversarial losses are curved, or have their corner.
        wanted = wanted + (1 if o.loss == "hinge" else 0.8)
    shift = {f"discriminator/{head}/bias": torch.cat([a for a, _ in outputs.values()]).mean(0) - wanted}
    if logits:
        real = logits["real"].sort()[0][len(logits["real"]) // 2 - 1 :]
        center = real[:2].mean() - 1 if o.loss == "hinge" else torch.cat(list(logits.values())).mean() - 0.8
        shift["discriminator/finalFc/bias"] = center.view(1)
    return {k: [round(float(v), 4) for v in made.d.parameters[k].detach() - x] for k, x in shift.items()}


def differences(tensors, others):
    return {key: float((others[key].double() - x).abs().max()) for key, x in tensors.items()}


def worst_share(tensors, found, largest):
    """The largest difference as a share of each tensor's largest value; of vanishing gradients, a hundredth of the share of the network's largest."""
    worst = 0
    for key, x in tensors.items():
        size, (step, kind, _) = float(x.abs().max()), key.split("/", 2)
        vanishing = kind == "gradient" and (size < VANISHING * largest[step] or key.endswith(auxiliary.CANCELING))
        worst = max(worst, found[key] / (100 * largest[step]) if vanishing else found[key] / max(size, 1e-30))
    return worst


def stable(o, salt):
    """The results of a case, or None if some decision of it is too close."""
    overrides = overrides_of(o, salt)
    made, tensors, scalars = run(o, salt, overrides)
    if made.margin < 1e-3 or any(not np.isfinite(v) for s in scalars.values() for v in s.values()):
        return None
    if o.loss == "hinge" and min(scalars["dStep"]["lossReal"], scalars["dStep"]["lossFake"]) == 0:
        return None
    largest = {step: max(float(x.abs().max()) for k, x in tensors.items() if k.startswith(f"{step}/gradient")) for step in scalars}
    shake, noise, worst = torch.Generator().manual_seed(salt), {k: 0.0 for k in tensors}, 0
    for how, allowed in [(dict(dtype=torch.float32), STABLE)] + SHAKES * [(dict(shake=shake), STABLE_SHAKEN)]:
        _, other, scalars2 = run(o, salt, overrides, **how)
        found = {k: x * (gentle(o) if "shake" in how else 1) for k, x in differences(tensors, other).items()}
        off = [abs(x - scalars2[s][k]) / max(1, abs(x)) for s in scalars for k, x in scalars[s].items()]
        worst = max([worst, worst_share(tensors, found, largest)] + off)
        if worst > allowed:
            return None
        noise = {k: max(x, found[k]) for k, x in noise.items()}
    return made, overrides, tensors, scalars, largest, noise, worst


def settings(o):
    """In the form of the program's configuration."""
    return {
        "data": {"resolution": o.resolution, "classes": o.classes},
        "generator": {"architecture": o.architecture, "width": o.generatorWidth, "norm": o.norm, "spectralNorm": o.spectralNorm,
                      "hierarchicalLatent": o.hierarchicalLatent, "latentSize": o.latentSize,
                      **({"classEmbedding": o.classEmbedding} if o.classEmbedding else {}), **({"attention": o.attention} if o.attention else {})},
        "discriminator": {"architecture": o.architecture, "width": o.discriminatorWidth, "norm": o.discriminatorNorm,
                          "spectralNorm": o.discriminatorSpectralNorm, "conditioning": o.conditioning,
                          **({"attention": o.discriminatorAttention} if o.discriminatorAttention else {})},
        "objective": {"loss": o.loss, "selfSupervision": o.selfSupervision, "turns": o.turns, "rotatedBatch": o.rotatedBatch, "penalty": o.penalty,
                      **({"auxiliary": o.auxiliary} if o.auxiliary != "none" else {})},
        "optimizer": {"beta1": ADAM["beta1"], "beta2": ADAM["beta2"]},
        "training": {"batchSize": o.batchSize, "augment": ",".join(o.augment) or "none",
                     **({"adaptive": o.adaptive, **objectives.ADAPTIVE} if o.adaptive != "none" else {})},
    }


def main(names):
    torch.set_num_threads(1)
    os.makedirs(HERE, exist_ok=True)
    for name in names or FILES:
        writer = Writer(os.path.join(HERE, f"{name}.safetensors"))
        cases, layouts, known = [], [], known_salts(name)
        for o in FILES[name]:
            for salt in ([known[o.name]] if o.name in known else []) + list(range(1000)):
                found = stable(o, salt)
                if found:
                    break
            else:
                raise SystemExit(f"{o.name}: no salt is stable")
            made, overrides, tensors, scalars, largest, noise, worst = found
            layout = {net.name: {"parameters": layout_of(net.parameters), "buffers": layout_of(net.buffers)} for net in (made.g, made.d)}
            layouts += [layout] if layout not in layouts else []
            fed = dict(fed={"lambda": o.penaltyWeight}) if o.penaltyWeight != PENALTY_WEIGHT else {}
            cases.append(dict(name=o.name, settings=settings(o), **fed, salt=salt, overrides=overrides, layout=layouts.index(layout), results=scalars,
                              largestGradient=largest, **writer.add(o.name, tensors, noise)))
            print(f"{o.name}: salt {salt}, unstable by {worst:.1e}, {json.dumps({k: round(v, 4) for k, v in scalars['dStep'].items()})}", flush=True)
        writer.write()
        constants = dict(fed=dict(learningRate=ADAM["learningRate"], alpha=ALPHA, beta=BETA, **{"lambda": PENALTY_WEIGHT}), epsilon=ADAM["epsilon"])
        with open(os.path.join(HERE, f"{name}.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps(constants)[:-1] + ', "layouts": [\n' + ",\n".join(json.dumps(x) for x in layouts) + '\n], "cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n")
        print(f"{name}: {writer.size:,} bytes")


def known_salts(name):
    """Those of the file that is there are tried first, which saves the search."""
    path = os.path.join(HERE, f"{name}.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {c["name"]: c["salt"] for c in json.load(file)["cases"]}


def layout_of(tensors):
    """Names without the network's, with shapes: "block1/conv1/kernel 8 8 3 3"."""
    return [" ".join([k.split("/", 1)[1], *map(str, x.shape)]) for k, x in tensors.items()]


if __name__ == "__main__":
    main(sys.argv[1:])

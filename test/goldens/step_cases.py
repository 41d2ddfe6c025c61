"""The cases of steps.py: networks, conditioning, losses, penalties and tasks, a list for each file."""
from types import SimpleNamespace as Options

import family
import objectives

BATCH, CLASSES, PENALTY_WEIGHT = 4, 3, 3.0

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


def s3gan_cases():
    """S3GAN on two architectures, with the likeliest class and with all by their probabilities; beside everything else that shows D images without a label."""
    def small(name, conditioning, **o):
        o = dict(gw=4, dw=6, architecture="resnet-cifar", auxiliary="classes:1") | o
        return case(f"{conditioning}, {name}", o.pop("architecture"), 16, o.pop("gw"), o.pop("dw"), norm="conditional", conditioning=conditioning, **o)
    one, other = dict(turns="one", rotatedBatch=4), dict(architecture="sngan-resnet")
    return [
        small("all turns", "predicted"), small("sngan-resnet, one turn", "predicted", **other, **one),
        small("wgan-gp", "predicted", penalty="wgan-gp", selfSupervision="none"), small("translation, cr", "predicted-soft", augment=["translation"], auxiliary="cr:2,classes:0.5"),
        small("sngan-resnet, relativistic, r1-r2", "predicted-soft", loss="relativistic", penalty="r1-r2", selfSupervision="none", penaltyWeight=2000.0, **other),
    ]


FILES = architectures() | {"objectives": objective_cases(), "family": family_cases(), "dagan": dagan_cases(), "auxiliary": auxiliary_cases(), "reconstruction": reconstruction_cases(), "adaptive": adaptive_cases(), "attention": attention_cases(), "s3gan": s3gan_cases()}

"""The objectives in plain PyTorch: losses, penalties, rotation, DiffAugment, and one update of each network. Written from the papers and
from the description of compare_gan (losses, penalties, joint pass), mimicry (each image one turn) and DiffAugment (Zhao et al. 2020)."""
import numpy as np
import torch
import torch.nn.functional as F

import architectures as nets
import auxiliary
import hashing
from diffaugment import NUMBERS, augment

# ---------------------------------------------------------------- losses: (real part of L_D, generated part, L_G)

LOSSES = {
    "hinge": lambda r, f: (torch.relu(1 - r).mean(), torch.relu(1 + f).mean(), -f.mean()),
    "non-saturating": lambda r, f: (F.softplus(-r).mean(), F.softplus(f).mean(), F.softplus(-f).mean()),
    # Goodfellow's zero-sum game: G minimizes mean log(1 − sigmoid(f)).
    "minimax": lambda r, f: (F.softplus(-r).mean(), F.softplus(f).mean(), -F.softplus(f).mean()),
    "wasserstein": lambda r, f: (-r.mean(), f.mean(), -f.mean()),
    # compare_gan's: on probabilities.
    "least-squares": lambda r, f: (0.5 * ((torch.sigmoid(r) - 1) ** 2).mean(), 0.5 * (torch.sigmoid(f) ** 2).mean(),
                                   0.5 * ((torch.sigmoid(f) - 1) ** 2).mean()),
    # Jolicoeur-Martineau 2018, RSGAN; R3GAN's pairs: L_D = −mean log sigmoid(r_i − f_i), of which each part is half; L_G = −mean log sigmoid(f_i − r_i).
    "relativistic": lambda r, f: (-0.5 * F.logsigmoid(r - f).mean(), -0.5 * F.logsigmoid(r - f).mean(), -F.logsigmoid(f - r).mean()),
}
# Those whose L_G looks at real images: the generator's step is shown the batch too.
PAIRS = {"relativistic"}

# ---------------------------------------------------------------- penalties on the discriminator


def gradient_penalty(logits_of, x):
    """mean (slope − 1)², slope = √(1e-4 + |d logit / d x|²) of each image; differentiable by D's parameters."""
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(logits_of(x).sum(), x, create_graph=True)
    slope = torch.sqrt(1e-4 + (gradient**2).sum((1, 2, 3)))
    return ((slope - 1) ** 2).mean()


def half_squared_slopes(logits_of, x, *y):
    """½ |d logit / d x|² of each image; differentiable by D's parameters."""
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(logits_of(x, *y).sum(), x, create_graph=True)
    return 0.5 * (gradient**2).sum((1, 2, 3))


def penalty(kind, net, logits_of, real, fake, numbers, both=None):
    """`logits_of` is one more pass of the discriminator, with the labels of the real batch if none are given; it advances u.
    `both`: labels of the real and of the generated batch, or None."""
    if kind == "r1":
        return half_squared_slopes(logits_of, real).mean()
    if kind == "r1-r2":
        slopes = half_squared_slopes(logits_of, torch.cat([real, fake]), both)
        return slopes[: len(real)].mean() + slopes[len(real) :].mean()
    if kind == "wgan-gp":
        return gradient_penalty(logits_of, real + numbers["mixing"].view(-1, 1, 1, 1) * (fake - real))
    if kind == "dragan":
        deviation = torch.sqrt(((real - real.mean()) ** 2).mean())  # one number for all pixels of all images
        return gradient_penalty(logits_of, torch.clamp(real + deviation * (numbers["noise"] - 0.5), 0, 1))
    if kind == "l2":
        kernels = [x for k, x in net.parameters.items() if k.endswith("/kernel")]
        return sum(0.5 * (x**2).sum() for x in kernels) / len(kernels)
    return torch.zeros((), dtype=real.dtype)


# ---------------------------------------------------------------- rotation


def turn(x, quarters):
    """Counterclockwise by quarters · 90°: R[i][j] = I[j][S−1−i] once for each quarter; rows are axis 2."""
    for _ in range(quarters):
        x = x.transpose(2, 3).flip(2)
    return x


def turned(x, n):
    """The last n images at 90°, then at 180°, then at 270°."""
    return torch.cat([turn(x[-n:], q) for q in (1, 2, 3)])


def each_one_turn(x):
    """mimicry: image i of N by floor(4i / N) quarters."""
    return torch.cat([turn(x[i : i + 1], 4 * i // len(x)) for i in range(len(x))])


def rotation_loss(logits):
    """Plain cross-entropy and accuracy of logits [4n, 4], ordered by turn."""
    count = len(logits)
    labels = 4 * torch.arange(count) // count
    loss = -torch.log_softmax(logits, 1)[torch.arange(count), labels].mean()
    return loss, (logits.argmax(1) == labels).to(logits.dtype).mean()


# ---------------------------------------------------------------- the two steps


class Case:
    """What both steps need: networks G and D, options, inputs. See steps.py for the fields of `o`."""

    def __init__(self, g, d, o, inputs):
        self.g, self.d, self.o, self.inputs = g, d, o, inputs

    def real(self, step="D"):
        """The batch of a step; every step has one of its own."""
        x = torch.tensor(self.inputs[f"images{step}"].transpose(0, 3, 1, 2).astype(np.float64)).to(self.d.dtype)
        return x / 255 if nets.ARCHITECTURES[self.o.architecture][2] == "unit" else x / 127.5 - 1

    def tensor(self, name):
        return torch.tensor(self.inputs[name]).to(self.d.dtype)

    def one_hot(self, name):
        """A label beyond the classes is none: a row of zeros."""
        return F.one_hot(torch.tensor(self.inputs[name]), self.o.classes + 1)[:, :-1].to(self.d.dtype) if self.o.classes else None

    def generate(self, step):
        return self.generate_from(self.tensor(f"latents{step}"), step)

    def generate_from(self, z, step):
        self.g.noise = lambda name, shape: torch.tensor(hashing.between(f"{self.g.salt}:noise/{name}{step}", shape, *NOISE)).to(z.dtype)
        return nets.generate(self.g, z, self.one_hot(f"fakeLabels{step}"), self.o.architecture, self.o.generator)

    def judge(self, images, y, rotation=True):
        rotates, projects = rotation and self.o.selfSupervision != "none", self.o.conditioning != "none"
        return nets.judge(self.d, images, y, self.o.architecture, self.o.discriminator, rotates, projects, self.o.head, self.o.adversarial,
                          {"predicted": "hard", "predicted-soft": "soft"}.get(self.o.conditioning))

    def probability(self):
        """Of an adaptive augmentation, as it is now."""
        return self.d.buffer("adaptive/probability", (1,))

    def adapt(self, logits):
        """Move it by the logits of what was shown as real (Karras et al. 2020)."""
        excess = 0.75 * self.d.buffer("adaptive/excess", (1,)) + 0.25 * (torch.sign(logits.detach()).mean() - ADAPTIVE["adaptiveTarget"])
        step = torch.sign(excess) * self.o.batchSize / (1000 * ADAPTIVE["adaptiveImages"])
        self.d.update("adaptive/probability", torch.clamp(self.probability() + step, 0, 1))
        self.d.update("adaptive/excess", excess)

    def pseudo(self, real, generated):
        """Generated images in the place of some real ones (Jiang et al. 2021, APA); of classes likewise."""
        if self.o.adaptive != "apa" or real is None:
            return real
        taken = torch.tensor(self.inputs["pseudoD"] < float(self.probability()))
        return torch.where(taken.view(-1, *[1] * (real.dim() - 1)), generated, real)

    def features(self, images, y):
        """Maps and pooled features; one more pass."""
        return self.judge(images, y)[2:]

    def augment(self, x, numbers):
        """DiffAugment is defined on [−1, 1]; images in [0, 1] are changed as the same pictures there would be."""
        if not self.o.augment:
            return x
        unit = nets.ARCHITECTURES[self.o.architecture][2] == "unit"
        probability = self.probability() if self.o.adaptive == "ada" else None
        x = augment(x * 2 - 1 if unit else x, self.o.augment, self.inputs[numbers], probability)
        return (x + 1) / 2 if unit else x


# Of what is added to maps of a generator.
NOISE = (-1.7, 1.7)
ADAPTIVE = dict(adaptiveTarget=0.6, adaptiveImages=0.02)


def join(*parts):
    return torch.cat(parts) if parts[0] is not None else None


def show(case, groups):
    """Groups of N upright images (images, classes) before the discriminator, and turned ones of the first group.
    → logits of each group, rotation loss and accuracy (or None), forward values.

    turns all (compare_gan): one pass over [first; its last n images at 90°, 180°, 270°; other groups]; the head is judged on the n and
    their turns, which keep their classes. turns one (mimicry): a pass for each group, then one for the last images, each in one turn.
    """
    o, count = case.o, len(groups[0][0])
    if o.selfSupervision != "none" and o.turns == "one":
        passes = [case.judge(x, y) for x, y in groups]
        x, y = (v[-o.rotatedBatch :] if v is not None else None for v in groups[0])
        turns = case.judge(each_one_turn(x), y)[1]
        return [p[0] for p in passes], rotation_loss(turns), forward_values(passes[0])
    n = o.rotatedBatch // 4 if o.selfSupervision != "none" else 0
    (x, y), *others = groups
    images = [x] + ([turned(x, n)] if n else []) + [g[0] for g in others]
    classes = [y] + ([y[-n:].repeat(3, 1) if y is not None else None] if n else []) + [g[1] for g in others]
    judged = case.judge(join(*images), join(*classes))
    logits = judged[0]
    upright = [logits[:count]] + [logits[start : start + count] for start in range(count + 3 * n, len(logits), count)]
    return upright, rotation_loss(judged[1][count - n : count + 3 * n]) if n else None, forward_values(judged)


def of_image(logits):
    """The mean over patches, where there are some."""
    return logits.mean(1) if logits.dim() == 2 else logits


def forward_values(judged):
    logits, turns, maps, pooled = judged
    values = dict(logits=of_image(logits), pooled=pooled, **{f"block{i + 1}": m for i, m in enumerate(maps)})
    if hasattr(pooled, "class_logits"):
        top = pooled.class_logits.topk(2, 1)[0]
        values |= {"classLogits": pooled.class_logits, "predictor answers": (top[:, 0] - top[:, 1]) / pooled.class_logits.abs().max()}
    return values if turns is None else values | dict(rotationLogits=turns)


def first_rows(forward, count):
    """Maps and pooled features of the first images of a pass."""
    maps = [forward[f"block{i + 1}"][:count] for i in range(sum(k.startswith("block") for k in forward))]
    return maps, forward["pooled"][:count]


def discriminator_step(case):
    """→ loss, results, forward values. The penalty's pass comes after the others, without the rotation head, for the real classes."""
    o = case.o
    with torch.no_grad():
        raw = case.generate("D")
        real, fake = case.augment(case.pseudo(case.real(), raw), "augmentRealD"), case.augment(raw, "augmentFakeD")
    y = case.pseudo(case.one_hot("labelsD"), case.one_hot("fakeLabelsD"))
    (r, f), rotation, forward = show(case, [(real, y), (fake, case.one_hot("fakeLabelsD"))])
    loss_real, loss_fake, _ = LOSSES[o.loss](r, f)
    half = case.d.half[: len(real)] if hasattr(case.d, "half") else None
    signs = {"patch corners": torch.cat([r, f]).abs() - 1} if r.dim() == 2 and o.loss == "hinge" else {}
    r, f = of_image(r), of_image(f)
    results = dict(lossReal=loss_real, lossFake=loss_fake, real=torch.sigmoid(r).mean(), fake=torch.sigmoid(f).mean())
    if o.adaptive != "none":
        results["augmentProbability"], signs = case.probability()[0], {"signs corners": r}
        case.adapt(r)
    loss = loss_real + loss_fake
    if o.penalty != "none":
        critic = lambda x, classes=y: of_image(case.judge(x, classes, rotation=False)[0])
        value = penalty(o.penalty, case.d, critic, real, fake, {k: case.tensor(k) for k in ("mixing", "noise")}, join(y, case.one_hot("fakeLabelsD")))
        loss = loss + o.penaltyWeight * value
        results["penalty"] = value
    if o.selfSupervision == "rotation-only":
        loss = loss * 0
    if rotation:
        loss = loss + o.beta * rotation[0]
        results |= dict(rotationLossReal=rotation[0], rotationAccuracyReal=rotation[1])
    seen = auxiliary.Seen("D", dict(real=real, fake=fake), dict(real=y, fake=case.one_hot("fakeLabelsD")), raw, dict(real=r, fake=f),
                          lambda x, classes: of_image(case.judge(x, classes, rotation=False)[0]), (*first_rows(forward, len(real)), half))
    seen.class_logits = forward.get("classLogits")
    loss, results, corners = auxiliary.add(case, seen, loss, results)
    return loss, results | dict(loss=loss), forward | dict(fakeImages=raw) | corners | signs


def generator_step(case):
    o = case.o
    raw = case.generate("G")
    groups = [(case.augment(raw, "augmentFakeG"), case.one_hot("fakeLabelsG"))]
    if o.loss in PAIRS:
        groups.append((case.augment(case.real("G"), "augmentRealG"), case.one_hot("labelsG")))
    (f, *r), rotation, forward = show(case, groups)
    adversarial = LOSSES[o.loss](r[0] if r else f, f)[2]
    f = of_image(f)
    results = dict(lossAdversarial=adversarial, fake=torch.sigmoid(f).mean())
    loss = adversarial * 0 if o.selfSupervision == "rotation-only" else adversarial
    if rotation:
        loss = loss + o.alpha * rotation[0]
        results |= dict(rotationLossFake=rotation[0], rotationAccuracyFake=rotation[1])
    loss, results, _ = auxiliary.add(case, auxiliary.Seen("G", {}, {}, raw, dict(fake=f), None, first_rows(forward, len(raw))), loss, results)
    return loss, results | dict(loss=loss), forward | dict(fakeImages=raw)

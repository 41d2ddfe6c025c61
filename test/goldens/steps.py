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
from step_cases import FILES, PENALTY_WEIGHT
from storage import VANISHING, Writer

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "steps")
ALPHA, BETA = 0.7, 1.3
# Added to the salt for the real images of the generator's step.
OTHER_BATCH = 1000
ADAM = dict(learningRate=0.01, beta1=0.0, beta2=0.9, epsilon=1e-8)
# How far a float32 run may be off, of each tensor's largest value; and runs from weights changed by SHAKE of their value, which moves numbers
# about as far as the sums of ONNX Runtime's kernels do. At 128 × 128 some ReLU always turns at that, so weights are changed by a third of it, and
# what comes of it is counted three times.
STABLE, STABLE_SHAKEN, SHAKE, SHAKES = 2e-5, 1.2e-4, 3e-6, 5

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
        # One more than there are classes: no label.
        more = o.conditioning.startswith("predicted")
        x[f"labels{step}"] = hashing.labels(salt, "labels" if step == "D" else "labelsG", n, max(o.classes, 1) + more)
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
    if "classLogits" in forward:
        shift["discriminator/predictor/bias"] = forward["classLogits"].mean(0) - 0.1 * torch.cos(torch.arange(o.classes).double() * 2.4)
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
    if o.conditioning.startswith("predicted"):
        known = [int((hashing.labels(salt, name, o.batchSize, o.classes + 1) < o.classes).sum()) for name in ("labels", "labelsG")]
        if min(known) < 1 or max(known) == o.batchSize:
            return None
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

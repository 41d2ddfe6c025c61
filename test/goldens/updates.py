"""Golden values for whole training steps: one discriminator update, then one generator update, of both network forms.

    /usr/bin/python3 test/goldens/updates.py      # writes updates/{compare_gan,mimicry}.json and updates/FORM-SIZE.safetensors

Independent of the TypeScript: plain PyTorch in float64, gradients by autograd, Adam written out. The same steps are run again in
float32, and the difference is printed and stored ("float32Difference"): it is the accuracy one can ask of a float32 program.
README.md describes the files.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

import networks as nets
from storage import write_safetensors

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "updates")
WIDTH, LATENT, N, ROTATED_BATCH, ALPHA, BETA = 8, 32, 8, 16, 0.2, 1.0
# start: a fresh optimizer, where each first step is ±learningRate whatever the gradient's size, so it checks signs; the
# gradients themselves are m. late: moments under way and a learning rate that makes updates large beside float32 rounding.
VARIANTS = {
    "start": dict(learningRate=2e-4, beta1=0.0, beta2=0.9, epsilon=1e-8, t=1),
    "late": dict(learningRate=1e-2, beta1=0.5, beta2=0.999, epsilon=1e-8, t=7),
}

# ---------------------------------------------------------------- the objective


def turn(x, quarters):
    """Counter-clockwise by quarters·90°: R[i][j] = I[j][S-1-i] once for each quarter; rows are axis 2."""
    for _ in range(quarters):
        x = x.transpose(2, 3).flip(2)
    return x


def with_rotations(x, n):
    """[N upright; last n at 90°; last n at 180°; last n at 270°]"""
    return torch.cat([x] + [turn(x[-n:], q) for q in (1, 2, 3)])


def rotation_head(logits, n):
    """Plain cross-entropy and accuracy over the last n upright images and their 3n turned copies."""
    logits, labels = logits[-4 * n :], torch.arange(4).repeat_interleave(n)
    loss = -torch.log_softmax(logits, 1)[torch.arange(4 * n), labels].mean()
    return loss, (logits.argmax(1) == labels).to(logits.dtype).mean()


def adam(s, m, v, names, gradients, h):
    """TensorFlow's form: epsilon is added to sqrt(v) after the bias correction went into the learning rate."""
    rate = corrected(h)
    for name, g in zip(names, gradients):
        m[name] = h["beta1"] * m[name] + (1 - h["beta1"]) * g
        v[name] = h["beta2"] * v[name] + (1 - h["beta2"]) * g * g
        s[name] = s[name].detach() - rate * m[name] / (torch.sqrt(v[name]) + h["epsilon"])


def corrected(h):
    return h["learningRate"] * np.sqrt(1 - h["beta2"] ** h["t"]) / (1 - h["beta1"] ** h["t"])


def trainable(s, names, wanted):
    for name in names:
        s[name] = s[name].detach().requires_grad_(wanted)


def discriminator_step(s, m, v, names, form, images, latents, h):
    n = ROTATED_BATCH // 4
    trainable(s, names, True)
    with torch.no_grad():
        fakes = nets.generator(s, form, latents)
    joint = torch.cat([with_rotations(images, n), with_rotations(fakes, n)])
    logits, rotations = nets.discriminator(s, form, joint)
    half = N + 3 * n
    real, fake = logits[:N], logits[half : half + N]
    loss_real, loss_fake = torch.relu(1 - real).mean(), torch.relu(1 + fake).mean()
    rotation_real, accuracy_real = rotation_head(rotations[:half], n)
    _, accuracy_fake = rotation_head(rotations[half:], n)
    loss = loss_real + loss_fake + BETA * rotation_real
    gradients = torch.autograd.grad(loss, [s[k] for k in names])
    adam(s, m, v, names, gradients, h)
    results = dict(loss=loss, lossReal=loss_real, lossFake=loss_fake, rotationLossReal=rotation_real,
                   rotationAccuracyReal=accuracy_real, rotationAccuracyFake=accuracy_fake,
                   real=torch.sigmoid(real).mean(), fake=torch.sigmoid(fake).mean())
    return results, dict(fakeImages=fakes, logits=logits, rotationLogits=rotations), dict(zip(names, gradients))


def generator_step(s, m, v, names, form, latents, h):
    n = ROTATED_BATCH // 4
    trainable(s, [k for k in s if k.startswith("discriminator/")], False)
    trainable(s, names, True)
    fakes = nets.generator(s, form, latents)
    logits, rotations = nets.discriminator(s, form, with_rotations(fakes, n))
    adversarial = -logits[:N].mean()
    rotation_fake, accuracy_fake = rotation_head(rotations, n)
    loss = adversarial + ALPHA * rotation_fake
    gradients = torch.autograd.grad(loss, [s[k] for k in names])
    adam(s, m, v, names, gradients, h)
    results = dict(loss=loss, lossAdversarial=adversarial, rotationLossFake=rotation_fake,
                   rotationAccuracyFake=accuracy_fake, fake=torch.sigmoid(logits[:N]).mean())
    return results, dict(fakeImages=fakes, logits=logits, rotationLogits=rotations), dict(zip(names, gradients))


# ---------------------------------------------------------------- one case: inputs, both variants


def f32(values):
    return np.asarray(values, dtype=np.float32)


def initial_state(rng, parameters, buffers):
    """Well-conditioned random values, larger than the usual initialization, so that every term of every gradient counts."""
    s = {}
    for name, shape in parameters + buffers:
        last = name.rsplit("/", 1)[1]
        if last in ("gamma", "variance"):
            s[name] = f32(rng.uniform(0.5, 1.5, shape))
        else:
            s[name] = f32(rng.standard_normal(shape) * {"kernel": 0.15, "u": 1.0}.get(last, 0.1))
    return s


def pixels(form, images, dtype):
    x = torch.tensor(images.transpose(0, 3, 1, 2).astype(np.float64)).to(dtype)
    return x / 255 if form == "compare_gan" else x / 127.5 - 1


def smooth_images(rng, size):
    """Colored ramps with noise: photographs in miniature, none of which looks the same turned."""
    i, j = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
    a, b, c = rng.standard_normal((3, N, 1, 1, 3))
    waves = a * i[None, :, :, None] + b * j[None, :, :, None] + c * np.sin(3 * i * j)[None, :, :, None]
    return np.clip(127.5 + 60 * waves + 25 * rng.standard_normal((N, size, size, 3)), 0, 255).astype(np.uint8)


def tensors(values, dtype):
    return {k: torch.tensor(x).to(dtype) for k, x in values.items()}


def center_heads(form, state, inputs):
    """Shift the biases of both heads so that neither is saturated: the hinge is active for about half of the real images, with
    none on its corner, and the rotation logits average to zero over real and fake, so that the predicted class varies."""
    s, n = tensors(state, torch.float64), ROTATED_BATCH // 4
    with torch.no_grad():
        fakes = nets.generator(s, form, torch.tensor(inputs["latentsD"]).double())
        joint = torch.cat([with_rotations(x, n) for x in (pixels(form, inputs["images"], torch.float64), fakes)])
        logits, rotations = nets.discriminator(s, form, joint)
    middle = logits[:N].sort()[0][2:6]
    i = int((middle[1:] - middle[:-1]).argmax())
    state["discriminator/finalFc/bias"] = f32(state["discriminator/finalFc/bias"] + 1 - float(middle[i] + middle[i + 1]) / 2)
    state["discriminator/rotation/bias"] = f32(state["discriminator/rotation/bias"] - rotations.mean(0).numpy())


def margins(stored):
    """How far the closest decision (argmax of the rotation head) is from a tie, relative to the largest logit."""
    out = []
    for key in ("dStep/rotationLogits", "gStep/rotationLogits"):
        top = stored[key].topk(2, 1)[0]
        out.append(float((top[:, 0] - top[:, 1]).min() / stored[key].abs().max()))
    return min(out)


def run(form, state, moments, inputs, layout, h, dtype):
    """Both updates from `state`. Returns {key: tensor} of everything worth storing, the scalar results, the gradients."""
    s, m, v = (tensors(x, dtype) for x in (state, *moments))
    latents = {k: torch.tensor(inputs[k]).to(dtype) for k in ("latentsD", "latentsG")}
    stored, scalars, gradients = {}, {}, {}
    for step, after, net in (("dStep", "afterD", "discriminator"), ("gStep", "afterG", "generator")):
        names = [k for k, _ in layout[net]["parameters"]]
        if net == "discriminator":
            out = discriminator_step(s, m, v, names, form, pixels(form, inputs["images"], dtype), latents["latentsD"], h)
        else:
            out = generator_step(s, m, v, names, form, latents["latentsG"], h)
        scalars[step] = {k: float(x) for k, x in out[0].items()}
        stored |= {f"{step}/{k}": x for k, x in out[1].items()}
        gradients |= out[2]
        stored |= {f"{after}/{k}": s[k] for k in names}
        stored |= {f"{after}/m/{k}": m[k] for k in names} | {f"{after}/v/{k}": v[k] for k in names}
        stored |= {f"{after}/{k}": s[k] for n in layout.values() for k, _ in n["buffers"]}
    return {k: x.detach() for k, x in stored.items()}, scalars, {k: x.detach() for k, x in gradients.items()}


def relative(a, b):
    """max |a - b| / max |b| of one tensor."""
    return float((a.double() - b).abs().max() / b.abs().max().clamp(min=1e-30))


def case(form, size, seed):
    rng = np.random.default_rng(seed)
    gp, gb = nets.generator_layout(form, WIDTH, size, LATENT)
    dp, db = nets.discriminator_layout(form, WIDTH, size)
    layout = {"generator": {"parameters": gp, "buffers": gb}, "discriminator": {"parameters": dp, "buffers": db}}
    state = initial_state(rng, gp, gb) | initial_state(rng, dp, db)
    inputs = {"images": smooth_images(rng, size), "latentsD": f32(rng.standard_normal((N, LATENT))),
              "latentsG": f32(rng.standard_normal((N, LATENT)))}
    center_heads(form, state, inputs)
    late = ({k: f32(rng.standard_normal(s) * 0.01) for k, s in gp + dp}, {k: f32(rng.uniform(0.5, 1.5, s) * 1e-3) for k, s in gp + dp})
    zero = ({k: np.zeros(s, np.float32) for k, s in gp + dp},) * 2

    file = {f"initial/{k}": x for k, x in state.items()} | {f"inputs/{k}": x for k, x in inputs.items()}
    info = dict(resolution=size, file=f"{form}-{size}.safetensors", generatorWidth=WIDTH, discriminatorWidth=WIDTH, latentSize=LATENT,
                batchSize=N, rotatedBatch=ROTATED_BATCH, alpha=ALPHA, beta=BETA, loss="hinge",
                layout={n: {k: [[a, list(b)] for a, b in v] for k, v in l.items()} for n, l in layout.items()}, variants={})
    for variant, h in VARIANTS.items():
        moments = late if variant == "late" else zero
        if variant == "late":
            file |= {f"late/initial/m/{k}": x for k, x in moments[0].items()} | {f"late/initial/v/{k}": x for k, x in moments[1].items()}
        stored, scalars, gradients = run(form, state, moments, inputs, layout, h, torch.float64)
        file |= {f"{variant}/{k}": f32(x.numpy()) for k, x in stored.items()}
        vanishing = [k for k, g in gradients.items() if g.abs().max() < 1e-12]
        info["vanishingGradients"] = vanishing
        info["variants"][variant] = h | dict(correctedLearningRate=float(corrected(h)), results=scalars)
        assert margins(stored) > 1e-4, ("an accuracy rests on a near tie: choose another seed", form, size, margins(stored))
        single, scalars32, _ = run(form, state, moments, inputs, layout, h, torch.float32)
        info["variants"][variant]["float32Difference"] = difference(variant, stored, single, scalars, scalars32, vanishing)
        report(f"{form} {size} {variant}", info["variants"][variant], gradients, vanishing)
    write_safetensors(os.path.join(HERE, info["file"]), file)
    return info


def difference(variant, stored, single, scalars, scalars32, vanishing):
    """Largest relative difference float32 : float64 by kind of tensor (max |Δ| / max |value|, tensor by tensor)."""
    worst = {"results": max(abs(scalars[s][k] - scalars32[s][k]) for s in scalars for k in scalars[s])}
    for key in stored:
        after, _, name = key.partition("/")
        bare = name.removeprefix("m/").removeprefix("v/")
        kind = "outputs" if after.endswith("Step") else name[0] if name[:2] in ("m/", "v/") else \
            "buffers" if name.rsplit("/", 1)[1] in ("u", "mean", "variance") else "parameters"
        if bare in vanishing and (variant == "start" or kind == "m"):
            continue
        worst[kind] = max(worst.get(kind, 0), relative(single[key], stored[key]))
    return {k: float(f"{x:.2g}") for k, x in worst.items()}


def report(title, variant, gradients, vanishing):
    kept = [g for k, g in gradients.items() if k not in vanishing]
    weak = sum(int(((g != 0) & (g.abs() < 1e-4 * g.abs().max())).sum()) for g in kept)
    print(f"{title}: {json.dumps({s: {k: round(x, 4) for k, x in r.items()} for s, r in variant['results'].items()})}")
    print(f"  float32 - float64: {json.dumps(variant['float32Difference'])}; gradient elements below 1e-4 of their tensor's "
          f"largest: {weak} of {sum(g.numel() for g in kept)}; vanishing: {len(vanishing)} tensors")


# ---------------------------------------------------------------- checks of this program itself


def self_test():
    square = torch.tensor([[[[1.0, 2], [3, 4]]]])
    assert [turn(square, q)[0, 0].tolist() for q in (1, 2, 3)] == [[[2, 4], [1, 3]], [[4, 3], [2, 1]], [[3, 1], [4, 2]]]
    assert torch.equal(turn(square, 1), torch.rot90(square, 1, (2, 3)))
    assert nets.upsample("compare_gan", square)[0, 0].tolist() == [[1, 0, 2, 0], [0] * 4, [3, 0, 4, 0], [0] * 4]
    x = torch.randn(4, 3, 5, 5, dtype=torch.float64)
    for unbiased in (False, True):  # torch keeps the unbiased variance
        s = {"n/gamma": torch.ones(3).double(), "n/beta": torch.zeros(3).double(), "n/mean": torch.zeros(3).double(), "n/variance": torch.ones(3).double()}
        mean, variance = torch.zeros(3).double(), torch.ones(3).double()
        expected = F.batch_norm(x, mean, variance, training=True, momentum=0.1, eps=nets.BN_EPSILON)
        assert torch.allclose(nets.batch_norm(s, "n", x, unbiased), expected) and torch.allclose(s["n/mean"], mean)
        assert torch.allclose(s["n/variance"], variance) == unbiased


def parameter_counts():
    """At full width the layouts must hold what the reference networks hold."""
    counts = {}
    for form, expected in (("compare_gan", (5_849_603, 1_483_653)), ("mimicry", (4_276_739, 1_054_341))):
        g = nets.count(nets.generator_layout(form, 256, 32, 128)[0])
        d = nets.count(nets.discriminator_layout(form, 128, 32)[0])
        assert (g, d) == expected, (form, g, d, expected)
        print(f"{form}: generator {g:,} parameters at width 256, discriminator {d:,} at width 128 (32×32, with rotation head)")
        counts[form] = dict(generatorWidth=256, discriminatorWidth=128, resolution=32, latentSize=128, generator=g, discriminator=d)
    return counts


def main():
    torch.set_num_threads(1)
    self_test()
    counts = parameter_counts()
    os.makedirs(HERE, exist_ok=True)
    # Seeds picked so that the rotation accuracies mostly differ from chance, which a constant prediction gives too, and so that
    # both halves of the hinge act on some images.
    for form, seeds in (("compare_gan", {16: 35, 32: 53}), ("mimicry", {16: 74, 32: 28})):
        cases = [case(form, size, seed) for size, seed in seeds.items()]
        with open(os.path.join(HERE, f"{form}.json"), "w", encoding="utf-8") as file:
            json.dump({"form": form, "definition": nets.FORMS[form], "batchNorm": {"epsilon": nets.BN_EPSILON, "decay": 0.9},
                       "parameterCounts": counts[form], "cases": cases}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()

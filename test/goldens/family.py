"""The successors of SS-GAN's rotation, from their papers; objectives.py has what they share with it.

Losses are written out as published, not in the short forms that follow from them, so that those are checked too:

- rotation-ms, SSGAN-MS (Tran et al. 2019, as in Hou et al. 2021): a fifth class for generated images.
- rotation-la, SSGAN-LA (Hou et al. 2021): one head of 8 classes, 2t "real, turned by t" and 2t + 1 "generated, turned by t", and no other.
- rotation-la-plus, SSGAN-LA+: the same beside the ordinary head, by cross-entropy.
- rotation-da, DAGAN, and rotation-da-md, DAGAN-MD (Hou et al. 2021): the adversarial loss of turned images, with one logit or with one a turn.
- jigsaw (after Baykal and Unal 2020): which of the 24 orders do 2 × 2 tiles have?
"""
import itertools

import torch
import torch.nn.functional as F

import objectives

TURNS, ORDERS = 4, list(itertools.permutations(range(4)))
# Name of the head and its outputs; whether the ordinary head is there too; number of transformations.
TASKS = {
    "rotation-ms": ("rotation", 5, True, TURNS),
    "rotation-la": ("rotation", 8, False, TURNS),
    "rotation-la-plus": ("rotation", 8, True, TURNS),
    "rotation-da": ("turned", 1, False, TURNS),
    "rotation-da-md": ("turned", TURNS, False, TURNS),
    "jigsaw": ("jigsaw", len(ORDERS), True, len(ORDERS)),
}


def shuffle(x, order):
    """Place p of the new images, row by row, shows tile order[p]."""
    half = x.shape[2] // 2
    tiles = [x[:, :, r : r + half, c : c + half] for r in (0, half) for c in (0, half)]
    a, b, c, d = (tiles[i] for i in order)
    return torch.cat([torch.cat([a, b], 3), torch.cat([c, d], 3)], 2)


def transform(task, x, k):
    return shuffle(x, ORDERS[k]) if task == "jigsaw" else objectives.turn(x, k)


def views(case, x, kind, step):
    """Images beside the upright ones, how many of the last upright ones come before them, and labels of both."""
    o = case.o
    _, _, kept, K = TASKS[o.selfSupervision]
    count = o.rotatedBatch if kept else len(x) * (K if o.turns == "all" else 1)
    if o.turns == "all":
        n = count // K
        extra = torch.cat([transform(o.selfSupervision, x[-n:], k) for k in range(1, K)])
        return extra, n, torch.arange(K).repeat_interleave(n)
    last = x[-count:]
    labels = torch.tensor(case.inputs[f"{kind}Transformations{step}"]) if o.selfSupervision == "jigsaw" else K * torch.arange(count) // count
    return torch.cat([transform(o.selfSupervision, last[i : i + 1], int(k)) for i, k in enumerate(labels)]), 0, labels


def show(case, groups, sees, step):
    """groups {kind: (images, classes)} in their order → logits and (head's outputs, labels), each by kind.

    turns all: one pass, the views of a kind behind its upright images. turns one: a pass for each kind, then one for the views of each; a task
    without the ordinary head sees nothing but views.
    """
    o = case.o
    kept = TASKS[o.selfSupervision][2]
    seen = {k: views(case, x, k, step) for k, (x, _) in groups.items() if k in sees}
    repeat = lambda y, extra, n: None if y is None else (y[-n:].repeat(len(extra) // n, 1) if n else y[-len(extra) :])
    logits, outputs = {}, {}
    if o.turns == "one":
        for k, (x, y) in groups.items() if kept else ():
            logits[k] = case.judge(x, y)[0]
        for k, (extra, n, labels) in seen.items():
            outputs[k] = (case.judge(extra, repeat(groups[k][1], extra, n))[1], labels)
        return logits, outputs
    images, classes = [], []
    for k, (x, y) in groups.items():
        images.append(x), classes.append(y)
        if k in seen:
            images.append(seen[k][0]), classes.append(repeat(y, seen[k][0], seen[k][1]))
    judged, start = case.judge(torch.cat(images), objectives.join(*classes)), 0
    for k, (x, _) in groups.items():
        end = start + len(x)
        if kept:
            logits[k] = judged[0][start:end]
        if k in seen:
            extra, n, labels = seen[k]
            outputs[k] = (judged[1][end - n : end + len(extra)], labels)
            end += len(extra)
        start = end
    return logits, outputs


# ---------------------------------------------------------------- losses


def accuracy(answers, labels):
    return (answers.argmax(1) == labels).to(answers.dtype).mean()


def others(a, y):
    """a_k − a_y for the classes k other than y: [M, 7]"""
    rows = torch.arange(len(a))
    wrong = torch.ones_like(a, dtype=torch.bool)
    wrong[rows, y] = False
    return (a - a[rows, y][:, None])[wrong].view(len(a), -1)


def multi_hinge(a, y):
    return torch.relu(1 + others(a, y)).mean()


def turned(o):
    """Whether the adversarial loss itself is of turned images."""
    return o.selfSupervision.startswith("rotation-da")


def answers_of(task, outputs):
    """Logits of the transformations."""
    if task == "rotation-ms":
        return outputs[:, :4]
    return torch.logsumexp(outputs.view(-1, 4, 2), 2) if "-la" in task else outputs


def losses(o, outputs):
    """The discriminator's of the task: (real, generated or None)."""
    task, (real, t) = o.selfSupervision, outputs["real"]
    if task == "jigsaw":
        return F.cross_entropy(real, t), None
    fake, s = outputs["fake"]
    if turned(o):
        return objectives.LOSSES[o.loss](own_logit(o, outputs["real"]), own_logit(o, outputs["fake"]))[:2]
    if task == "rotation-ms":
        return F.cross_entropy(real, t), F.cross_entropy(fake, torch.full_like(s, 4))
    loss = multi_hinge if task == "rotation-la" and o.loss == "hinge" else F.cross_entropy
    return loss(real, 2 * t), loss(fake, 2 * s + 1)


def generator_loss(o, outputs):
    task, (fake, t) = o.selfSupervision, outputs["fake"]
    if task == "jigsaw":
        return F.cross_entropy(fake, t)
    if turned(o):
        f = own_logit(o, outputs["fake"])
        return objectives.LOSSES[o.loss](f, f)[2]
    if task == "rotation-ms":
        return F.cross_entropy(fake, t) - F.cross_entropy(fake, torch.full_like(t, 4))
    if task == "rotation-la" and o.loss == "hinge":
        return others(fake, 2 * t).mean() - others(fake, 2 * t + 1).mean()
    return F.cross_entropy(fake, 2 * t) - F.cross_entropy(fake, 2 * t + 1)


def own_logit(o, outputs):
    """Of a task that replaces the adversarial head: the real/fake logit of each image for its own turn."""
    a, t = outputs
    rows = torch.arange(len(a))
    if turned(o):
        return a[:, 0] if a.shape[1] == 1 else a[rows, t]
    return a[rows, 2 * t] - a[rows, 2 * t + 1]


def margins(o, outputs):
    """Numbers whose distance from 0 says how far the closest decision is from a tie."""
    found = {}
    if turned(o):
        corners = {"real": -1, "fake": 1}
        return {f"{k} corners": own_logit(o, seen) + corners[k] for k, seen in outputs.items()} if o.loss == "hinge" else {}
    for k, (a, t) in outputs.items():
        top = answers_of(o.selfSupervision, a).topk(2, 1)[0]
        found[f"{k} answers"] = (top[:, 0] - top[:, 1]) / a.abs().max()
        if o.selfSupervision == "rotation-la" and o.loss == "hinge":
            found[f"{k} corners"] = 1 + others(a, 2 * t + (k == "fake"))
    return found


# ---------------------------------------------------------------- the two steps


def discriminator_step(case):
    o = case.o
    head, _, kept, _ = TASKS[o.selfSupervision]
    with torch.no_grad():
        raw = case.generate("D")
        real, fake = case.augment(case.real(), "augmentRealD"), case.augment(raw, "augmentFakeD")
    y, w = case.one_hot("labelsD"), case.one_hot("fakeLabelsD")
    sees = ("real",) if o.selfSupervision == "jigsaw" else ("real", "fake")
    logits, outputs = show(case, {"real": (real, y), "fake": (fake, w)}, sees, "D")
    task_real, task_fake = losses(o, outputs)
    task = task_real if task_fake is None else task_real + task_fake
    if kept:
        r, f = logits["real"], logits["fake"]
        loss_real, loss_fake, _ = objectives.LOSSES[o.loss](r, f)
    else:
        r, f, loss_real, loss_fake = own_logit(o, outputs["real"]), own_logit(o, outputs["fake"]), task_real, task_fake
    results = dict(lossReal=loss_real, lossFake=loss_fake, real=torch.sigmoid(r).mean(), fake=torch.sigmoid(f).mean())
    loss = loss_real + loss_fake
    if o.penalty != "none":
        def critic(x, classes=y):
            judged = case.judge(x, classes, rotation=not kept)
            return judged[0] if kept else judged[1][:, 0] if turned(o) else judged[1][:, 0] - judged[1][:, 1]
        value = objectives.penalty(o.penalty, case.d, critic, real, fake, {k: case.tensor(k) for k in ("mixing", "noise")}, objectives.join(y, w))
        loss = loss + o.penaltyWeight * value
        results["penalty"] = value
    a, t = outputs["real"]
    if not turned(o):
        results[f"{head}AccuracyReal"] = accuracy(answers_of(o.selfSupervision, a), t)
    if kept:
        loss = loss + o.beta * task
        if o.selfSupervision == "rotation-ms":
            results |= dict(rotationLossReal=task_real, rotationLossFake=task_fake)
        else:
            results[f"{head}LossReal"] = task
    forward = margins(o, outputs) | ({"logits": torch.cat([r, f])} if kept else {})
    return loss, results | dict(loss=loss), forward


def generator_step(case):
    o = case.o
    head, _, kept, _ = TASKS[o.selfSupervision]
    groups = {"fake": (case.augment(case.generate("G"), "augmentFakeG"), case.one_hot("fakeLabelsG"))}
    if o.loss in objectives.PAIRS:
        groups["real"] = (case.augment(case.real("G"), "augmentRealG"), case.one_hot("labelsG"))
    logits, outputs = show(case, groups, ("fake",), "G")
    task, (a, t) = generator_loss(o, outputs), outputs["fake"]
    f = logits["fake"] if kept else own_logit(o, outputs["fake"])
    adversarial = objectives.LOSSES[o.loss](logits.get("real", f), f)[2] if kept else task
    loss = adversarial + o.alpha * task if kept else task
    results = dict(lossAdversarial=adversarial, fake=torch.sigmoid(f).mean(), loss=loss)
    if not turned(o):
        results[f"{head}AccuracyFake"] = accuracy(answers_of(o.selfSupervision, a), t)
    if kept:
        results[f"{head}LossFake"] = task
    return loss, results, {f"generator's {k}": v for k, v in margins(o, {"fake": (a, t)}).items() if "answers" in k} | ({"logits": f} if kept else {})


def self_test():
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert shuffle(x, (0, 1, 2, 3)).equal(x) and shuffle(x, (1, 0, 3, 2))[0, 0].tolist()[0] == [2, 3, 0, 1]
    assert shuffle(x, (2, 3, 0, 1))[0, 0].tolist()[0] == [8, 9, 10, 11]
    a = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0.5]])
    assert abs(float(multi_hinge(a, torch.tensor([0]))) - 0.5 / 7) < 1e-6


self_test()

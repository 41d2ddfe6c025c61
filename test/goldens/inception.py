"""Features of Inception-v3 with weights out of a formula: test/goldens/inception.json.

    /usr/bin/python3 test/goldens/inception.py

Both networks are torchvision's (0.14); the one of 2015 is it with the pooling that pytorch-fid describes: average pools without the border,
the last block by maximum, 1,008 classes. The test fills its own network by the same formula, so no weights are stored.
"""
import json
import pathlib
import types

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.models import inception as tv

OUT = pathlib.Path(__file__).parent / "inception.json"
SIDE = 299
IMAGES = 2


def noise(count, seed):
    """Numbers in [-1, 1): bits of a 32-bit integer hash (Wang's form) of the place and the seed. Exact in float32."""
    x = (np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(2654435761)).astype(np.uint32)
    with np.errstate(over="ignore"):
        x = (x ^ np.uint32(61)) ^ (x >> np.uint32(16))
        x = x * np.uint32(9)
        x = x ^ (x >> np.uint32(4))
        x = x * np.uint32(0x27D4EB2D)
        x = x ^ (x >> np.uint32(15))
    return ((x >> np.uint32(8)).astype(np.float64) / 2**23 - 1).astype(np.float32)


def fill(name, shape, seed):
    """Kernels with the variance 2 / fan-in, statistics around 0 and 1: activations neither vanish nor explode."""
    values = noise(int(np.prod(shape)), seed)
    if name.endswith("running_mean") or name.endswith("bias"):
        return values * np.float32(0.125)
    if name.endswith("running_var"):
        return values * np.float32(0.25) + np.float32(1)
    if name.endswith("bn.weight"):
        return values * np.float32(0.25) + np.float32(1)
    fan_in = int(np.prod(shape[1:]))
    return values * np.float32(np.sqrt(6.0 / fan_in))


AVERAGE_POOL = F.avg_pool2d


def average(x):
    return AVERAGE_POOL(x, kernel_size=3, stride=1, padding=1, count_include_pad=False)


def pooled(block, pool):
    """The forward pass of an Inception block with another pooling in its pool branch."""
    original = type(block)._forward

    def forward(self, x):
        F.avg_pool2d = lambda x, **_: pool(x)
        try:
            return original(self, x)
        finally:
            F.avg_pool2d = AVERAGE_POOL

    block._forward = types.MethodType(forward, block)


def network(name):
    tensorflow = name == "inception"
    model = tv.Inception3(num_classes=1008 if tensorflow else 1000, aux_logits=not tensorflow, init_weights=False)
    if tensorflow:
        for key in ("5b", "5c", "5d", "6b", "6c", "6d", "6e", "7b"):
            pooled(getattr(model, f"Mixed_{key}"), average)
        pooled(model.Mixed_7c, lambda x: F.max_pool2d(x, kernel_size=3, stride=1, padding=1))
    model.eval()
    state = model.state_dict()
    names = sorted(k for k in state if not k.startswith("AuxLogits") and not k.endswith("num_batches_tracked"))
    for seed, key in enumerate(names, start=1):
        state[key] = torch.from_numpy(fill(key, tuple(state[key].shape), seed)).reshape(state[key].shape)
    model.load_state_dict(state)
    return model


def features(name):
    model = network(name)
    levels = np.round(noise(IMAGES * 3 * SIDE * SIDE, 9999) * 127.5 + 127.5).reshape(IMAGES, 3, SIDE, SIDE)
    # Smooth half of it: photographs are.
    images = torch.from_numpy(levels.astype(np.float32))
    images[1] = F.avg_pool2d(images[1:2], 9, stride=1, padding=4, count_include_pad=True)[0]
    x = (images - 128) / 128 if name == "inception" else images / 127.5 - 1
    kept = {}
    model.avgpool.register_forward_hook(lambda _m, _i, output: kept.update(pool=output))
    with torch.no_grad():
        logits = model(x)
    return {"features": kept["pool"].flatten(1), "logits": logits}


def main():
    rounded = lambda t: [[float(f"{v:.7g}") for v in row] for row in t.tolist()]
    document = {}
    for name in ("inception", "torchvision-inception"):
        found = features(name)
        print(name, {k: (v.std().item(), v.abs().max().item()) for k, v in found.items()})
        # Every eighth logit is enough to see that the classifier is there and in order.
        document[name] = {"features": rounded(found["features"]), "logits": rounded(found["logits"][:, ::8])}
    OUT.write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()

"""The judgments of independent networks, for scripts/features/judge.ts: Fréchet distances of sets of images to a reference.

    python3 scripts/features/judges.py NETS SETS.json

NETS: a folder with one folder a network (`resnet20_cifar10`: akamaster/pytorch_resnet_cifar10; `mobilenet_v1_*`: Google's MobileNet v1),
each with `weights_manifest.json` (names and shapes in the order of the file), the float32 weights and `golden.json` (what the network
gives for the first images of CIFAR-10's test part). SETS.json: {"golden": file of those images, "sets": [[name, file], …]}, the
first set the reference; files are uint8 [N, 32, 32, 3]. Prints one JSON line: the distances by network and set.
With --bfloat16 after SETS.json it prints what becomes of them where all features are computed in bfloat16: the distances in float32,
and how much those in bfloat16 are larger, as a share.
"""
import json
import os
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

BATCH = 250
MOBILENET_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


def weights_of(folder):
    manifest = json.loads((folder / "weights_manifest.json").read_text())
    entries = manifest[0]["weights"] if isinstance(manifest, list) else manifest["weights"]
    file = folder / ("weights.bin" if (folder / "weights.bin").exists() else "group1-shard1of1")
    flat = np.fromfile(file, "<f4")
    tensors, at = {}, 0
    for entry in entries:
        size = int(np.prod(entry["shape"]))
        tensors[entry["name"]] = torch.from_numpy(flat[at : at + size].reshape(entry["shape"]).copy())
        at += size
    assert at == len(flat), f"{folder}: {len(flat)} numbers for {at}"
    return tensors


def resnet20(w):
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]

    def norm(x, name):
        parts = [w[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *parts, eps=1e-5)

    def features(levels):
        x = (levels / 255 - mean) / deviation
        x = F.relu(norm(F.conv2d(x, w["conv1.weight"], padding=1), "bn1"))
        for layer in (1, 2, 3):
            for block in (0, 1, 2):
                name = f"layer{layer}.{block}"
                stride = 2 if layer > 1 and block == 0 else 1
                y = F.relu(norm(F.conv2d(x, w[f"{name}.conv1.weight"], stride=stride, padding=1), f"{name}.bn1"))
                y = norm(F.conv2d(y, w[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
                if stride == 2:
                    more = y.shape[1] // 4
                    x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more, more))
                x = F.relu(y + x)
        return x.mean((2, 3))

    return features


def mobilenet(w):
    keras = "conv1/kernel" in w

    def names(i, kind):
        if keras:
            layer = "conv1" if i == 0 else f"conv_{kind[:1]}w_{i}"
            kernel = "depthwise_kernel" if kind == "dw" else "kernel"
            return f"{layer}/{kernel}", f"{layer}_bn"
        layer = "MobilenetV1/Conv2d_0" if i == 0 else f"MobilenetV1/Conv2d_{i}_{'depthwise' if kind == 'dw' else 'pointwise'}"
        return f"{layer}/{'depthwise_weights' if kind == 'dw' else 'weights'}", f"{layer}/BatchNorm"

    def convolve(x, i, kind, stride):
        kernel, norm = names(i, kind)
        # HWIO; a depthwise kernel is [h, w, channels, 1].
        k = w[kernel].permute(2, 3, 0, 1) if kind == "dw" else w[kernel].permute(3, 2, 0, 1)
        # TensorFlow's SAME: what is missing is added behind first.
        missing = [max((-(-n // stride) - 1) * stride + k.shape[2] - n, 0) for n in x.shape[2:]]
        x = F.pad(x, (missing[1] // 2, missing[1] - missing[1] // 2, missing[0] // 2, missing[0] - missing[0] // 2))
        x = F.conv2d(x, k.contiguous(), stride=stride, groups=x.shape[1] if kind == "dw" else 1)
        parts = [w[f"{norm}/{key}"] for key in ("moving_mean", "moving_variance", "gamma", "beta")]
        return F.relu6(F.batch_norm(x, *parts, eps=1e-3))

    def features(levels, times=4):
        x = (levels / 127.5 - 1).repeat_interleave(times, 2).repeat_interleave(times, 3)
        x = convolve(x, 0, "pw", 2)
        for i, stride in enumerate(MOBILENET_STRIDES, start=1):
            if names(i, "pw")[0] not in w:
                break
            x = convolve(convolve(x, i, "dw", stride), i, "pw", 1)
        return x.mean((2, 3))

    return features


def extract(features, file, bfloat16=False):
    images = np.fromfile(file, np.uint8).reshape(-1, 32, 32, 3)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        parts = [
            features(torch.from_numpy(images[i : i + BATCH]).permute(0, 3, 1, 2).float()).float().numpy()
            for i in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts).astype(np.float64)


def frechet(a, b):
    (m1, s1), (m2, s2) = a, b
    values, vectors = np.linalg.eigh(s1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    cross = np.linalg.eigvalsh(root @ s2 @ root)
    return float(((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * np.sqrt(np.maximum(cross, 0)).sum())


def to_reference(features, sets, network, reference=None):
    """Distances of sets to the first of them in float32; with a reference, to it, and all in bfloat16."""
    moments = {}
    for name, file in [reference, *sets] if reference else sets:
        found = extract(features, file, reference is not None)
        moments[name] = (found.mean(0), np.cov(found, rowvar=False))
        print(f"{network}: {name}", file=sys.stderr)
    first = moments[reference[0] if reference else sets[0][0]]
    return {name: frechet(first, found) for name, found in moments.items() if not reference or name != reference[0]}


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    nets, description = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    distances = {}
    for folder in sorted(path for path in nets.iterdir() if path.is_dir()):
        features = (resnet20 if folder.name.startswith("resnet20") else mobilenet)(weights_of(folder))
        golden = json.loads((folder / "golden.json").read_text())
        sums = extract(features, description["golden"]).sum(1)
        error = np.abs(sums / np.array(golden["feature_sum"]) - 1).max()
        assert error < 1e-4, f"{folder.name} gives other features than its golden.json: {error}"
        exact = to_reference(features, description["sets"], folder.name)
        distances[folder.name] = exact
        if "--bfloat16" in sys.argv[3:]:
            rounded = to_reference(features, description["sets"][1:], folder.name, description["sets"][0])
            distances[folder.name] = {
                name: {"float32": exact[name], "more": rounded[name] / exact[name] - 1} for name in rounded
            }
    print(json.dumps(distances))


if __name__ == "__main__":
    main()

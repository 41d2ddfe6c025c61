"""The judgment of an independent network on sets of samples: KID, FID, precision and recall against real images.

    python3 bench/quality/judge.py NET JOBS.json

NET: a folder of scripts/features/judges.py, for example MobileNet v1. JOBS.json: [{"reference": FILE, "samples": FILE, "side": S}, ...];
files are uint8 [N, S, S, 3]. Prints one JSON line a job. Everything here is written apart from src/metrics, in NumPy and PyTorch.

KID: the unbiased MMD^2 with the kernel (x.y / d + 1)^3 over all pairs. Precision and recall: Kynkaanniemi et al. 2019 with k = 3, over as
many real as generated images.
"""
import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "features"))
from judges import frechet, mobilenet, resnet20, weights_of  # noqa: E402

BATCH = 100


def features_of(network, images, mobile):
    # MobileNet sees 128 x 128, by repeated pixels; ResNet-20 sees 32 x 32.
    parts = []
    with torch.inference_mode():
        for i in range(0, len(images), BATCH):
            x = torch.from_numpy(images[i : i + BATCH]).permute(0, 3, 1, 2).float()
            if x.shape[2] != 32:
                x = network(x, 128 // x.shape[2]) if mobile else network(torch.nn.functional.avg_pool2d(x, x.shape[2] // 32))
            else:
                x = network(x)
            parts.append(x.numpy())
    return np.concatenate(parts).astype(np.float64)


def kid(a, b):
    d = a.shape[1]
    k = lambda x, y: (x @ y.T / d + 1) ** 3
    m, n = len(a), len(b)
    aa, bb, ab = k(a, a), k(b, b), k(a, b)
    return float((aa.sum() - np.trace(aa)) / (m * (m - 1)) + (bb.sum() - np.trace(bb)) / (n * (n - 1)) - 2 * ab.mean())


def distances(a, b):
    return np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0))


def covered(points, manifold, k=3):
    radii = np.sort(distances(manifold, manifold), axis=1)[:, k]
    return float((distances(points, manifold) <= radii[None]).any(1).mean())


def moments(x):
    return x.mean(0), np.cov(x, rowvar=False)


def main():
    torch.set_num_threads(1)
    net = pathlib.Path(sys.argv[1])
    mobile = not net.name.startswith("resnet20")
    network = (mobilenet if mobile else resnet20)(weights_of(net))
    known = {}
    for job in json.loads(pathlib.Path(sys.argv[2]).read_text()):
        side = job["side"]
        read = lambda file: np.fromfile(file, np.uint8).reshape(-1, side, side, 3)
        if job["reference"] not in known:
            known[job["reference"]] = features_of(network, read(job["reference"]), mobile)
        real, fake = known[job["reference"]], features_of(network, read(job["samples"]), mobile)
        n = min(len(real), len(fake), 2048)
        result = {
            "kid": kid(real[:2048], fake[:2048]),
            "fid": frechet(moments(real), moments(fake)),
            "precision": covered(fake[:n], real[:n]),
            "recall": covered(real[:n], fake[:n]),
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

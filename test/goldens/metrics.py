"""Golden values for the metrics: numpy, scipy, scikit-learn, Pillow and PyTorch on small fixed arrays.

    /usr/bin/python3 test/goldens/metrics.py        # writes metrics.json beside this file

Nothing here follows the project's own route to a number: the Fréchet distance comes from scipy's sqrtm of the plain product where that is
regular, and from the singular values of the centered data where it is not; KID from scikit-learn's polynomial kernel; neighbors from
scikit-learn; MS-SSIM from scipy's 2-D convolution; resizing from Pillow and PyTorch themselves (TensorFlow 1's from its definition).
"""
import json
import os

import numpy as np
import scipy.linalg
import scipy.signal
import scipy.special
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(20201127)
out = {}


def f32(values, digits=3):
    """Short decimals rounded to float32, held as float64."""
    return np.round(values, digits).astype(np.float32).astype(np.float64)


def plain(a):
    return [float(v) for v in np.asarray(a).ravel()]


def short(a, digits=3):
    """Inputs as they were before f32, which the reader rounds to float32 again."""
    return [round(v, digits) for v in plain(a)]


# ---------------------------------------------------------------- moments and the Fréchet distance
D = 12
mixing = rng.standard_normal((D, D)) * 0.5 + np.eye(D)
sets = {
    "a": f32(rng.standard_normal((60, D)) @ mixing + 100),
    "b": f32((rng.standard_normal((50, D)) @ mixing.T) * 1.3 + 100.4),
    # fewer vectors than dimensions
    "few": f32(rng.standard_normal((8, D)) + 100),
    "fewer": f32(rng.standard_normal((5, D)) + 101),
}
# features that never vary
dead = sets["b"].copy()
dead[:, [2, 7]] = 0
sets["dead"] = dead
sets["identical"] = np.repeat(sets["a"][:1], 20, axis=0)
out["dimensions"] = D
out["sets"] = {k: short(v) for k, v in sets.items()}
out["moments"] = {
    k: {"mean": plain(v.mean(0)), "covariance": plain(np.cov(v, rowvar=False))} for k, v in sets.items()
}


def frechet_sqrtm(x, y):
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(s1 @ s2)
    return float(np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(s1) + np.trace(s2) - 2 * np.trace(root).real)


def frechet_singular_values(x, y):
    """Tr (S1 S2)^1/2 is the nuclear norm of X Yᵀ / √((m − 1)(n − 1)) for centered X, Y: no root of a singular matrix."""
    cx, cy = x - x.mean(0), y - y.mean(0)
    scale = np.sqrt((len(x) - 1) * (len(y) - 1))
    nuclear = np.linalg.svd(cx @ cy.T, compute_uv=False).sum() / scale
    traces = (cx**2).sum() / (len(x) - 1) + (cy**2).sum() / (len(y) - 1)
    return float(np.sum((x.mean(0) - y.mean(0)) ** 2) + traces - 2 * nuclear)


regular = frechet_sqrtm(sets["a"], sets["b"])
assert abs(regular - frechet_singular_values(sets["a"], sets["b"])) < 1e-9
out["frechet"] = {"a b": regular}
for pair in ["a few", "few fewer", "b few", "a dead", "dead few", "a identical", "identical identical"]:
    x, y = (sets[k] for k in pair.split())
    out["frechet"][pair] = frechet_singular_values(x, y)

# ---------------------------------------------------------------- eigenvalues, of a matrix both sides can make
N = 131
i, j = np.meshgrid(np.arange(N), np.arange(N), indexing="ij")
m = ((i * 37 + j * 101) % 97 + (j * 37 + i * 101) % 97) / 97.0
out["eigenvalues"] = {"size": N, "values": plain(np.linalg.eigvalsh(m))}

# ---------------------------------------------------------------- KID


def mmd(x, y):
    kxx, kyy, kxy = (polynomial_kernel(p, q, degree=3, coef0=1) for p, q in [(x, x), (y, y), (x, y)])
    m, n = len(x), len(y)
    return (
        (kxx.sum() - np.trace(kxx)) / (m * (m - 1)) + (kyy.sum() - np.trace(kyy)) / (n * (n - 1)) - 2 * kxy.mean()
    )


ka, kb = f32(sets["a"] - 100), f32(sets["b"] - 100)
out["kid"] = {"whole": float(mmd(ka, kb))}
# blocks of at most 16: 60 as 4 × 15, 50 as 12 + 12 + 13 + 13
cut_a, cut_b = np.cumsum([0, 15, 15, 15, 15]), np.cumsum([0, 12, 12, 13, 13])
blocks = [mmd(ka[cut_a[k] : cut_a[k + 1]], kb[cut_b[k] : cut_b[k + 1]]) for k in range(4)]
out["kid"]["blocks"] = {"size": 16, "mean": float(np.mean(blocks)), "deviation": float(np.std(blocks))}
out["kid"]["offset"] = 100

# ---------------------------------------------------------------- Inception Score
logits = f32(rng.standard_normal((43, 7)) * 3)


def score(part):
    log_p = scipy.special.log_softmax(part, axis=1)
    p = np.exp(log_p)
    return np.exp(np.mean(np.sum(p * (log_p - np.log(p.mean(0))), axis=1)))


parts = [score(logits[len(logits) * k // 5 : len(logits) * (k + 1) // 5]) for k in range(5)]
out["inceptionScore"] = {
    "classes": 7,
    "logits": short(logits),
    "whole": float(score(logits)),
    "splits": {"parts": 5, "mean": float(np.mean(parts)), "deviation": float(np.std(parts))},
}

# ---------------------------------------------------------------- precision, recall, density, coverage


def radii(x, k):
    return NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, k]


def distances(x, y):
    return np.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))


near = f32(sets["a"] + rng.standard_normal((60, D)) * 0.5)[:45]
near[:20] = f32(near[:20] + rng.standard_normal((20, D)) * 2.5)
between = distances(sets["a"], near)
out["manifold"] = {
    "generated": short(near),
    "precision": float((between <= radii(sets["a"], 3)[:, None]).any(0).mean()),
    "recall": float((between <= radii(near, 3)[None, :]).any(1).mean()),
    "density": float((between <= radii(sets["a"], 5)[:, None]).sum(0).mean() / 5),
    "coverage": float((between.min(1) <= radii(sets["a"], 5)).mean()),
}

# ---------------------------------------------------------------- PRD
p = rng.dirichlet(np.ones(20))
q = rng.dirichlet(np.ones(20))
slopes = np.tan(np.linspace(1e-10, np.pi / 2 - 1e-10, 1001))
precision = np.minimum(q[None] * slopes[:, None], p[None]).sum(1)
recall = precision / slopes


def f_beta(beta):
    return float(np.max((1 + beta**2) * precision * recall / (beta**2 * precision + recall + 1e-10)))


out["prd"] = {
    "generated": plain(p),
    "reference": plain(q),
    "precision": plain(precision[::100]),
    "recall": plain(recall[::100]),
    "f8": f_beta(8),
    "fEighth": f_beta(1 / 8),
}

# ---------------------------------------------------------------- k-means: the mean squared distance a full k-means reaches
centers = rng.standard_normal((6, 4)) * 4
points = f32(centers[rng.integers(0, 6, 300)] + rng.standard_normal((300, 4)), 2)
full = KMeans(n_clusters=6, n_init=20, random_state=0).fit(points)
out["kMeans"] = {"points": short(points, 2), "dimensions": 4, "clusters": 6, "inertia": float(full.inertia_ / len(points))}

# ---------------------------------------------------------------- MS-SSIM
WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def gaussian(size):
    x = np.arange(size) - (size - 1) / 2
    g = np.exp(-(x[:, None] ** 2 + x[None] ** 2) / (2 * 1.5**2))
    return g / g.sum()


def ms_ssim(x, y):
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    channels = []
    for c in range(3):
        a, b = x[..., c], y[..., c]
        value = 1.0
        for scale, weight in enumerate(WEIGHTS):
            if scale > 0:
                a, b = (np.pad(t, [(0, len(t) % 2)] * 2, mode="symmetric") for t in (a, b))
                a, b = (t.reshape(len(t) // 2, 2, len(t) // 2, 2).mean((1, 3)) for t in (a, b))
            g = gaussian(min(11, len(a)))
            local = lambda t: scipy.signal.convolve2d(t, g, mode="valid")
            ma, mb = local(a), local(b)
            cs = (2 * (local(a * b) - ma * mb) + c2) / (local(a * a) + local(b * b) - ma**2 - mb**2 + c2)
            luminance = (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
            term = (luminance * cs).mean() if scale == len(WEIGHTS) - 1 else cs.mean()
            value *= max(term, 0) ** weight
        channels.append(value)
    return float(np.mean(channels))


out["msSsim"] = []
for side in (24, 13):
    smooth = np.kron(rng.uniform(0, 255, (3, side // 4 + 1, side // 4 + 1, 3)), np.ones((1, 4, 4, 1)))[:, :side, :side]
    images = np.clip(np.round(smooth + rng.standard_normal(smooth.shape) * 12), 0, 255)
    images[1] = np.clip(np.round(0.7 * images[0] + 0.3 * images[1]), 0, 255)
    pairs = {f"{a} {b}": ms_ssim(images[a], images[b]) for a, b in [(0, 1), (0, 2), (1, 2)]}
    out["msSsim"].append(
        {
            "side": side,
            "images": [int(v) for v in images.ravel()],
            "pairs": pairs,
            "mean": float(np.mean(list(pairs.values()))),
        }
    )

# ---------------------------------------------------------------- resizing
out["resize"] = []


def tf1_axis(a, to):
    """resize_bilinear with align_corners false along the first axis, as TensorFlow 1 defines it."""
    n = a.shape[0]
    position = np.arange(to) * (n / to)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, n - 1)
    t = (position - low).reshape(-1, *[1] * (a.ndim - 1))
    return a[low] * (1 - t) + a[high] * t


for source, to in [(8, 19), (19, 8), (5, 12), (7, 7)]:
    image = f32(rng.uniform(0, 255, (source, source, 3)), 1)
    image[0, 0] = [0, 255, 0]
    image[-1, -1] = [255, 0, 255]
    bicubic = np.stack(
        [
            np.asarray(Image.fromarray(image[..., c].astype(np.float32), mode="F").resize((to, to), Image.BICUBIC))
            for c in range(3)
        ],
        axis=-1,
    ).clip(0, 255)
    half = F.interpolate(
        torch.from_numpy(image).permute(2, 0, 1)[None], size=(to, to), mode="bilinear", align_corners=False
    )[0].permute(1, 2, 0)
    tf1 = tf1_axis(tf1_axis(image, to).transpose(1, 0, 2), to).transpose(1, 0, 2)
    out["resize"].append(
        {
            "from": source,
            "to": to,
            "image": short(image, 1),
            "pil-bicubic": short(bicubic, 4),
            "half-pixel-bilinear": short(half, 5),
            "tf1-bilinear": short(tf1, 5),
        }
    )

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json"), "w") as file:
    json.dump(out, file, separators=(",", ":"))
    file.write("\n")

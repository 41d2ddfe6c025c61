"""DiffAugment and ADA, from the papers; see objectives.py."""
import numpy as np
import torch
import torch.nn.functional as F

NUMBERS = {"colour": ("brightness", "saturation", "contrast"), "translation": ("row", "column"), "cutout": ("row", "column")}


def augment(x, kinds, numbers, probability=None):
    """Zhao et al. 2020, for images in [−1, 1]. numbers [N, R] in [0, 1): a column for each number of each kind, in this order. With a probability
    (Karras et al. 2020, ADA) each kind has one more, which has to lie below it for the image to be changed."""
    more = () if probability is None else ("perhaps",)
    columns = {(kind, name): i for i, (kind, name) in enumerate((k, name) for k in kinds for name in (*NUMBERS[k], *more))}
    for kind in kinds:
        changed = AUGMENT[kind](x, lambda name: numbers[:, columns[kind, name]])
        if probability is not None:
            taken = torch.tensor(numbers[:, columns[kind, "perhaps"]] < float(probability)).view(-1, 1, 1, 1)
            changed = torch.where(taken, changed, x)
        x = changed
    return x


def color(x, number):
    scale = lambda name: torch.tensor(number(name)).to(x.dtype).view(-1, 1, 1, 1)
    x = x + (scale("brightness") - 0.5)
    mean = x.mean(1, keepdim=True)
    x = (x - mean) * (2 * scale("saturation")) + mean
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (scale("contrast") + 0.5) + mean


def whole(u, count):
    """0 … count − 1"""
    return np.floor(u.astype(np.float64) * count).astype(int)


def translation(x, number):
    """Pixel (i, j) comes from (i + dy − S/8, j + dx − S/8), 0 from outside, for dy and dx in 0 … S/4."""
    size, reach = x.shape[2], x.shape[2] // 8
    dy, dx = (whole(number(name), 2 * reach + 1) for name in ("row", "column"))
    padded = F.pad(x, (reach,) * 4)
    return torch.stack([padded[i, :, dy[i] : dy[i] + size, dx[i] : dx[i] + size] for i in range(len(x))])


def cutout(x, number):
    """A square of S/2 around a center anywhere in the image is 0; it is cut off at the edges."""
    size, side = x.shape[2], x.shape[2] // 2
    x = x.clone()
    for i in range(len(x)):
        top, left = (whole(number(name), size + 1 - side % 2)[i] - side // 2 for name in ("row", "column"))
        x[i, :, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
    return x


AUGMENT = {"colour": color, "translation": translation, "cutout": cutout}

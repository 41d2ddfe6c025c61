"""Random inputs of the cases in primitives.py: short decimals rounded to float32, away from kinks and ties."""
import numpy as np

rng = np.random.default_rng(20181127)


def f32(values):
    """Round to float32, hold as float64."""
    return np.asarray(values).astype(np.float32).astype(np.float64)


def normal(*shape):
    return f32(np.round(rng.standard_normal(shape), 3))


def away(*shape, gap=0.05):
    """Normal values with |x| > gap: away from the kink of relu, abs, positive."""
    x = rng.standard_normal(shape)
    return f32(np.round(np.where(x >= 0, x + gap + 0.01, x - gap - 0.01), 3))


def positive(*shape, low=0.3, high=2.5):
    return f32(np.round(rng.uniform(low, high, shape), 3))


def divisor(*shape):
    return f32(np.round(rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape), 3))


def distinct(*shape):
    """All values at least 0.05 apart: a maximum without ties, which a finite step does not change."""
    n = int(np.prod(shape))
    return f32(np.round((rng.permutation(n) - n / 2) * 0.05 + 0.0125, 4)).reshape(shape)


def apart(shape, other):
    """Values that differ from `other` (broadcast) by more than 0.05 everywhere."""
    while True:
        x = np.asarray(f32(np.round(rng.standard_normal(shape), 2)))
        if np.abs(x - other).min() > 0.05:
            return x


def integers(high, *shape):
    return rng.integers(0, high, shape, dtype=np.int64)


def booleans(*shape):
    return rng.integers(0, 2, shape).astype(bool)

"""Numbers that both sides compute instead of storing: weights, buffers, latents, images, labels, random numbers.

    h = fnv1a(name) xor (i · 0x9E3779B1),   then murmur3's finalizer,   all in 32-bit unsigned integers
    u = floor(h / 256) / 2^24              in [0, 1), exact in float32

`name` is the tensor's full name with the case's salt in front ("3:generator/fcNoise/kernel"), i its flat index. The values are
then scaled in double precision and rounded to float32. FNV-1a (Fowler, Noll, Vo) runs over the bytes of the name; the finalizer
is that of MurmurHash3 (Appleby). Both are in the public domain.
"""
import numpy as np

U32 = np.uint32
# Branches without any normalization add up from block to block. These are a quarter of what they would be, so that losses are not saturated.
BRANCH = 0.25


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def hashes(name, count):
    """`count` 32-bit integers."""
    with np.errstate(over="ignore"):
        h = U32(fnv1a(name)) ^ (np.arange(count, dtype=U32) * U32(0x9E3779B1))
        h ^= h >> U32(16)
        h *= U32(0x85EBCA6B)
        h ^= h >> U32(13)
        h *= U32(0xC2B2AE35)
        h ^= h >> U32(16)
    return h


def unit(name, count):
    """`count` numbers in [0, 1), float64."""
    return (hashes(name, count) >> U32(8)).astype(np.float64) / 2**24


def between(name, shape, low, high):
    """float32 numbers in [low, high)."""
    count = int(np.prod(shape, dtype=np.int64))
    return (low + (high - low) * unit(name, count)).astype(np.float32).reshape(shape)


def first_value(salt, name, shape, conditional):
    """A parameter or buffer at the start. Larger than usual initializations, so that every term of every gradient counts. `conditional`:
    the generator's norms are, so that their gamma kernels hold the gammas of the classes."""
    key, last = f"{salt}:{name}", name.rsplit("/", 1)[1]
    if last in ("gamma", "variance") or name.endswith("gamma/bias") or (conditional and name.endswith("gamma/kernel")):
        return between(key, shape, 0.5, 1.5)
    if last == "kernel":
        limit = np.sqrt(6 / np.prod(shape[1:])) * (BRANCH if "/grouped/" in name else 1)
        return between(key, shape, -limit, limit)
    limit = 1.5 if last == "u" else 0.2
    return between(key, shape, -limit, limit)


def second_moment(salt, name, shape):
    """Adam's v at the start; m is 0. Not 0, so that the first step depends on the size of the gradient."""
    return between(f"{salt}:v:{name}", shape, 0.005, 0.015)


def images(salt, count, size):
    """uint8 [N, S, S, 3]: ramps of another slope in each image and channel, with noise. Integers all the way."""
    slopes = (hashes(f"{salt}:slopes", count * 6) % U32(241)).astype(np.int64).reshape(count, 3, 2) - 120
    noise = (hashes(f"{salt}:noise", count * size * size * 3) % U32(61)).astype(np.int64).reshape(count, size, size, 3) - 30
    ramp = 2 * np.arange(size) - size + 1
    value = slopes[:, None, None, :, 0] * ramp[None, :, None, None] + slopes[:, None, None, :, 1] * ramp[None, None, :, None]
    return np.clip(128 + value // size + noise, 0, 255).astype(np.uint8)


def labels(salt, name, count, classes):
    """int64 [N] in 0 … classes − 1."""
    return (hashes(f"{salt}:{name}", count) % U32(classes)).astype(np.int64)

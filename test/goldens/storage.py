"""Results in little space: tensors as 16-bit shares of their largest value, which is as exact as they are compared (1.5e-5 of it),
and of large forward values only every q-th element. One safetensors file for many cases."""
import json
import struct

import numpy as np

SAMPLES = 100
# A gradient below this share of the network's largest is rounding noise: biases that a norm removes again.
VANISHING = 1e-9


def stride(count):
    """Every `stride`-th element of the flat tensor is kept; odd, so that it does not run along columns of even sizes."""
    return 1 if count <= SAMPLES else (count // SAMPLES) | 1


class Writer:
    def __init__(self, path):
        self.path, self.arrays, self.size = path, {}, 0

    def add(self, name, tensors, noise):
        """Store the tensors of a case. → what the JSON needs to find them: the forward values with their sizes; the rest follows from the
        layout. A tensor of zeros or of rounding noise beside the others has the scale 0. `noise`: by how much each tensor wavers."""
        values, scales, forward = [], [], {}
        largest = {s: max(float(x.abs().max()) for k, x in tensors.items() if k.startswith(f"{s}/gradient")) for s in ("dStep", "gStep")}
        for key, x in tensors.items():
            step, kind, rest = key.split("/", 2)
            flat = x.double().numpy().reshape(-1)
            if kind == "forward":
                forward[rest] = list(x.shape)
                flat = flat[:: stride(flat.size)]
            scale = np.abs(flat).max()
            if kind == "gradient" and scale < VANISHING * largest[step]:
                scale = 0
            scales.append(scale)
            values.append(np.zeros(flat.size, np.int16) if scale == 0 else np.rint(flat / np.float32(scale) * 32767).astype(np.int16))
        self.arrays[f"{name}/values"] = np.concatenate(values)
        self.arrays[f"{name}/scales"] = np.array(scales, np.float32)
        self.arrays[f"{name}/noise"] = np.array([noise[key] for key in tensors], np.float32)
        return {"forward": forward}

    def write(self):
        """float32 first, so that everything is aligned."""
        order = sorted(self.arrays, key=lambda k: self.arrays[k].dtype != np.float32)
        self.size = write_safetensors(self.path, {k: self.arrays[k] for k in order})


def write_safetensors(path, arrays):
    """8 bytes header length, JSON header, raw little-endian data. → how many bytes"""
    header, offset = {}, 0
    for k, x in arrays.items():
        header[k] = {"dtype": {"float32": "F32", "int16": "I16", "uint8": "U8"}[x.dtype.name], "shape": list(x.shape), "data_offsets": [offset, offset + x.nbytes]}
        offset += x.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for x in arrays.values():
            file.write(np.ascontiguousarray(x).tobytes())
    return 8 + len(text) + offset

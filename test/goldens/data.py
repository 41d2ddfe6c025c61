"""Files as other programs write them, for the tests of data sources, and pixels as PyTorch resizes them; see README.md."""

import json
import pickle
import pathlib
import shutil
import struct
import tempfile
import zlib

import lmdb
import numpy as np
import torch

HERE = pathlib.Path(__file__).parent / "data"


def png(width, height, color):
    """A small PNG by hand: color(x, y) -> (r, g, b)."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in color(x, y)) for y in range(height)
    )

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )


def flat(i):
    """The color of image i, and every 40th image is noise of the colors' hash: too large for a page of the tree."""
    if i % 40:
        return png(8, 8, lambda x, y: (i, 2 * i % 256, 255 - i))
    noise = np.random.RandomState(i).randint(0, 256, (40, 40, 3))
    return png(40, 40, lambda x, y: tuple(int(v) for v in noise[y, x]))


def write_lmdb(name, count, **options):
    with tempfile.TemporaryDirectory() as folder:
        environment = lmdb.open(folder, map_size=1 << 24, **options)
        # Two transactions and keys out of order: the tree has been split and pages have been freed.
        for start in (0, 1):
            with environment.begin(write=True) as transaction:
                for i in range(start, count, 2):
                    transaction.put(b"%040x" % (i * 0x9E3779B97F4A7C15), flat(i))
        print(name, environment.stat())
        environment.close()
        shutil.copy(pathlib.Path(folder) / "data.mdb", HERE / name)


def write_named_lmdb(name):
    """A database inside the database, which the reader refuses."""
    with tempfile.TemporaryDirectory() as folder:
        environment = lmdb.open(folder, map_size=1 << 20, max_dbs=1)
        inner = environment.open_db(b"inner")
        with environment.begin(write=True, db=inner) as transaction:
            transaction.put(b"key", b"value")
        environment.close()
        shutil.copy(pathlib.Path(folder) / "data.mdb", HERE / name)


class Python2(pickle._Pickler):
    """Writes bytes as Python 2 wrote its str: this is how CIFAR's published pickles look."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        if len(value) < 256:
            self.write(b"U" + bytes([len(value)]) + value)
        else:
            self.write(b"T" + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch[bytes] = save_bytes


def write_pickles():
    """Batches of three images: image i, plane c, pixel p has the value (50 i + 20 c + p) mod 251."""
    data = np.array(
        [[(50 * i + 20 * (j // 1024) + j % 1024) % 251 for j in range(3072)] for i in range(3)], dtype=np.uint8
    )
    batch = {
        b"batch_label": b"training batch 1 of 5",
        b"labels": [3, 0, 9],
        b"data": data,
        b"filenames": [b"a.png", b"b.png", b"c.png"],
    }
    with open(HERE / "cifar10-python2.pickle", "wb") as file:
        Python2(file, 2).dump(batch)
    # Column-major, as NumPy writes the transpose of an array.
    fine = {b"fine_labels": [99, 0, 50], b"coarse_labels": [1, 2, 3], b"data": np.asfortranarray(data)}
    (HERE / "cifar100-protocol2.pickle").write_bytes(pickle.dumps(fine, 2))
    names = {b"fine_label_names": [b"class%d" % i for i in range(100)]}
    (HERE / "cifar100-meta.pickle").write_bytes(pickle.dumps(names, 2))
    # What an attacker would send: it would run a command when loaded by Python.
    (HERE / "evil.pickle").write_bytes(b"\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00echo hello!\x85R.")


def tensorflow1(image, size):
    """TF1's bilinear resizing by grid_sample: with align_corners, g in [-1, 1] is the place (g + 1) / 2 * (n - 1)."""
    height, width, _ = image.shape
    y = torch.arange(size, dtype=torch.float64) * height / size
    x = torch.arange(size, dtype=torch.float64) * width / size
    gy, gx = 2 * y / (height - 1) - 1, 2 * x / (width - 1) - 1
    grid = torch.stack(torch.meshgrid(gx, gy, indexing="xy"), dim=-1)[None]
    planes = torch.from_numpy(image).double().permute(2, 0, 1)[None]
    out = torch.nn.functional.grid_sample(planes, grid, "bilinear", "border", align_corners=True)
    return out[0].permute(1, 2, 0)


def write_resized():
    cases = []
    random = np.random.RandomState(7)
    for width, height, size in [(13, 13, 5), (7, 7, 16), (12, 9, 8), (6, 6, 12)]:
        image = random.randint(0, 256, (height, width, 3)).astype(np.uint8)
        out = tensorflow1(image, size)
        cases.append(
            {
                "width": width,
                "height": height,
                "size": size,
                "pixels": image.flatten().tolist(),
                "resized": [round(v, 4) for v in out.flatten().tolist()],
            }
        )
    (HERE / "bilinear-tf1.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    write_lmdb("lsun.mdb", 230)
    write_named_lmdb("named.mdb")
    write_pickles()
    write_resized()

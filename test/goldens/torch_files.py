"""Files that PyTorch writes, and files that attack those who read them: test/goldens/torch/.

    /usr/bin/python3 test/goldens/torch_files.py

Nothing here is run by what it writes; the attacks only ever call `os.system("true")` and the like.
"""
import base64
import collections
import io
import json
import os
import pathlib
import pickle
import subprocess
import zipfile

import torch

OUT = pathlib.Path(__file__).parent / "torch"


def tensors():
    """Every element type, every kind of view that a state dict may hold."""
    torch.manual_seed(1)
    base = torch.arange(24, dtype=torch.float32)
    state = collections.OrderedDict()
    state["float32"] = torch.tensor([[1.5, -2.25], [3.0, float("inf")]])
    state["float64"] = torch.tensor([1 / 3, -1e300], dtype=torch.float64)
    state["float16"] = torch.tensor([1.5, -65504.0, 2.0**-24, 2.0**-14, float("inf"), -0.0], dtype=torch.float16)
    state["bfloat16"] = torch.tensor([1.5, -3.0e38, 2.0**-130], dtype=torch.bfloat16)
    state["int64"] = torch.tensor([2**40, -1])
    state["int32"] = torch.tensor([[2**31 - 1], [-5]], dtype=torch.int32)
    state["int16"] = torch.tensor([-32768, 7], dtype=torch.int16)
    state["int8"] = torch.tensor([-128, 127], dtype=torch.int8)
    state["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False, True])
    state["scalar"] = torch.tensor(42)
    state["empty"] = torch.zeros(0, 3)
    state["shared"] = base[4:10]
    state["transposed"] = base.reshape(2, 3, 4).permute(2, 0, 1)
    state["channelsLast"] = torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)
    state["parameter"] = torch.nn.Parameter(torch.tensor([0.5, 0.25]))
    return state


def expected(state):
    def values(t):
        if not t.dtype.is_floating_point:
            return [int(v) for v in t.flatten().tolist()]
        # What float32 makes of it; JSON has no infinities.
        return [str(v) if v in (float("inf"), float("-inf")) else v for v in t.detach().float().flatten().tolist()]

    return {k: {"type": str(t.dtype)[6:], "shape": list(t.shape), "values": values(t)} for k, t in state.items()}


class Reduce:
    """Unpickling an object of this class calls `function(*args)`."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


class Build:
    """Unpickling calls __setstate__ of a class of the attacker's choice."""

    def __setstate__(self, state):
        raise RuntimeError("this must never run")

    def __getstate__(self):
        return {"a": 1}


def attacks():
    evil = Reduce(os.system, "true")
    found = {f"os.system, protocol {p}": pickle.dumps(evil, protocol=p) for p in range(6)}
    found["builtins.eval"] = pickle.dumps(Reduce(eval, "1 + 1"), protocol=2)
    found["builtins.exec"] = pickle.dumps(Reduce(exec, "pass"), protocol=2)
    found["subprocess.Popen"] = pickle.dumps(Reduce(subprocess.Popen, ["true"]), protocol=2)
    found["builtins.getattr"] = pickle.dumps(Reduce(getattr, "", "join"), protocol=2)
    found["nested in a state dict"] = pickle.dumps(collections.OrderedDict(weight=[1, {"deep": (evil,)}]), protocol=2)
    found["object of a class"] = pickle.dumps(Build(), protocol=2)
    found["bytes through a codec"] = pickle.dumps(b"\x00\xff", protocol=2)
    # Written by hand: the old instructions INST and OBJ, an extension code, and a name that is called after having been hidden in the memo.
    found["INST"] = b"\x80\x02(S'true'\nios\nsystem\n."
    found["OBJ"] = b"\x80\x02(cos\nsystem\nX\x04\x00\x00\x00trueo."
    found["EXT1"] = b"\x80\x02\x82\x01)R."
    found["memo"] = b"\x80\x02cos\nsystem\nq\x010h\x01X\x04\x00\x00\x00true\x85R."
    found["allowed name with a tail"] = b"\x80\x02ccollections\nOrderedDict.fromkeys\n)R."
    found["dotted module"] = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2.__globals__\n)R."
    found["call of a storage class"] = b"\x80\x02ctorch\nFloatStorage\nK\x0a\x85R."
    return found


def in_file(object_, zipped):
    buffer = io.BytesIO()
    torch.save(object_, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def archives(good):
    """The same file packed as torch.save never does."""
    with zipfile.ZipFile(io.BytesIO(good)) as source:
        parts = {name: source.read(name) for name in source.namelist()}

    def packed(parts, compression=zipfile.ZIP_STORED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as target:
            for name, content in parts.items():
                target.writestr(name, content)
        return buffer.getvalue()

    bomb = {"archive/data.pkl": parts["archive/data.pkl"], "archive/data/0": bytes(10_000_000)}
    storage = next(name for name in parts if "/data/" in name)
    return {
        "compressed": packed(bomb, zipfile.ZIP_DEFLATED),
        "no data.pkl": packed({"archive/other.pkl": parts["archive/data.pkl"]}),
        "big-endian": packed({**parts, "archive/byteorder": b"big"}),
        "lacks the numbers": packed({k: v for k, v in parts.items() if k != storage}),
        "bytes in storage": packed({**parts, storage: parts[storage][:-1]}),
    }


def main():
    OUT.mkdir(exist_ok=True)
    state = tensors()
    for name, zipped in (("zip.pth", True), ("legacy.pth", False)):
        (OUT / name).write_bytes(in_file(state, zipped))
    (OUT / "tensors.json").write_text(json.dumps(expected(state), indent=1) + "\n")

    layer = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
    evil = Reduce(os.system, "true")
    files = {
        "zip: os.system beside tensors": in_file({"weight": torch.zeros(2), "evil": evil}, True),
        "legacy: os.system beside tensors": in_file({"weight": torch.zeros(2), "evil": evil}, False),
        "zip: a whole module": in_file(layer, True),
        "legacy: a whole module": in_file(layer, False),
    }
    encode = lambda group: {k: base64.b64encode(v).decode() for k, v in group.items()}
    harmless = {"checkpoint": in_file({"state_dict": layer.state_dict(), "epoch": 3}, True)}
    small = in_file({"weight": torch.arange(6.0)}, True)
    document = {
        "pickles": encode(attacks()),
        "files": encode(files),
        "archives": encode(archives(small)),
        "harmless": encode(harmless),
    }
    (OUT / "attacks.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()

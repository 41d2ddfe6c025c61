"""PyTorch's side of `npm run bench:features`: Inception-v3 of 2015, features of one batch. Prints one JSON line.

    python3 bench/pytorch/features.py --batch 32 --repeats 3 --threads 2 --memory-format contiguous
"""
import argparse
import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "test" / "goldens"))
import inception as golden  # noqa: E402  the network and its weights, which the parity test has too


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-format", choices=["contiguous", "channels_last"], default="contiguous")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    layout = getattr(torch, f"{a.memory_format}_format" if a.memory_format == "contiguous" else a.memory_format)

    model = golden.network("inception").to(memory_format=layout)
    kept = {}
    model.avgpool.register_forward_hook(lambda _m, _i, output: kept.update(pool=output))
    side = golden.SIDE
    levels = np.round(golden.noise(a.batch * 3 * side * side, 1) * 127.5 + 127.5)
    images = torch.from_numpy(levels.astype(np.uint8)).reshape(a.batch, side, side, 3)

    seconds = []
    with torch.inference_mode():
        for i in range(a.warmup + a.repeats):
            start = time.perf_counter()
            x = images.permute(0, 3, 1, 2).to(torch.float32, memory_format=layout).sub_(128).div_(128)
            model(x)
            features = kept["pool"].flatten(1).numpy()
            if i >= a.warmup:
                seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({
        "seconds": seconds, "torch": torch.__version__, "sample": features[0, :16].tolist(),
        "peakMemoryMB": peak / (2**20 if sys.platform == "darwin" else 2**10)}))


if __name__ == "__main__":
    main()

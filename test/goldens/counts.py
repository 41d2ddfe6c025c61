"""Parameters at full width, counted on the networks of architectures.py and asserted against the numbers of the references.

    /usr/bin/python3 test/goldens/counts.py       # writes counts.json
"""
import json
import os
from types import SimpleNamespace as Options

import torch

import architectures as nets
import fastgan
from layers import Network

HERE = os.path.dirname(os.path.abspath(__file__))
LATENT = 128
# architecture, resolution, width of G, of D
FULL = [("resnet-cifar", 32, 256, 128), ("resnet5", 128, 512, 64), ("resnet5", 64, 512, 64), ("resnet5", 32, 512, 64),
        ("resnet-stl", 48, 512, 64), ("sndcgan", 32, 512, 64), ("sndcgan", 64, 512, 64), ("sndcgan", 128, 512, 64),
        ("dcgan", 32, 512, 64), ("dcgan", 64, 512, 64), ("dcgan", 128, 512, 64), ("sngan-resnet", 32, 256, 128),
        ("sngan-resnet", 48, 512, 64), ("sngan-resnet", 64, 1024, 64), ("sngan-resnet", 128, 1024, 64),
        ("zq-resnet", 32, 256, 128), ("zq-resnet", 48, 256, 128),
        ("biggan", 32, 256, 256), ("biggan", 64, 1024, 64), ("biggan", 128, 1536, 96), ("resnet-biggan", 32, 384, 192),
        ("r3gan", 32, 768, 768), ("r3gan", 64, 768, 384), ("fastgan", 64, 1024, 64), ("fastgan", 256, 1024, 16),
        ("pyramid", 16, 64, 64), ("pyramid", 32, 64, 64), ("pyramid", 64, 64, 64), ("pyramid", 128, 64, 64)]
# What the reference documents say: (architecture, resolution, network, norm or heads) → parameters.
KNOWN = {
    ("resnet-cifar", 32, "G", "none", 0): 5_846_019, ("resnet-cifar", 32, "G", "batch", 0): 5_849_603,
    ("resnet-cifar", 32, "G", "conditional", 10): 5_881_859, ("resnet-cifar", 32, "G", "self-modulated", 0): 5_993_187,
    ("resnet-cifar", 32, "D", "", 0): 1_483_137, ("resnet-cifar", 32, "D", "rotation", 0): 1_483_653,
    ("resnet-cifar", 32, "D", "projection", 10): 1_484_417,
    ("resnet5", 128, "G", "none", 0): 13_780_227, ("resnet5", 128, "G", "batch", 0): 13_786_115,
    ("resnet5", 128, "G", "self-modulated", 0): 14_019_939, ("resnet5", 128, "G", "conditional", 1000): 19_668_227,
    ("resnet5", 128, "D", "", 0): 15_086_529, ("resnet5", 128, "D", "rotation", 0): 15_088_581,
    ("resnet-stl", 48, "G", "none", 0): 6_251_523, ("resnet-stl", 48, "G", "batch", 0): 6_254_339,
    ("resnet-stl", 48, "D", "", 0): 25_114_817, ("resnet-stl", 48, "D", "rotation", 0): 25_118_917,
    ("sndcgan", 32, "G", "batch", 0): 3_828_739, ("sndcgan", 64, "G", "batch", 0): 7_048_195,
    ("sndcgan", 128, "G", "batch", 0): 19_926_019, ("sndcgan", 32, "D", "", 0): 5_860_865, ("sndcgan", 64, "D", "", 0): 5_885_441,
    ("sndcgan", 128, "D", "", 0): 5_983_745, ("sndcgan", 32, "D", "rotation", 0): 5_860_865 + 32_772,
    ("sndcgan", 64, "D", "rotation", 0): 5_885_441 + 131_076, ("sndcgan", 128, "D", "rotation", 0): 5_983_745 + 524_292,
    ("sngan-resnet", 32, "G", "batch", 0): 4_276_739, ("sngan-resnet", 32, "D", "rotation", 0): 1_054_341,
    ("sngan-resnet", 48, "G", "batch", 0): 4_878_083, ("sngan-resnet", 48, "D", "rotation", 0): 10_145_541,
    ("sngan-resnet", 64, "G", "batch", 0): 12_220_675, ("sngan-resnet", 64, "D", "rotation", 0): 10_145_541,
    ("sngan-resnet", 128, "G", "batch", 0): 32_150_787, ("sngan-resnet", 128, "D", "rotation", 0): 29_021_957,
    ("zq-resnet", 32, "G", "batch", 0): 4_079_363, ("zq-resnet", 32, "D", "rotation", 0): 1_087_365,
}


def size(net):
    return sum(x.numel() for x in net.parameters.values())


def generator(architecture, resolution, width, norm, classes):
    net = Network("generator", shapes_only=True)
    o = Options(resolution=resolution, width=width, norm=norm, sn=False, hierarchical=False)
    z, y = torch.empty(2, LATENT, device="meta"), torch.empty(2, max(classes, 1), device="meta")
    images = nets.generate(net, z, y, architecture, o)
    assert tuple(images.shape) == (2, 3, resolution, resolution), images.shape
    return size(net)


def discriminator(architecture, resolution, width, heads, classes):
    net = Network("discriminator", shapes_only=True)
    o = Options(resolution=resolution, width=width, norm="layer" if heads == "layer" else "none", sn=False)
    images, y = torch.empty(2, 3, resolution, resolution, device="meta"), torch.empty(2, max(classes, 1), device="meta")
    nets.judge(net, images, y, architecture, o, rotation=heads in ("rotation", "layer"), projection=heads == "projection")
    return size(net)


# By ajbrock/BigGAN-PyTorch's own modules and compare_gan's tests: (architecture, side, widths, latents, embedding, attention, classes) → G, D.
BIGGAN = {
    ("biggan", 128, 1536, 96, 120, 128, (64, 64), 1000): (70_433_988, 87_982_370),
    ("resnet-biggan", 128, 1536, 96, 120, 128, (64, 64), 1000): (70_433_988, 87_982_370),
    ("biggan", 64, 1024, 64, 100, 128, (64, 32), 1000): (31_804_676, 20_571_842),
    ("biggan", 32, 256, 256, 128, 0, (None, None), 10): (4_304_387, 4_207_361),
}


def check_biggan():
    for (architecture, resolution, gw, dw, latents, embedding, attention, classes), expected in BIGGAN.items():
        g, d = Network("generator", shapes_only=True), Network("discriminator", shapes_only=True)
        z, y = torch.empty(2, latents, device="meta"), torch.empty(2, classes, device="meta")
        o = Options(resolution=resolution, width=gw, norm="conditional", sn=False, hierarchical=embedding > 0, attention=attention[0], embedding=embedding)
        images = nets.generate(g, z, y, architecture, o)
        o = Options(resolution=resolution, width=dw, norm="none", sn=False, attention=attention[1])
        nets.judge(d, images, y, architecture, o, rotation=False, projection=True)
        assert (size(g), size(d)) == expected, (architecture, resolution, size(g), size(d), expected)


def main():
    check_biggan()
    fastgan.check()
    rows = []
    for architecture, resolution, gw, dw in FULL:
        for norm, classes in (("none", 0), ("batch", 0), ("self-modulated", 0), ("conditional", 10), ("conditional", 1000)):
            rows.append(dict(network="G", architecture=architecture, resolution=resolution, width=gw, option=norm, classes=classes,
                             parameters=generator(architecture, resolution, gw, norm, classes)))
        for heads, classes in (("", 0), ("rotation", 0), ("layer", 0), ("projection", 10), ("projection", 1000)):
            rows.append(dict(network="D", architecture=architecture, resolution=resolution, width=dw, option=heads, classes=classes,
                             parameters=discriminator(architecture, resolution, dw, heads, classes)))
    known = dict(KNOWN)
    for r in rows:
        expected = known.pop((r["architecture"], r["resolution"], r["network"], r["option"], r["classes"]), None)
        assert expected in (None, r["parameters"]), (r, expected)
    assert not known, known
    with open(os.path.join(HERE, "counts.json"), "w", encoding="utf-8") as file:
        file.write('{"latentSize": %d, "rows": [\n' % LATENT + ",\n".join(json.dumps(r) for r in rows) + "\n]}\n")
    print(f"{len(rows)} counts, {len(KNOWN)} of them asserted against the references")


if __name__ == "__main__":
    main()

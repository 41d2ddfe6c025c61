"""Golden values for the graph primitives: output, first and second derivatives, computed by PyTorch in float64.

    /usr/bin/python3 test/goldens/primitives.py        # writes primitives.json beside this file

For y = op(x_1 … x_k) every differentiable case holds, besides inputs and output,

    dy           a fixed random cotangent, shaped like y
    gradients    g_i = d<dy, y> / dx_i
    directions   fixed random v_i, shaped like x_i
    second       with s = sum_i <g_i, v_i>:  ds/dx_i in "inputs" and ds/d(dy) in "dy"

Inputs are short decimals rounded to float32 and then widened, so both sides start from the same numbers. Every derivative is
also checked here against central differences, so a golden value never rests on autograd alone.
"""
import json
import os

import numpy as np
import torch

from primitive_inputs import apart, away, booleans, distinct, divisor, f32, integers, normal, positive, rng
from primitive_operations import BLOCKED, NO_GRADIENT, OPS, conv2d

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

# ---------------------------------------------------------------- one case


def numbers(array):
    """Flat list of the shortest decimals that read back as the same float32; rounding noise becomes zero."""
    a = np.asarray(array)
    if a.dtype == bool or a.dtype.kind == "i":
        return [int(v) for v in a.ravel()]
    flat = a.ravel()
    scale = max(1.0, float(np.abs(flat).max(initial=0)))
    return [0 if abs(v) < 1e-13 * scale else json.loads(str(np.float32(v))) for v in flat]


def spec(array, dtype=None):
    a = np.asarray(array)
    kind = {"b": "bool", "i": "int64", "f": "float32"}[a.dtype.kind]
    return {"shape": list(a.shape), "dtype": dtype or kind, "data": numbers(a)}


def grads(scalar, leaves, create_graph=False):
    if not scalar.requires_grad:
        return [torch.zeros_like(l) for l in leaves]
    out = torch.autograd.grad(scalar, leaves, allow_unused=True, create_graph=create_graph)
    # PyTorch may return an "efficient zero tensor" (for the second derivative of abs), whose numpy view is not zero.
    return [torch.zeros_like(l) if g is None or g._is_zerotensor() else g for g, l in zip(out, leaves)]


def dot(a, b):
    return sum((x * y).sum() for x, y in zip(a, b))


def case(name, op, *inputs, **attrs):
    def run(tensors):
        return OPS[op](*tensors, **attrs)

    inputs = [np.asarray(x) for x in inputs]
    floats = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    y = run(tensors)
    result = {"name": f"{op}: {name}", "op": op, "attrs": attrs, "inputs": [spec(x) for x in inputs],
              "output": spec(y.detach().numpy())}
    if op in NO_GRADIENT:
        return result

    leaves = [tensors[i] for i in floats]
    dy = torch.tensor(normal(*y.shape), requires_grad=True)
    directions = [torch.tensor(normal(*inputs[i].shape)) for i in floats]
    first = grads((dy * y).sum(), leaves, create_graph=True)
    second = grads(dot(first, directions), [*leaves, dy])
    if op not in BLOCKED:
        check(result["name"], run, tensors, floats, dy, directions, first, second)

    def spread(values):
        """One entry an input; null for inputs that are not float."""
        table = dict(zip(floats, values))
        return [numbers(table[i].detach().numpy()) if i in table else None for i in range(len(inputs))]

    result["dy"] = numbers(dy.detach().numpy())
    result["gradients"] = spread(first)
    result["directions"] = spread(directions)
    result["second"] = {"inputs": spread(second[:-1]), "dy": numbers(second[-1].numpy())}
    return result


def check(name, run, tensors, floats, dy, directions, first, second, h=1e-5):
    """Central differences: <first, v> from values, <second, v'> from first derivatives. Float64, so about 1e-9 is expected."""
    where = [torch.tensor(normal(*l.shape)) for l in (*[tensors[i] for i in floats], dy)]

    def at(step, leaf_moves, dy_move):
        moved = [t.detach().clone() for t in tensors]
        for i, m in zip(floats, leaf_moves):
            moved[i] = (moved[i] + step * m).requires_grad_(True)
        cotangent = (dy.detach() + step * dy_move).requires_grad_(True)
        y = run(moved)
        leaves = [moved[i] for i in floats]
        g = grads((cotangent * y).sum(), leaves)
        return (dy.detach() * y).sum().item(), dot(g, directions).item()

    def near(kind, got, expected):
        assert abs(got - expected) <= 1e-6 * max(1.0, abs(expected)), (name, kind, got, expected)

    still = torch.zeros_like(dy)
    plus, minus = at(h, directions, still), at(-h, directions, still)
    near("first", dot(first, directions).item(), (plus[0] - minus[0]) / (2 * h))
    plus, minus = at(h, where[:-1], where[-1]), at(-h, where[:-1], where[-1])
    near("second", dot(second, where).item(), (plus[1] - minus[1]) / (2 * h))


# ---------------------------------------------------------------- the table of cases

CASES = []


def add(name, op, *inputs, **attrs):
    CASES.append(case(name, op, *inputs, **attrs))


def elementwise():
    for op, make in [("neg", normal), ("exp", normal), ("log", positive), ("sqrt", positive), ("tanh", normal),
                     ("sigmoid", normal), ("relu", away), ("abs", away), ("positive", away), ("stopGradient", normal),
                     ("softplus", normal)]:
        add("scalar", op, make())
        add("vector", op, make(7))
        add("rank 4", op, make(2, 3, 2, 2))
    large = f32([-100.0, -30.5, -8.25, 8.25, 30.5, 100.0])
    for op in ("tanh", "sigmoid", "softplus"):
        add("large arguments", op, large)

    shapes = [("equal shapes", (2, 3), (2, 3)), ("equal rank 4", (2, 3, 2, 2), (2, 3, 2, 2)), ("two scalars", (), ()),
              ("scalar right", (2, 3), ()), ("scalar left", (), (2, 3)), ("row", (4, 3), (3,)), ("column", (4, 3), (4, 1)),
              ("both ways", (4, 1), (1, 3)), ("channels", (2, 3, 2, 2), (3, 1, 1)), ("lower rank left", (2, 2), (3, 2, 2)),
              ("ones kept", (1, 3), (1, 1)), ("outer with ones", (2, 1, 3), (1, 4, 1))]
    for name, a, b in shapes:
        for op in ("add", "sub", "mul"):
            add(name, op, normal(*a), normal(*b))
        add(name, "div", normal(*a), divisor(*b))
        for op in ("maximum", "minimum"):
            left = normal(*a)
            add(name, op, left, apart(b, left))
    for name, a, b in shapes[:6]:
        add(name, "greater", normal(*a), normal(*b))
        coarse = [f32(rng.integers(0, 2, s)) for s in (a, b)]
        add(name, "equal", *coarse)
        add(name + ", ties", "greater", *coarse)
    add("int64", "equal", integers(3, 3, 4), integers(3, 4))
    add("int64 labels", "equal", integers(4, 9), integers(4, 9))

    add("equal shapes", "where", booleans(2, 5), normal(2, 5), normal(2, 5))
    add("condition broadcast", "where", booleans(3, 1), normal(3, 4), normal(3, 4))
    add("branches broadcast", "where", booleans(2, 3, 4), normal(4), normal(3, 1))
    add("scalar branch", "where", booleans(3, 4), normal(3, 4), normal())
    add("all broadcast", "where", booleans(2, 1, 1), normal(3, 1), normal(1, 4))
    add("bool", "cast", booleans(3, 4), dtype="float32")
    add("int64", "cast", integers(50, 3, 4) - 25, dtype="float32")
    add("int64 scalar", "cast", np.int64(7), dtype="float32")


def reductions():
    cases = [("all", (2, 3, 4), [0, 1, 2]), ("first", (3, 4), [0]), ("last", (3, 4), [1]), ("middle", (2, 3, 4), [1]),
             ("first and last", (2, 3, 4), [0, 2]), ("batch norm axes", (2, 3, 2, 3), [0, 2, 3]), ("vector", (5,), [0]),
             ("spatial", (2, 3, 2, 2), [2, 3]), ("size one", (3, 1), [1])]
    for name, shape, axes in cases:
        for keep in (False, True):
            suffix = ", kept" if keep else ""
            add(name + suffix, "sum", normal(*shape), axes=axes, keepDims=keep)
            add(name + suffix, "max", distinct(*shape), axes=axes, keepDims=keep)
    for name, shape, axis in [("rows", (5, 4), 1), ("columns", (5, 4), 0), ("middle", (2, 4, 3), 1), ("vector", (6,), 0)]:
        add(name, "argmax", distinct(*shape), axis=axis)
    for name, shape, axis in [("rows", (5, 4), 1), ("columns", (3, 2), 0), ("vector", (6,), 0), ("middle", (2, 3, 2), 1)]:
        add(name, "logSoftmax", normal(*shape), axis=axis)
    add("large arguments", "logSoftmax", f32([[100.0, -100.0, 0.5], [80.0, 79.0, 78.5]]), axis=1)


def shapes():
    for name, a, b in [("flatten", (2, 3, 2), [12]), ("split", (12,), [2, 3, 2]), ("same", (2, 3), [2, 3]),
                       ("scalar", (1, 1), []), ("from scalar", (), [1, 1]), ("ones", (2, 3), [1, 2, 1, 3])]:
        add(name, "reshape", normal(*a), shape=b)
    for name, a, p in [("matrix", (2, 3), [1, 0]), ("identity", (2, 3), [0, 1]), ("NCHW to NHWC", (2, 3, 2, 2), [0, 2, 3, 1]),
                       ("NHWC to NCHW", (2, 2, 2, 3), [0, 3, 1, 2]), ("cycle", (2, 3, 4), [2, 0, 1]), ("swap H and W", (2, 1, 3, 4), [0, 1, 3, 2])]:
        add(name, "transpose", normal(*a), permutation=p)
    for name, a, b in [("scalar", (), [2, 3]), ("row", (3,), [4, 3]), ("column", (4, 1), [4, 3]), ("both", (1, 3, 1), [2, 3, 4]),
                       ("same", (2, 3), [2, 3]), ("channels", (3, 1, 1), [2, 3, 2, 2])]:
        add(name, "broadcastTo", normal(*a), shape=b)
    for name, a, s, e, t in [("inside", (5, 4), [1, 1], [4, 3], [1, 1]), ("strided", (7, 5), [0, 1], [7, 5], [2, 3]),
                             ("whole", (2, 3), [0, 0], [2, 3], [1, 1]), ("last images", (6, 2, 2, 2), [4, 0, 0, 0], [6, 2, 2, 2], [1, 1, 1, 1]),
                             ("even positions", (1, 2, 4, 4), [0, 0, 0, 0], [1, 2, 4, 4], [1, 1, 2, 2]),
                             ("odd positions of odd size", (1, 1, 5, 5), [0, 0, 1, 1], [1, 1, 5, 5], [1, 1, 2, 2]),
                             ("stride beyond the end", (5,), [1], [4], [4])]:
        add(name, "slice", normal(*a), starts=s, ends=e, strides=t)
    for name, a, axes in [("vector", (5,), [0]), ("rows", (3, 4), [0]), ("both", (3, 4), [0, 1]), ("H and W", (2, 2, 3, 4), [2, 3]), ("W", (1, 2, 3, 3), [3])]:
        add(name, "reverse", normal(*a), axes=axes)
    for name, a, low, high, interior in [("around", (2, 3), [1, 2], [0, 1], [0, 0]), ("interior", (3,), [0], [0], [1]),
                                         ("zero insertion ×2", (1, 2, 3, 3), [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]),
                                         ("all at once", (2, 3), [1, 0], [2, 1], [2, 1]), ("nothing", (2, 2), [0, 0], [0, 0], [0, 0]),
                                         ("interior of size one", (1, 2), [1, 0], [0, 0], [3, 0])]:
        add(name, "pad", normal(*a), low=low, high=high, interior=interior)
    add("two, axis 0", "concat", normal(2, 3), normal(4, 3), axis=0)
    add("two, axis 1", "concat", normal(2, 3), normal(2, 1), axis=1)
    add("three", "concat", normal(2, 1, 2), normal(2, 3, 2), normal(2, 2, 2), axis=1)
    add("three vectors", "concat", normal(2), normal(1), normal(4), axis=0)
    add("images", "concat", normal(2, 2, 2, 2), normal(1, 2, 2, 2), axis=0)
    add("rows", "gather", normal(5, 3), np.array([0, 3, 3, 4, 1, 3]))
    add("vector", "gather", normal(6), np.array([5, 0, 0, 2]))
    add("images", "gather", normal(3, 2, 2, 2), np.array([2, 2, 0]))
    add("one row", "gather", normal(4, 2), np.array([3]))
    add("rows", "scatterAdd", normal(6, 3), np.array([0, 3, 3, 4, 1, 3]), rows=5)
    add("vector, row untouched", "scatterAdd", normal(4), np.array([5, 0, 0, 2]), rows=6)
    add("images", "scatterAdd", normal(3, 2, 2, 2), np.array([2, 2, 0]), rows=3)


def products():
    for ta in (False, True):
        for tb in (False, True):
            for name, batch in [("2-D", ()), ("batched", (3,)), ("two batch axes", (2, 2))]:
                a = (4, 2) if ta else (2, 4)
                b = (3, 4) if tb else (4, 3)
                add(f"{name}{' Aᵀ' * ta}{' Bᵀ' * tb}", "matmul", normal(*batch, *a), normal(*batch, *b), transposeA=ta, transposeB=tb)
    add("row by column", "matmul", normal(1, 5), normal(5, 1), transposeA=False, transposeB=False)

    none, one, none2 = [[0, 0], [0, 0]], [[1, 1], [1, 1]], [1, 1]
    table = [  # name, x, kernel [O, C, kh, kw], strides, padding, dilation
        ("3×3 s1 p1", (2, 3, 5, 5), (4, 3, 3, 3), [1, 1], one, none2),
        ("3×3 s1 p1, one channel to one", (1, 1, 4, 4), (1, 1, 3, 3), [1, 1], one, none2),
        ("3×3 s1 p1, map smaller than kernel", (2, 2, 2, 2), (3, 2, 3, 3), [1, 1], one, none2),
        ("3×3 s1 p0", (2, 2, 5, 4), (3, 2, 3, 3), [1, 1], none, none2),
        ("1×1", (2, 3, 4, 4), (5, 3, 1, 1), [1, 1], none, none2),
        ("1×1 s2", (2, 3, 5, 4), (2, 3, 1, 1), [2, 2], none, none2),
        ("4×4 s2 p1", (2, 3, 6, 6), (2, 3, 4, 4), [2, 2], one, none2),
        ("4×4 s2 p1, odd size", (1, 2, 7, 7), (2, 2, 4, 4), [2, 2], one, none2),
        ("3×3 s2 p1, odd size", (2, 2, 5, 5), (3, 2, 3, 3), [2, 2], one, none2),
        ("3×3 s2 p1, even size", (2, 2, 6, 6), (3, 2, 3, 3), [2, 2], one, none2),
        ("3×3 s1, padding [1, 2]", (1, 2, 4, 4), (2, 2, 3, 3), [1, 1], [[1, 2], [1, 2]], none2),
        ("3×3 s2, four different paddings", (1, 2, 5, 6), (2, 2, 3, 3), [2, 2], [[0, 1], [2, 1]], none2),
        ("5×5 s2 SAME as TensorFlow pads", (1, 2, 6, 6), (2, 2, 5, 5), [2, 2], [[1, 2], [1, 2]], none2),
        ("3×3 dilation 2", (1, 2, 7, 7), (2, 2, 3, 3), [1, 1], [[2, 2], [2, 2]], [2, 2]),
        ("3×3 s2 dilation 2", (1, 2, 7, 8), (2, 2, 3, 3), [2, 2], [[2, 2], [1, 2]], [2, 2]),
        ("non-square", (2, 2, 4, 7), (3, 2, 3, 5), [1, 1], [[1, 1], [2, 2]], none2),
        ("non-square, strides [1, 2], dilation [2, 1]", (1, 2, 6, 5), (2, 2, 2, 3), [1, 2], [[1, 0], [1, 1]], [2, 1]),
        ("kernel covers the map", (2, 2, 3, 3), (4, 2, 3, 3), [1, 1], none, none2),
    ]
    for name, x, w, strides, padding, dilation in table:
        attrs = dict(strides=strides, padding=padding, dilation=dilation)
        shape = conv2d(torch.zeros(x), torch.zeros(w), **attrs).shape
        add(name, "conv2d", normal(*x), normal(*w), **attrs)
        add(name, "convInput", normal(*shape), normal(*w), **attrs, inputShape=list(x[2:]))
        add(name, "convWeight", normal(*x), normal(*shape), **attrs, kernelShape=list(w[2:]))

    for name, shape in [("one channel", (1, 1, 4, 4)), ("several", (2, 3, 4, 2)), ("to one pixel", (2, 2, 2, 2))]:
        add(name, "sumPool", normal(*shape), window=2)
    for name, shape in [("one pixel", (2, 2, 1, 1)), ("several", (2, 3, 2, 3)), ("one channel", (1, 1, 3, 3))]:
        add(name, "upsampleNearest", normal(*shape), factor=2)
    for name, shape in [("several", (4, 3, 2, 2)), ("one channel", (2, 1, 3, 2)), ("one pixel", (6, 2, 1, 1))]:
        add(name, "batchNorm", normal(*shape), positive(shape[1]), normal(shape[1]), epsilon=1e-5)
    add("large epsilon", "batchNorm", normal(3, 2, 2, 2), normal(2), normal(2), epsilon=0.1)
    for name, shape in [("one pixel", (2, 2, 1, 1)), ("several", (2, 3, 2, 3)), ("one channel", (1, 1, 4, 2))]:
        add(name, "upsampleBilinear", normal(*shape))
    add("bias", "conv2d", normal(2, 3, 4, 5), normal(4, 3, 3, 3), normal(4), strides=[1, 1], padding=one, dilation=none2)

    grouped = [
        ("3×3 s1 p1, 2 groups", (2, 4, 4, 4), (6, 2, 3, 3), [1, 1], one, none2, 2),
        ("1×1, 3 groups", (2, 6, 3, 3), (3, 2, 1, 1), [1, 1], none, none2, 3),
        ("3×3 s1 p1, depthwise", (2, 4, 4, 5), (4, 1, 3, 3), [1, 1], one, none2, 4),
        ("3×3 s2 p1, even size, 2 groups", (1, 2, 6, 6), (4, 1, 3, 3), [2, 2], one, none2, 2),
        ("3×3 s1, dilation [1, 2], four different paddings, 2 groups", (1, 4, 5, 6), (2, 2, 3, 2), [1, 1], [[0, 1], [2, 1]], [1, 2], 2),
    ]
    for name, x, w, strides, padding, dilation, groups in grouped:
        attrs = dict(strides=strides, padding=padding, dilation=dilation, groups=groups)
        shape = conv2d(torch.zeros(x), torch.zeros(w), **attrs).shape
        add(name, "groupedConv2d", normal(*x), normal(*w), **attrs)
        add(name, "groupedConvInput", normal(*shape), normal(*w), **attrs, inputShape=list(x[2:]))
        add(name, "groupedConvWeight", normal(*x), normal(*shape), **attrs, kernelShape=list(w[2:]))


def main():
    elementwise()
    reductions()
    shapes()
    products()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "primitives.json")
    with open(path, "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps(c, separators=(",", ":"), ensure_ascii=False) for c in CASES)
        file.write('{"cases":[\n' + lines + "\n]}\n")
    names = [c["name"] for c in CASES]
    assert len(set(names)) == len(names), "case names must be unique"
    print(f"{len(CASES)} cases of {len({c['op'] for c in CASES})} operations, {os.path.getsize(path) / 1e6:.2f} MB -> {path}")


if __name__ == "__main__":
    main()

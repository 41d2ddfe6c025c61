"""Golden values for src/base/math/significance.ts from SciPy: python3 test/goldens/statistics.py"""
import json
import pathlib

import numpy as np
from scipy import stats

rng = np.random.default_rng(7)
means = []
for n, shift in [(2, 0.5), (3, 0.0), (5, 1.0), (10, 0.2), (10, 6.0), (40, -0.1), (300, 0.05)]:
    values = np.round(rng.normal(shift, 1.0, n), 6)
    t, p = stats.ttest_1samp(values, 0.0)
    low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
    means.append(dict(values=values.tolist(), t=t, p=p, low=low, high=high))

signs = [dict(positive=k, negative=n - k, p=stats.binomtest(k, n).pvalue) for n in (1, 5, 10, 30) for k in range(0, n + 1, max(1, n // 5))]
tables = [[[6, 0], [0, 6]], [[5, 1], [0, 6]], [[3, 3], [2, 4]], [[0, 4], [0, 4]], [[10, 2], [3, 15]], [[1, 0], [0, 1]], [[40, 60], [55, 45]]]
fisher = [dict(table=table, p=stats.fisher_exact(table)[1]) for table in tables]
sample = np.round(rng.gamma(2.0, 1.0, 25), 6)
exact = stats.bootstrap((sample,), np.mean, n_resamples=200_000, method="percentile", random_state=1).confidence_interval
bootstrap = dict(values=sample.tolist(), low=exact.low, high=exact.high)

out = pathlib.Path(__file__).with_name("statistics.json")
out.write_text(json.dumps(dict(means=means, signs=signs, fisher=fisher, bootstrap=bootstrap), indent=1) + "\n")

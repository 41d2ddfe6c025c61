/**
 * ReLUs at the brink. Two ways to compute one network differ by rounding, some 5e-7 of a map's
 * largest value; among the two million units of a larger network there is nearly always one so
 * close to 0 that it falls on another side, and with it goes its whole gradient. So it is counted:
 * where no unit falls on another side, two graphs must agree to rounding; where one does, to what
 * one unit is worth. (resnet-stl with the seed after the one of the test: one unit of 2,140,560, at
 * 1.3e-8 of its map's largest value, and Adam's first moment of the generator moved by 3e-5 instead
 * of 1e-6.)
 */
import type { Engine, TensorMap } from "../../src/engine/engine.ts";
import {
  compile,
  type GraphDefinition,
  type Outputs,
  type Target,
  topologicalOrder,
} from "../../src/graph/index.ts";

/** Watches what is compiled, for the graphs it consists of. */
export interface Watch {
  /** The target to compile for. */
  readonly target: Target;
  /**
   * All that the ReLUs of a program look at, in the order of the trace, for the state the engine
   * holds and these feeds.
   */
  units(name: string, engine: Engine, feeds: TensorMap): Promise<Float32Array[]>;
}

/** Watch everything that is compiled for a target. */
export function watchRelus(target: Target): Watch {
  const graphs = new Map<string, { readonly graph: GraphDefinition; readonly outputs: Outputs }>();
  return {
    target: {
      ...target,
      inspect: (stage, graph, outputs) => {
        if (stage === "traced") graphs.set(graph.name, { graph, outputs });
      },
    },
    async units(name, engine, feeds) {
      const { graph, outputs } = graphs.get(name)!;
      const relus = topologicalOrder(Object.values(outputs)).filter(({ primitive }) =>
        ["relu", "leakyRelu"].includes(primitive.name),
      );
      const seen = [...new Set(relus.map(({ inputs: [x] }) => x!))];
      const { feeds: taken = {}, reads = {} } = graph;
      const results = Object.fromEntries(seen.map((x, i) => [String(i), x]));
      const program = compile({ name: "units", feeds: taken, reads, results }, target);
      const executable = await engine.compile(program);
      try {
        const values = await executable.run(
          Object.fromEntries(program.feeds.map((feed) => [feed.name, feeds[feed.name]!])),
        );
        return seen.map((_, i) => values[String(i)] as Float32Array);
      } finally {
        await executable.release();
      }
    },
  };
}

/** Units that are above 0 in one of two computations and not in the other. */
export function onOtherSides(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return a.reduce(
    (sum, values, i) => sum + values.filter((value, j) => value > 0 !== b[i]![j]! > 0).length,
    0,
  );
}

/** What there is of the runs of a reproduction, and what their measurements depend on. */
import { formatCount } from "../../base/text/format/index.ts";
import { protocolSentence } from "../../metrics/describe.ts";
import { quickProbeSentence } from "../../studies/probe/quick.ts";
import { isWhole, readRun } from "../../studies/reproduce/read-run.node.ts";
import type { RunRecord } from "../../studies/reproduce/record.ts";
import type { Cell, Findings } from "../../studies/reproduce/report.ts";
import type { ProbeScale } from "../../studies/reproduce/scales.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { PointState } from "../../sweep/pool.ts";

/**
 * A run, and how it stands: as the pool left it, or, where there was none, by what there is of it.
 */
export async function recordOf(point: SweepPoint, state: PointState | undefined): Promise<RunRecord> {
  if (state && state.kind !== "waiting")
    return readRun(point, state.kind, state.kind === "failed" ? state.message : undefined);
  const run = await readRun(point, "waiting");
  return isWhole(run, point.config) ? { ...run, state: "done" } : run;
}

/** The protocols of the measurements a table is made of, each once. */
export function protocolsOf(
  runs: readonly RunRecord[],
  { cells }: Findings,
  probe: ProbeScale | undefined,
): readonly string[] {
  const has = (measure: Cell["measure"]): boolean => cells.some((cell) => cell.measure === measure);
  const fid = has("fid")
    ? runs.flatMap(({ evaluations }) =>
        evaluations.slice(-1).map((line) => `FID: ${protocolSentence(line)}.`),
      )
    : [];
  if (!has("accuracy")) return [...new Set(fid)];
  const accuracy = probe
    ? [probeScaleSentence(probe)]
    : runs.flatMap(({ probes }) => probes.slice(-1).map((line) => `Accuracy: ${quickProbeSentence(line)}.`));
  return [...new Set([...fid, ...accuracy])];
}

function probeScaleSentence({ limit, images, epochs, seeds }: ProbeScale): string {
  const parts = images
    ? `at most ${formatCount(images.train)} training and ${formatCount(images.test)} test images`
    : "all images";
  return `Accuracy: linear probe on maps pooled to at most ${formatCount(limit)} numbers, ${epochs} epochs, mean over ${seeds} orders of batches, ${parts}.`;
}

/** What an experiment of the paper is made of. */
import type { OnlineResult } from "../online/study.ts";
import type { ProbeResult } from "../probe/probe.ts";
import type { ModelSpec, Request } from "./plan.ts";
import type { RunRecord } from "./record.ts";
import type { Findings } from "./report.ts";
import type { ProbeScale, Scale } from "./scales.ts";

/** An experiment on trained GANs. */
export interface RunExperiment {
  readonly kind: "runs";
  readonly title: string;
  /** The models it needs. @throws UserError when the request names what there is not */
  models(request: Request): readonly ModelSpec[];
  /** Whether every block of the finished runs is probed (docs/studies.md). */
  readonly probed: boolean;
  /**
   * What is otherwise at the paper's scale: generator steps, and how many images are probed at the
   * most.
   */
  readonly paper?: { readonly steps: number; readonly probeImages: ProbeScale["images"] };
  findings(runs: readonly RunRecord[], probes: ReadonlyMap<string, ProbeResult>, request: Request): Findings;
}

/** The online classifier, which trains no GAN. */
export interface OnlineExperiment {
  readonly kind: "online";
  readonly title: string;
  findings(result: OnlineResult, classes: number, scale: Scale): Findings;
}

export type Experiment = RunExperiment | OnlineExperiment;

/**
 * Feeds of a program that are drawn at random. Chance never comes from the graph: a program says
 * what it wants (a name, a shape, a distribution), and the host draws it from seeded streams that
 * lie in checkpoints.
 */
import { input, type Shape, type Tensor } from "../../graph/index.ts";

/** One feed that is drawn anew for every run of a program. */
export interface DrawnFeed {
  /** The feed's name. */
  readonly name: string;
  readonly shape: Shape;
  /**
   * `latents`: from the run's latent distribution. `uniform`: U[0, 1), `normal`: N(0, 1), float32.
   * `classes`: classes of the data, whole numbers 0 … K − 1, all equally likely, int64. `{ below: n
   * }`: the same for 0 … n − 1.
   */
  readonly values: "latents" | "uniform" | "normal" | "classes" | { readonly below: number };
  /**
   * The stream it is drawn from. Programs that name the same one share it, in the order in which
   * they run.
   */
  readonly stream: string;
}

/** The streams of a run; `latents` is the one that every run has. */
export const STREAMS = {
  latents: "latents",
  labels: "labels",
  penalty: "penalty",
  augmentation: "augmentation",
  pretext: "pretext",
  auxiliary: "auxiliary",
  noise: "noise",
} as const;

/** Collects the feeds of one step while it is traced: given ones and drawn ones. */
export class StepFeeds {
  readonly drawn: DrawnFeed[] = [];
  readonly tensors: Record<string, Tensor> = {};

  /** A feed that is given: images, labels, rates. Asked for twice, it is the same. */
  given(name: string, shape: Shape, dtype?: "float32" | "uint8" | "int64"): Tensor {
    this.tensors[name] ??= input(name, shape, dtype);
    return this.tensors[name];
  }

  /** A feed that is drawn. Asked for twice, it is drawn once. */
  draw(stream: string, name: string, shape: Shape, values: DrawnFeed["values"]): Tensor {
    const known = this.drawn.some((feed) => feed.name === name);
    if (!known) this.drawn.push({ name, shape, values, stream });
    const whole = values === "classes" || typeof values === "object";
    return this.given(name, shape, whole ? "int64" : "float32");
  }
}

/** What computes, where a caller may choose it. */

/** As in training unless given. */
export interface EngineChoice {
  /** `auto`, `cpu`, `webgpu`, `cuda`, `coreml` or `dml`. */
  readonly device?: string | undefined;
  /** Threads for the arithmetic; 0: the cores this process may use. */
  readonly threads?: number | undefined;
}

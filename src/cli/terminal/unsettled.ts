/** The end of the process while it still waits for something. */

/** Codes that Node ends with when nothing is left that could end what is waited for. */
const UNSETTLED = new Set([0, 13]);

/**
 * Wait for `work`. Should the process end before it is done, as Node lets it without a word where
 * nothing is left that could end the wait, that is said, and the exit code tells.
 * @param failed what is said then; its return value is the exit code
 */
export async function settled<T>(work: Promise<T>, failed: (error: Error) => number): Promise<T> {
  const onExit = (code: number): void => {
    if (UNSETTLED.has(code)) process.exitCode = failed(new Error("Nothing was left to wait for."));
  };
  process.on("exit", onExit);
  try {
    return await work;
  } finally {
    process.off("exit", onExit);
  }
}

/**
 * Only the newest of the calls that come while one is under way is done: sliders move faster than
 * images are made.
 * @param failed told of what a call throws
 */
export function latest(task: () => Promise<void>, failed: (error: unknown) => void): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await task();
      } while (again);
    } catch (error) {
      failed(error);
    } finally {
      running = false;
    }
  };
}

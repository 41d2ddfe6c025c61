/** What a command has opened and must close, whatever happens: in the reverse order of opening. */

/** Anything that can be closed. */
export interface Closable {
  close(): unknown;
}

/** Things that are open. */
export interface Resources {
  /** Remember to close `resource`. @returns it */
  use<T extends Closable>(resource: T): T;
  /** Close everything, the last opened first. */
  close(): Promise<void>;
}

/** A list of open things, empty at first. */
export function openResources(): Resources {
  const opened: Closable[] = [];
  return {
    use(resource) {
      opened.unshift(resource);
      return resource;
    },
    async close() {
      for (const resource of opened.splice(0)) await resource.close();
    },
  };
}

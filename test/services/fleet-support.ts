/**
 * Sweeps through a queue, whatever the queue is kept in: workers and sweeps as processes, and what
 * must hold in the end.
 */
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { expect } from "vitest";
import type { Call, Workspace } from "../cli/support.ts";
import { lastWeights, STEPS, type SweepResult } from "../cli/sweep-support.ts";

/**
 * A port that nothing listens on, below those that systems give away by themselves: what is killed
 * and started again on it must not find it taken by a connection meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + randomInt(15_000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true));
    });
    if (!free) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

/** End a server with `signal`, and wait until it is gone. */
export async function killServer(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill(signal);
  await gone;
}

/** Processes around one queue server. */
export class Fleet {
  readonly #calls: Call[] = [];
  readonly #workspace: Workspace;
  readonly #url: () => string;
  readonly #password: string;

  /** @param url of the server, with `password` in it */
  constructor(workspace: Workspace, url: () => string, password: string) {
    this.#workspace = workspace;
    this.#url = url;
    this.#password = password;
  }

  /** A worker on the queue `name`. */
  worker(name: string): Call {
    return this.#start("worker", "--queue", this.#url(), "--queue-name", name, "--lock-seconds", "2");
  }

  /** The sweep `grid.yaml` through the queue `name`, into the folder `name`. */
  sweep(name: string): Call {
    return this.#start(
      "sweep",
      "grid.yaml",
      "--out",
      name,
      "--queue",
      this.#url(),
      "--queue-name",
      name,
      "--json",
    );
  }

  /** Tell workers to end, and see that they do as if interrupted. */
  async stop(...workers: Call[]): Promise<void> {
    for (const { child } of workers) child.kill("SIGTERM");
    for (const { ended } of workers) expect((await ended).code).toBe(130);
  }

  /**
   * The sweep has all its runs, and they are those of the undisturbed one in the folder `whole`.
   */
  async expectWhole(name: string, call: Call): Promise<void> {
    const { code, stdout, stderr } = await call.ended;
    expect(stderr).not.toContain(this.#password);
    expect(stdout).not.toContain(this.#password);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect((JSON.parse(stdout) as SweepResult).points.map(({ step }) => step)).toEqual([STEPS, STEPS]);
    expect(lastWeights(this.#workspace, name)).toEqual(lastWeights(this.#workspace, "whole"));
  }

  /** End whatever is left. */
  kill(): void {
    for (const { child } of this.#calls) child.kill("SIGKILL");
  }

  #start(...args: string[]): Call {
    const call = this.#workspace.start(...args);
    this.#calls.push(call);
    return call;
  }
}

/**
 * What must hold of a sweep through a queue, whatever the queue is kept in. Called within a suite
 * whose server runs.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { makePictures, type Workspace } from "../cli/support.ts";
import { goOnToEnd, SWEEP, trainerOf } from "../cli/sweep-support.ts";
import type { Fleet } from "./fleet-support.ts";

/** A queue's server, and who uses it. */
export interface QueueUnderTest {
  readonly workspace: Workspace;
  readonly fleet: Fleet;
  readonly password: string;
  /** End the server at once, as in a crash. */
  readonly kill: () => Promise<void>;
  /** Start it again, with what was on its disk. */
  readonly start: () => Promise<void>;
}

/**
 * Images, the sweep `grid.yaml`, and what an undisturbed sweep makes of it, in the folder `whole`.
 */
export async function prepareSweep(workspace: Workspace): Promise<void> {
  await makePictures(workspace.path("pictures"), 66);
  writeFileSync(workspace.path("grid.yaml"), SWEEP);
  expect(await workspace.run("sweep", "grid.yaml", "--out", "whole")).toMatchObject({ code: 0 });
}

/** The cases that every kind of queue has to pass. */
export function queueCases({ workspace, fleet, password, kill, start }: QueueUnderTest): void {
  it("two workers on one queue share the runs; the password is nowhere", async () => {
    const workers = [fleet.worker("shared"), fleet.worker("shared")];
    await fleet.expectWhole("shared", fleet.sweep("shared"));
    await fleet.stop(...workers);
    const said = (await Promise.all(workers.map(({ ended }) => ended))).map(
      ({ stdout, stderr }) => stdout + stderr,
    );
    // The sweep is over with the last checkpoint, so that a worker may be told to end before it has said "done".
    expect(said.join("").match(/: training, attempt 1\n/g)).toHaveLength(2);
    expect(said.join("")).not.toContain(password);
    const files = readdirSync(workspace.path("shared"), { recursive: true, withFileTypes: true });
    for (const entry of files.filter((file) => file.isFile() && !file.name.endsWith(".png")))
      expect(readFileSync(join(entry.parentPath, entry.name), "latin1")).not.toContain(password);
  });

  it("a machine that dies in mid-run: another worker goes on from its last checkpoint", async () => {
    const first = fleet.worker("died");
    const call = fleet.sweep("died");
    const trainer = await trainerOf(workspace, "died", 3);
    first.child.kill("SIGKILL");
    process.kill(trainer, "SIGKILL");
    const second = fleet.worker("died");
    await fleet.expectWhole("died", call);
    await fleet.stop(second);
  });

  it("a worker that is told to end saves and gives its run back", async () => {
    const first = fleet.worker("stopped");
    const call = fleet.sweep("stopped");
    const trainer = await trainerOf(workspace, "stopped", 3);
    const stopped = fleet.stop(first);
    await goOnToEnd(trainer);
    await stopped;
    expect((await first.ended).stdout).toMatch(/: saved\n/);
    const second = fleet.worker("stopped");
    await fleet.expectWhole("stopped", call);
    await fleet.stop(second);
  });

  it("the server is killed in mid-run and comes back", async () => {
    const only = fleet.worker("cut-off");
    const call = fleet.sweep("cut-off");
    const trainer = await trainerOf(workspace, "cut-off", 3);
    await kill();
    await setTimeout(1500);
    await start();
    process.kill(trainer, "SIGCONT");
    await fleet.expectWhole("cut-off", call);
    await fleet.stop(only);
  });

  it("the server is away when worker and sweep are told to end: they do, and the same commands go on", async () => {
    const first = fleet.worker("left");
    const call = fleet.sweep("left");
    const trainer = await trainerOf(workspace, "left", 3);
    await kill();
    const stopped = fleet.stop(call, first);
    await goOnToEnd(trainer);
    await stopped;
    for (const { stdout, stderr } of [await first.ended, await call.ended])
      expect(stdout + stderr).not.toContain(password);
    expect((await first.ended).stdout).toMatch(
      /Stopped; the run under way is saved. The queue does not answer/,
    );
    await start();
    const second = fleet.worker("left");
    await fleet.expectWhole("left", fleet.sweep("left"));
    await fleet.stop(second);
  });
}

/** The studio from the command line, without a browser: beside a training and on its own. */
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFAULT_PORT } from "../../src/studio/server/server.ts";
import { type Call, makePictures, TINY, Workspace } from "./support.ts";

const workspace = new Workspace();
const other = createServer();
let again: NodeJS.Timeout | undefined;
beforeAll(async () => {
  await makePictures(workspace.path("pictures"), 64);
  // Somebody else has the usual port; if it is taken already, that is as good, until whoever has it ends.
  await new Promise<void>((ready) => {
    const take = () => other.listen(DEFAULT_PORT, "127.0.0.1");
    other.once("listening", ready).on("error", () => {
      again = setTimeout(take, 10);
      ready();
    });
    take();
  });
});
afterAll(() => {
  clearTimeout(again);
  other.close();
  workspace.remove();
});

const train = (run: string, ...more: string[]): string[] => [
  ...["train", "pictures", ...TINY, "--run", `runs/${run}`, ...more],
];

async function addressOf(call: Call, stream: "stdout" | "stderr" = "stdout"): Promise<string> {
  let printed = "";
  return new Promise((found) => {
    call.child[stream]?.on("data", (text: string) => {
      printed += text;
      const address = /studio +(http:\S+?)(?:#\S*)?\s/.exec(printed)?.[1];
      if (address) found(address);
    });
  });
}

it("train serves its runs on a free port, and nobody who looks keeps it from ending", async () => {
  const call = workspace.start(...train("watched", "--steps", "100000"));
  const address = await addressOf(call);
  expect(new URL(address).hostname).toBe("127.0.0.1");
  expect(new URL(address).port).not.toBe(String(DEFAULT_PORT));
  const runs = (await (await fetch(`${address}api/runs`)).json()) as unknown[];
  expect(runs).toMatchObject([{ id: "watched", state: "running", steps: 100_000 }]);
  const live = await fetch(`${address}api/live?run=watched`);
  const reader = live.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  call.child.kill("SIGINT");
  expect(await call.ended).toMatchObject({ code: 130, stderr: "" });
  await reader.cancel().catch(() => undefined);
});

it("with --json the link is among the progress; with --no-studio there is none", async () => {
  const call = workspace.start(...train("json", "--steps", "3", "--json"));
  await addressOf(call, "stderr");
  const { code, stdout } = await call.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ reason: "finished", step: 3 });
  const without = await workspace.run(...train("without", "--steps", "3", "--no-studio"));
  expect(without).toMatchObject({ code: 0, stderr: "" });
  expect(without.stdout).not.toContain("http:");
});

it("a change is made in the process that trains, from another one, and is told there", async () => {
  const call = workspace.start(...train("steered", "--steps", "100000", "--no-studio"));
  await call.saw(/samples runs/);
  const studio = workspace.start("studio", "--port", "0");
  const address = await addressOf(studio);
  const html = await (await fetch(address)).text();
  const token = /name="quarterturn-token" content="([^"]+)"/.exec(html)![1]!;
  const command = { kind: "change", values: { "objective.beta": 0.5 } };
  const response = await fetch(`${address}api/runs/steered/commands`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-quarterturn-token": token },
    body: JSON.stringify(command),
  });
  expect(response.status).toBe(202);
  await call.saw(/changed from step \d+ on: objective.beta = 0.5/);
  for (const process of [call, studio]) process.child.kill("SIGINT");
  expect(await call.ended).toMatchObject({ code: 130, stderr: "" });
  expect(await studio.ended).toMatchObject({ code: 0, stderr: "" });
});

it("studio says what is wrong with what it was given", async () => {
  const nowhere = await workspace.run("studio", "nowhere");
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toMatch(/There is no folder nowhere/);
  const mine = createServer();
  await new Promise<void>((ready) => mine.listen(0, "127.0.0.1", ready));
  const { port } = mine.address() as AddressInfo;
  const taken = await workspace.run("studio", "runs", "--port", String(port));
  mine.close();
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain(`Port ${port} is taken.\nName another one with --port`);
  const elsewhere = await workspace.run("studio", "runs", "--host", "192.0.2.1");
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.stderr).toMatch(/192.0.2.1 is no address of this machine/);
});

it("studio answers to the names it was allowed, as behind a proxy, and takes names only", async () => {
  const named = ["--allow-host", "gan.example.org", "--allow-host=Other.Example:8443"];
  const call = workspace.start("studio", "runs", "--port", "0", ...named);
  const { port } = new URL(await addressOf(call));
  const status = (host: string) =>
    new Promise<number>((done, failed) => {
      get({ host: "127.0.0.1", port, path: "/api/runs", headers: { host } }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      }).on("error", failed);
    });
  expect(await Promise.all(["gan.example.org", "other.example:8443", "evil.example"].map(status))).toEqual([
    200, 200, 403,
  ]);
  call.child.kill("SIGINT");
  expect(await call.ended).toMatchObject({ code: 0, stderr: "" });
  for (const wrong of ["https://gan.example.org/", "gan.example.org/studio", "a b", ""])
    expect(await workspace.run("studio", "runs", "--allow-host", wrong), wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--allow-host expects a host name"),
    });
});

it("studio warns when others can reach it", async () => {
  const call = workspace.start("studio", "runs", "--host", "0.0.0.0", "--port", "0");
  await call.saw(
    /warning: Everybody who can reach 0.0.0.0 on port \d+ can look at these runs and steer them/,
  );
  await call.saw(/Ctrl-C ends it/);
  call.child.kill("SIGTERM");
  expect((await call.ended).code).toBe(0);
});

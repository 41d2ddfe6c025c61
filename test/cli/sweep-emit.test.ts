/**
 * `sweep --emit kubernetes` and the options that contradict each other, through the real command
 * line; nothing is trained.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { Workspace } from "./support.ts";

const workspace = new Workspace();
const SWEEP = "# two seeds\r\ndata: cifar10:/runs/data/cifar\r\nsteps: 4\r\nseeds: [1, 2]\r\n";
beforeAll(() => writeFileSync(workspace.path("My Grid.yaml"), SWEEP));
afterAll(() => workspace.remove());

it("writes a ConfigMap with the file and a Job that reads it there, and no path of this machine", async () => {
  const { code, stdout } = await workspace.run(
    "sweep",
    "My Grid.yaml",
    "--emit",
    "kubernetes",
    "--jobs",
    "2",
  );
  expect(code).toBe(0);
  expect(stdout).not.toContain(workspace.folder);
  const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Record<string, unknown>);
  expect(documents.map(({ kind }) => kind)).toEqual(["ConfigMap", "Job"]);
  expect(documents[0]).toMatchObject({ data: { "my-grid.yaml": SWEEP } });
  expect(documents[1]).toMatchObject({
    spec: {
      completions: 2,
      template: {
        spec: {
          containers: [
            {
              command: [
                "/bin/sh",
                "-c",
                'exec quarterturn sweep /etc/quarterturn/my-grid.yaml --out /runs/my-grid --only "$JOB_COMPLETION_INDEX"',
              ],
              volumeMounts: [{ mountPath: "/etc/quarterturn" }, { mountPath: "/runs" }],
            },
          ],
        },
      },
    },
  });
});

it.each([
  ["data: /home/me/pictures\n", "data.source /home/me/pictures", "/runs/pictures"],
  ["data: cifar10:/data/cifar\n", "data.source cifar10:/data/cifar", "cifar10:/runs/cifar"],
  [
    "set: { training.evaluateEvery: 10, training.evaluateFeatures: mine.onnx }\n",
    "training.evaluateFeatures mine.onnx",
    "/runs/mine.onnx",
  ],
  ["data: /runs/../etc/pictures\n", "data.source /runs/../etc/pictures", "/runs/pictures"],
])("refuses what the pods would not find: %s", async (text, what, remedy) => {
  writeFileSync(workspace.path("local.yaml"), text);
  const { code, stdout, stderr } = await workspace.run("sweep", "local.yaml", "--emit", "kubernetes");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(what);
  expect(stderr).toContain(remedy);
});

it("--out must be on the volume", async () => {
  const emit = (out: string) => workspace.run("sweep", "My Grid.yaml", "--emit", "kubernetes", "--out", out);
  expect((await emit("/runs/mine")).stdout).toContain("--out /runs/mine --only");
  const { code, stderr } = await emit("runs/mine");
  expect(code).toBe(2);
  expect(stderr).toContain("give --out /runs/my-grid");
});

it("an option that would be ignored is refused, with what to do instead", async () => {
  const { code, stderr } = await workspace.run(
    "sweep",
    "My Grid.yaml",
    "--queue",
    "redis://127.0.0.1",
    "--jobs",
    "3",
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/--jobs is given with a queue\.\n.*worker --jobs/);
});

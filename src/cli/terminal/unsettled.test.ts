import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { loaderOf, moduleBeside } from "../../base/processes/modules.node.ts";

const module = moduleBeside("unsettled", import.meta.url);
const run = (work: string) => {
  const script = `
    import { settled } from ${JSON.stringify(module.href)};
    process.exitCode = await settled(${work}, (error) => { console.error(error.message); return 1; });`;
  return spawnSync(process.execPath, [...loaderOf(module), "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
};

it("says when the process ends before its work is done", () => {
  expect(run("new Promise(() => {})")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Nothing was left to wait for."),
  });
});

it("leaves other ends alone", () => {
  expect(run("Promise.resolve(2)")).toMatchObject({ status: 2, stderr: "" });
  expect(run("(async () => process.exit(130))()")).toMatchObject({ status: 130, stderr: "" });
});

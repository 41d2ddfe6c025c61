/**
 * The declarations of the built package in a program of its own: strict, every declaration checked,
 * nothing of Node's types there.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "quarterturn-types-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A project with the package's declarations and some of the packages that `npm install` would put
 * beside it.
 */
function project(name: string, beside: readonly string[], source: string): string {
  const place = join(folder, name);
  const installed = join(place, "node_modules", "quarterturn");
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  cpSync(join(root, "dist"), join(installed, "dist"), {
    recursive: true,
    filter: (path) => !path.includes(join("dist", "pages")) && !/\.(js|map|tsbuildinfo)$/.test(path),
  });
  for (const each of beside)
    symlinkSync(join(root, "node_modules", each), join(place, "node_modules", each), "dir");
  writeFileSync(join(place, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(place, "use.ts"), source);
  return place;
}

/** What the compiler says of it; nothing when all is well. */
async function complaints(place: string, moduleKind: string, resolution: string): Promise<string> {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2022"];
  const kind = ["--module", moduleKind, "--moduleResolution", resolution];
  // With the links followed, what the linked packages import would be found beside them, Node's types among it.
  const args = [compiler, ...options, ...kind, "--preserveSymlinks", "use.ts"];
  return promisify(execFile)(process.execPath, args, { cwd: place })
    .then(() => "")
    .catch((error: { stdout?: string }) => error.stdout ?? String(error));
}

const NODE = `
import { type Config, evaluate, presets, sample, type TrainEvent, train, UserError } from "quarterturn";
import * as graph from "quarterturn/graph";
import * as nn from "quarterturn/nn";
const outcome = await train({ data: "pictures", onEvent: (event: TrainEvent) => void event.kind });
const { images } = await sample(outcome.run ?? "", { count: 2 });
const config: Config = presets.config();
export { config, evaluate, graph, images, nn, UserError };
`;

it.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("need no types of Node (%s)", async (moduleKind, resolution) => {
  const place = project(`node-${resolution}`, ["zod"], NODE);
  expect(await complaints(place, moduleKind, resolution)).toBe("");
});

it("of what runs in browsers need ONNX Runtime's beside them, and nothing else", async () => {
  const beside = ["zod", "onnxruntime-web", "onnxruntime-common"];
  const place = project("web", beside, `export * from "quarterturn/web";`);
  expect(await complaints(place, "esnext", "bundler")).toBe("");
});

it("are looked at: a wrong option is an error", async () => {
  const place = project("wrong", ["zod"], `import { train } from "quarterturn"; void train({ dta: "x" });`);
  expect(await complaints(place, "nodenext", "nodenext")).toMatch(/'dta' does not exist/);
});

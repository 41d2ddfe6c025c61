/**
 * The file of a worker thread beside the caller's: JavaScript in dist; TypeScript in a checkout,
 * which Node 20 cannot load by itself, so that a line of JavaScript registers tsx first (its
 * `--import` form does not reach worker threads).
 * @param name without its ending @param caller the caller's `import.meta.url`
 */
export function workerFile(name: string, caller: string): URL {
  if (!caller.endsWith(".ts")) return new URL(`./${name}.js`, caller);
  const source = new URL(`./${name}.ts`, caller).href;
  const tsx = import.meta.resolve("tsx/esm/api");
  const script = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

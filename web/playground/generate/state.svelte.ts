/** The generator's view: the samples, the chosen image and its sliders, the way from A to B. */
import type { GeneratorFile } from "../../../src/training/export/generator-file.ts";
import { interpolate } from "../../../src/training/sampling/interpolation.ts";
import { sampleLatents } from "../../../src/training/sampling/latents.ts";
import type { Picture } from "../../../src/training/sampling/samples.ts";
import { download } from "../../common/download.ts";
import { interleave } from "../pictures.ts";
import { type Problem, problemOf } from "../problem.ts";
import { connect } from "../rpc.ts";
import type { Loading } from "./begin.ts";
import { fetchGenerator } from "./fetch-generator.ts";
import { clampLatent, coordinates, moved, walkAround } from "./latents.ts";
import { latest } from "./latest.ts";
import { formatPlace, type Place, START } from "./place.ts";
import { gridPng, imagePng, walkGif } from "./save.ts";
import type { DirectionsEvent, GenerateHandlers } from "./worker.ts";

/** Images in the grid, and on the way from A to B. */
export const GRID = 48;
const STRIP = 9;
/** Directions that get a slider. */
const DIRECTIONS = 8;
/** Milliseconds after which a change is put into the address. */
const NOTE_AFTER = 250;
const GIF = { frames: 24, delay: 60 } as const;

/** The state of the view, made once. @param worker runs worker.ts */
export function createGenerate(worker: Worker) {
  const connection = connect<GenerateHandlers, DirectionsEvent>(worker, (event) => {
    view.directionsDone = event.done / event.total;
  });

  const view = $state({
    file: undefined as GeneratorFile | undefined,
    /** Where the file came from; empty for one that was opened or dropped. */
    address: undefined as string | undefined,
    device: "",
    busy: "",
    problem: undefined as Problem | undefined,
    seed: 0,
    truncation: 3,
    /** −1: all classes in turn. */
    label: -1,
    chosen: 0,
    /** Where the chosen latent stands along each direction. */
    sliders: [] as number[],
    shares: [] as number[],
    directionSamples: 0,
    directionsDone: 0,
    grid: undefined as Picture[] | undefined,
    image: undefined as Picture | undefined,
    strip: [] as Picture[],
    /** What is shown, as part of the page's address. */
    place: "",
  });

  // Not shown as such, so not reactive.
  let latents: Float32Array = new Float32Array(0);
  let base: Float32Array = new Float32Array(0);
  let current: Float32Array = base;
  let vectors: Float32Array = base;
  let ends: { a: Float32Array; b: Float32Array } = { a: base, b: base };
  /** Where the ends are from: a sample of the grid, or nowhere else. */
  let origins: Pick<Place, "a" | "b"> = { a: 0, b: 1 };
  /** What an address asked for and no grid has shown yet. */
  let wanted: Place | undefined;
  let noting: ReturnType<typeof setTimeout> | undefined;
  let generation = 0;
  /** Generators asked for: one that arrives after a later one was asked for is not shown. */
  let asked = 0;

  const labelsOf = (first: number, count: number): BigInt64Array | undefined => {
    const classes = view.file?.classes ?? 0;
    if (classes === 0) return undefined;
    return BigInt64Array.from({ length: count }, (_, i) =>
      BigInt(view.label >= 0 ? view.label : (first + i) % classes),
    );
  };
  /** Of the chosen image and of the strip. */
  const labelOfChosen = (count: number): BigInt64Array | undefined =>
    labelsOf(view.chosen, 1) && new BigInt64Array(count).fill(labelsOf(view.chosen, 1)![0]!);

  async function pictures(z: Float32Array, labels: BigInt64Array | undefined): Promise<Picture[]> {
    const side = view.file!.resolution;
    const pixels = interleave(await connection.call("images", z, labels), side);
    const bytes = side * side * 3;
    return Array.from({ length: pixels.length / bytes }, (_, i) => ({
      width: side,
      height: side,
      pixels: pixels.subarray(i * bytes, (i + 1) * bytes),
    }));
  }

  const newest = (task: () => Promise<void>) =>
    latest(task, (error) => {
      view.problem = problemOf(error);
    });

  const showImage = newest(async () => {
    if (view.file) [view.image] = await pictures(current.slice(), labelOfChosen(1));
  });

  const showStrip = newest(async () => {
    if (!view.file) return;
    const { latentDistribution, latentSize } = view.file;
    const way = new Float32Array(STRIP * latentSize);
    for (let i = 0; i < STRIP; i++)
      way.set(interpolate(ends.a, ends.b, i / (STRIP - 1), latentDistribution), i * latentSize);
    view.strip = await pictures(way, labelOfChosen(STRIP));
  });

  const showGrid = newest(async () => {
    if (!view.file) return;
    const { latentSize, latentDistribution } = view.file;
    latents = sampleLatents(view.seed, GRID, latentSize, latentDistribution, bound());
    view.grid = await pictures(latents, labelsOf(0, GRID));
    const { latent, a, b } = wanted ?? START;
    wanted = undefined;
    const fits = (one: Float32Array): boolean => one.length === latentSize;
    const endAt = (end: number | Float32Array, usual: number): number | Float32Array =>
      typeof end === "number" ? Math.min(end, GRID - 1) : fits(end) ? end : usual;
    origins = { a: endAt(a, 0), b: endAt(b, 1) };
    const latentOf = (end: number | Float32Array) => (typeof end === "number" ? at(end) : end);
    ends = { a: latentOf(origins.a), b: latentOf(origins.b) };
    view.chosen = Math.min(view.chosen, GRID - 1);
    setCurrent(latent && fits(latent) ? latent : at(view.chosen));
    showStrip();
  });

  const isSample = (latent: Float32Array, i: number): boolean =>
    at(i).every((value, k) => value === latent[k]);
  /** Put what is shown into the address, once it has stayed so: browsers limit how often. */
  function note(): void {
    clearTimeout(noting);
    noting = setTimeout(() => {
      if (!view.file) return;
      const { seed, label, chosen } = view;
      view.place = formatPlace({
        ...{ seed, label, chosen, ...origins },
        truncation: view.truncation >= maximumTruncation(view.file) ? undefined : view.truncation,
        latent: isSample(current, chosen) ? undefined : current,
      }).toString();
    }, NOTE_AFTER);
  }

  const bound = (): number =>
    view.truncation >= maximumTruncation(view.file) ? Number.POSITIVE_INFINITY : view.truncation;
  const at = (i: number): Float32Array =>
    latents.slice(i * view.file!.latentSize, (i + 1) * view.file!.latentSize);

  function setCurrent(latent: Float32Array): void {
    base = latent;
    current = latent.slice();
    view.sliders = coordinates(vectors, base);
    note();
    showImage();
  }

  /** Put the sample `i` of the grid before the sliders. */
  function choose(i: number): void {
    view.chosen = i;
    setCurrent(at(i));
  }

  /** Put the chosen latent to where slider `k` says. */
  function slide(k: number, to: number): void {
    view.sliders[k] = to;
    current = clampLatent(moved(base, vectors, view.sliders), view.file!.latentDistribution);
    note();
    showImage();
  }

  function setEnd(end: "a" | "b"): void {
    ends = { ...ends, [end]: current.slice() };
    origins = { ...origins, [end]: isSample(current, view.chosen) ? view.chosen : current.slice() };
    note();
    showStrip();
  }

  /** Take the point of the strip as the chosen latent. */
  function takeFromStrip(i: number): void {
    if (view.file) setCurrent(interpolate(ends.a, ends.b, i / (STRIP - 1), view.file.latentDistribution));
  }

  async function findDirections(of: number): Promise<void> {
    view.directionsDone = 0;
    view.shares = [];
    view.sliders = [];
    vectors = new Float32Array(0);
    const found = await connection.call("directions", DIRECTIONS);
    if (of !== generation) return;
    vectors = found.vectors;
    view.shares = [...found.shares];
    view.directionSamples = found.samples;
    view.sliders = coordinates(vectors, base);
  }

  /** Load a generator. @param where its name, for messages @param address of its file, if any */
  async function load(bytes: Uint8Array, where: string, address = "", place?: Place): Promise<void> {
    asked++;
    view.busy = "loading the generator";
    view.problem = undefined;
    try {
      const { file, device } = await connection.call("load", bytes, where);
      const mine = ++generation;
      wanted = place;
      const { label, chosen, truncation } = place ?? START;
      const max = maximumTruncation(file);
      Object.assign(view, {
        ...{ file, address, device, chosen },
        ...(place && { seed: place.seed }),
        label: label < file.classes ? label : -1,
        truncation: Math.min(truncation ?? max, max),
      });
      await showGrid();
      // Not at once: on a slow device the images come first.
      await findDirections(mine);
    } catch (error) {
      view.problem = problemOf(error);
    } finally {
      view.busy = "";
    }
  }

  /** Load a generator from an address. */
  async function loadFrom(
    address: string,
    { own = false, place, fetched = fetchGenerator(address) }: Loading = {},
  ): Promise<void> {
    const mine = ++asked;
    view.busy = "fetching the generator";
    view.problem = undefined;
    try {
      const { bytes, name } = await fetched;
      if (mine === asked) await load(bytes, name, own ? "" : address, place);
    } catch (error) {
      if (mine === asked) view.problem = problemOf(error);
    } finally {
      if (mine === asked) view.busy = "";
    }
  }

  const fileName = (what: string): string =>
    `${view.file?.name ?? "generator"}-${what}`.replace(/[^\w.-]+/g, "-");

  function saveGrid(): void {
    if (!view.grid || !view.file) return;
    download(fileName(`seed${view.seed}.png`), gridPng(view.grid, view.file.resolution), "image/png");
  }

  function saveImage(): void {
    if (view.image) download(fileName("image.png"), imagePng(view.image), "image/png");
  }

  async function saveGif(): Promise<void> {
    if (!view.file) return;
    view.busy = "making the GIF";
    try {
      const walk = walkAround(ends, view.file, GIF.frames);
      const frames = await pictures(walk, labelOfChosen(2 * GIF.frames));
      download(fileName("walk.gif"), walkGif(frames, GIF.delay), "image/gif");
    } catch (error) {
      view.problem = problemOf(error);
    } finally {
      view.busy = "";
    }
  }

  const redraw = { seed: showGrid, truncation: showGrid, label: showGrid } as const;
  /** Change what the grid is drawn from. */
  function set(what: keyof typeof redraw, value: number): void {
    view[what] = value;
    redraw[what]();
  }

  const reset = (): void => setCurrent(base);
  return {
    view,
    load,
    loadFrom,
    set,
    choose,
    slide,
    reset,
    setEnd,
    takeFromStrip,
    saveGrid,
    saveImage,
    saveGif,
  };
}

/** The bound at which nothing is cut off any more, for the slider's end. */
export const maximumTruncation = (file: GeneratorFile | undefined): number =>
  file?.latentDistribution === "uniform" ? 1 : 3;

export type Generate = ReturnType<typeof createGenerate>;

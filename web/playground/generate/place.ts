/**
 * What the generator's view shows, as part of the page's address: a link shows the same images to
 * somebody else, and after a reload.
 */

/** Where the view stands. */
export interface Place {
  readonly seed: number;
  /** Undefined: none. */
  readonly truncation: number | undefined;
  /** −1: all classes. */
  readonly label: number;
  /** Sample of the grid, from 0. */
  readonly chosen: number;
  /** The latent before the sliders, where it is no longer that of the sample. */
  readonly latent: Float32Array | undefined;
  /** Ends of the walk: a sample of the grid or a latent. */
  readonly a: number | Float32Array;
  readonly b: number | Float32Array;
}

/** Where everybody begins. */
export const START: Place = {
  ...{ seed: 0, truncation: undefined, label: -1, chosen: 0 },
  ...{ latent: undefined, a: 0, b: 1 },
};

/** Latent numbers that an address holds at the most. */
const MAX_NUMBERS = 4096;

/** The part of an address: only what differs from the start. */
export function formatPlace(place: Place): URLSearchParams {
  const values = new URLSearchParams();
  const put = (name: string, value: number | undefined, usual: number | undefined): void => {
    if (value !== undefined && value !== usual) values.set(name, String(value));
  };
  const end = (name: string, value: number | Float32Array, usual: number): void => {
    if (typeof value === "number") put(name, value, usual);
    else values.set(name, encodeLatent(value));
  };
  put("seed", place.seed, START.seed);
  put("truncation", place.truncation, undefined);
  put("class", place.label, START.label);
  put("image", place.chosen, START.chosen);
  if (place.latent) values.set("latent", encodeLatent(place.latent));
  end("a", place.a, 0);
  end("b", place.b, 1);
  return values;
}

/** Read an address. What makes no sense is as at the start. */
export function parsePlace(values: URLSearchParams): Place {
  const whole = (name: string): number | undefined => {
    const text = values.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  const end = (name: string, usual: number): number | Float32Array =>
    whole(name) ?? decodeLatent(values.get(name)) ?? usual;
  const truncation = Number(values.get("truncation") ?? Number.NaN);
  return {
    seed: whole("seed") ?? START.seed,
    truncation: Number.isFinite(truncation) && truncation > 0 ? truncation : undefined,
    label: whole("class") ?? START.label,
    chosen: whole("image") ?? START.chosen,
    latent: decodeLatent(values.get("latent")),
    a: end("a", 0),
    b: end("b", 1),
  };
}

/** Marks a latent, so that no number is taken for one. */
const LATENT = "z";

/** Its float32 numbers, exactly, in the letters of addresses (RFC 4648, 5). */
function encodeLatent(latent: Float32Array): string {
  const bytes = new Uint8Array(latent.slice().buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return LATENT + btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decodeLatent(text: string | null): Float32Array | undefined {
  if (!text?.startsWith(LATENT) || text.length > 6 * MAX_NUMBERS) return undefined;
  try {
    const binary = atob(text.slice(LATENT.length).replaceAll("-", "+").replaceAll("_", "/"));
    if (binary.length === 0 || binary.length % 4 !== 0) return undefined;
    const latent = new Float32Array(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)).buffer);
    return latent.every(Number.isFinite) ? latent : undefined;
  } catch {
    return undefined;
  }
}

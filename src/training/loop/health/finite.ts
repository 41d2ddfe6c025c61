/**
 * Looking for numbers that are not: NaN and infinity spread through a network within one step, so
 * the first one found is worth naming, and a state that holds one is never saved.
 */
import type { NetworkLayout } from "../../../objectives/steps.ts";
import type { Scalars } from "../../events.ts";

/** The first of `scalars` that is NaN or infinite: its name and value. */
export function firstBadScalar(scalars: Scalars): { name: string; value: number } | undefined {
  for (const [name, value] of Object.entries(scalars)) if (!Number.isFinite(value)) return { name, value };
  return undefined;
}

/**
 * The first entry of the state that holds a NaN or infinity, named as precisely as the layouts
 * allow: the tensor for parameters, buffers and averages, the state entry for the rest.
 */
export function firstBadState(
  state: Readonly<Record<string, Float32Array>>,
  layouts: Readonly<Record<"generator" | "discriminator", NetworkLayout>>,
): { name: string; value: number } | undefined {
  for (const [entry, values] of Object.entries(state)) {
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index < 0) continue;
    const [network, part] = entry.split("/");
    const layout = network === "generator" || network === "discriminator" ? layouts[network] : undefined;
    const slots = part === "buffers" ? layout?.buffers : layout?.parameters;
    const slot = slots?.findLast((candidate) => candidate.offset <= index);
    const inside =
      slot && part !== "parameters" && part !== "buffers" ? `${slot.name} (${entry})` : slot?.name;
    return { name: inside ?? entry, value: values[index]! };
  }
  return undefined;
}

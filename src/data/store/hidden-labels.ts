/**
 * Labels that are hidden from training: what a conditional GAN makes of few labels can be tried on
 * data of which every image has one.
 */
import { randomStream } from "../../base/random.ts";
import { permutation } from "./batches.ts";
import { countLabeled, type ImageStore, NO_LABEL } from "./store.ts";

/**
 * `labels` of which a share is left, the others `NO_LABEL`: of each class as many as the share of
 * its images, rounded, and at least one. The same images whenever the labels are the same.
 * @param share of the labels, above 0 and at most 1
 */
export function hideLabels(labels: Uint16Array, share: number): Uint16Array {
  const left = labels.slice().fill(NO_LABEL);
  const members = new Map<number, number[]>();
  for (const index of permutation(labels.length, randomStream(0, "hidden labels"))) {
    const label = labels[index]!;
    if (label === NO_LABEL) continue;
    const known = members.get(label);
    known ? known.push(index) : members.set(label, [index]);
  }
  for (const [label, indices] of members)
    for (const index of indices.slice(0, Math.max(1, Math.round(share * indices.length))))
      left[index] = label;
  return left;
}

/**
 * The store with a share of its labels, and a note that says so; the store itself where all are
 * left, or there are none.
 */
export function withFewLabels(store: ImageStore, share: number): ImageStore {
  if (share >= 1 || !store.labels) return store;
  const labels = hideLabels(store.labels, share);
  const note = `${countLabeled(labels)} of ${countLabeled(store.labels)} labels are used, the others hidden (data.labelShare ${share}).`;
  const summary = { ...store.summary, notes: [...store.summary.notes, note] };
  return { ...store, labels, summary };
}

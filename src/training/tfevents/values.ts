/** What TensorBoard is shown of a line of the record. Tags before the slash are its groups. */
import type { EvaluationEvent, ProbeEvent, SampleEvent, StepEvent } from "../events.ts";
import type { TaggedValue } from "./records.ts";

const scalars = (group: string, values: Readonly<Record<string, number>>): TaggedValue[] =>
  Object.entries(values).map(([name, scalar]) => ({ tag: `${group}/${name}`, scalar }));

/** Losses and accuracies of both networks, rates, speed. */
export function stepValues(line: StepEvent): TaggedValue[] {
  const { learningRate, discriminatorLearningRate, alpha, beta, imagesPerSecond } = line;
  const settings = Object.entries({ learningRate, discriminatorLearningRate, alpha, beta }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return [
    ...scalars("discriminator", line.discriminator),
    ...scalars("generator", line.generator),
    ...scalars("schedule", Object.fromEntries(settings)),
    ...scalars("speed", { imagesPerSecond }),
  ];
}

/** Metrics, each under the name of its protocol, as others cannot be compared with it. */
export const evaluationValues = ({ protocol, features, metrics }: EvaluationEvent): TaggedValue[] =>
  Object.entries(metrics).map(([key, { mean }]) => ({
    tag: `${key}/${protocol}, ${features.name}`,
    scalar: mean,
  }));

/** Accuracies of a linear probe, a curve a block. */
export const probeValues = ({ protocol, accuracies }: ProbeEvent): TaggedValue[] =>
  scalars(`probe, ${protocol.name}`, accuracies);

/** The diversity of samples; their pictures are files. */
export const sampleValues = ({ diversity, variety }: SampleEvent): TaggedValue[] =>
  scalars("samples", { diversity, ...variety });

/** Pictures of a sample, below the run folder, by tag. */
export const samplePictures = ({ file, averagedFile }: SampleEvent): Readonly<Record<string, string>> => ({
  "samples/latest": file,
  ...(averagedFile !== undefined && { "samples/averaged": averagedFile }),
});

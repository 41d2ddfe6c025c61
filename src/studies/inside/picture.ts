/**
 * What a run's discriminator says of a picture that somebody brings: made square as the run's own
 * images are, and shown in all views.
 */
import { UserError } from "../../base/errors.ts";
import { decodeImage } from "../../data/decode/decode.node.ts";
import { UnusableImage } from "../../data/sources/source.ts";
import { NO_LABEL } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import { discriminatorProgram, scoresClasses } from "../../objectives/programs/discriminator-program.ts";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { predictsClasses } from "../../objectives/settings.ts";

import { refuseWithoutDiscriminator } from "../../training/import/origin.node.ts";
import { readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import { encodePng } from "../../training/sampling/images.node.ts";
import { type ImagePredictions, predictImages } from "../../training/sampling/predictions.ts";
import { loadDiscriminator } from "./checkpoint-state.ts";

/** What is asked. */
export interface PictureRequest {
  readonly run: string;
  /** Of the checkpoint whose discriminator is asked. */
  readonly step: number;
  /** The file: PNG, JPEG or what else images are trained on. */
  readonly picture: Uint8Array;
  /**
   * The class that a discriminator is told, which is told classes; unless given, what it predicts,
   * or the first one where it predicts none.
   */
  readonly label: number | undefined;
}

/** What the discriminator says of a picture that somebody brought. */
export interface PictureView {
  readonly step: number;
  /** The picture as the discriminator sees it upright, PNG in base64. */
  readonly shown: string;
  readonly predicted: ImagePredictions;
  /** The class it was told; absent where it is told none, or predicted it. */
  readonly label?: number;
  /** Size of the picture that was brought. */
  readonly width: number;
  readonly height: number;
}

/**
 * Ask a discriminator about a picture.
 * @throws UserError when the picture cannot be used, with the reason, or the checkpoint cannot be
 * read
 */
export async function lookAtPicture(engine: Engine, request: PictureRequest): Promise<PictureView> {
  const { run, step, picture } = request;
  await refuseWithoutDiscriminator(run);
  const config = await readRunConfig(run);
  const { resolution: size, preprocessing, resize, classes } = config.data;
  const told = scoresClasses(config);
  const label = request.label ?? (predictsClasses(config) ? NO_LABEL : 0);
  if (told && label !== NO_LABEL && label >= classes)
    throw new UserError(`There is no class ${label}.`, `Classes are numbered 0 … ${classes - 1}.`);
  const image = await decodeImage(picture, { size, preprocessing, resize }, "picture").catch(
    (error: unknown) => {
      if (!(error instanceof UnusableImage)) throw error;
      throw new UserError(`This picture cannot be used: ${error.message}.`, "Bring another one.");
    },
  );
  const program = discriminatorProgram(config, engine.target, { views: "all", batch: 1 }).program;
  await loadDiscriminator(engine, { run, step, layout: networkLayout(config).discriminator });
  const predictor = await engine.compile(program);
  const predicted = await predictImages(predictor, image.pixels, told ? [label] : undefined);
  const png = await encodePng({ width: size, height: size, pixels: image.pixels });
  return {
    ...{ step, predicted, width: image.width, height: image.height },
    shown: Buffer.from(png).toString("base64"),
    ...(told && label !== NO_LABEL && { label }),
  };
}

import sharp from "sharp";
import { expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { rotatePixels } from "./rotate.ts";

it.each([0, 1, 2, 3] as const)(
  "%i quarter turns are those of another program, counterclockwise",
  async (turns) => {
    const side = 5;
    const stream = randomStream(1, "turn");
    const pixels = Uint8Array.from({ length: side * side * 3 }, () => stream.integer(256));
    const image = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
    const clockwise = (360 - 90 * turns) % 360;
    expect([...rotatePixels(pixels, side, turns)]).toEqual([
      ...(await image.rotate(clockwise).raw().toBuffer()),
    ]);
  },
);

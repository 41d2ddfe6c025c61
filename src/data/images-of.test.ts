import { expect, it } from "vitest";
import { imagesOf } from "./images-of.ts";

it("images are called after their data set, unless its name says nothing", () => {
  expect(["cats", "images", "Images", "memory", "of images"].map(imagesOf)).toEqual([
    "images of cats",
    "images",
    "images",
    "images",
    "images of of images",
  ]);
});

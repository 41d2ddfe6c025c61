import { expect, it } from "vitest";
import { partPairs, partWords, readPartName } from "./part-names.ts";

const division = (...names: string[]): string | undefined => {
  const [pair] = partPairs(names);
  return pair && `${pair.train} ${pair.test}`;
};

it("finds the parts by the words of data sets, in any case, with the same words around them", () => {
  expect(division("train", "val", "docs")).toBe("train val");
  expect(division("train", "val", "test")).toBe("train test");
  expect(division("Train", "Test")).toBe("Train Test");
  expect(division("TRAINING", "TESTING")).toBe("TRAINING TESTING");
  expect(division("train", "valid", "labels")).toBe("train valid");
  expect(division("train", "dev")).toBe("train dev");
  expect(division("train", "Evaluation")).toBe("train Evaluation");
  expect(division("training_set", "test_set")).toBe("training_set test_set");
  expect(division("seg_train", "seg_test", "seg_pred")).toBe("seg_train seg_test");
  expect(division("train2017", "val2017", "annotations")).toBe("train2017 val2017");
  expect(division("train2014", "val2014", "train2017", "val2017")).toBe("train2014 val2014");
  expect(division("TrainImages", "TestImages")).toBe("TrainImages TestImages");
  expect(division("train", "test1")).toBe("train test1");
});

it("needs both parts, and finds none where several claim to be it", () => {
  expect(division("train")).toBeUndefined();
  expect(division("test", "val")).toBeUndefined();
  expect(division("trainA", "testA", "trainB", "testB")).toBeUndefined();
  expect(division("seg_train", "pred_test")).toBeUndefined();
  // A class that happens to be called so, among others.
  expect(division("train", "bus", "car")).toBeUndefined();
  expect(division("trainval", "restrained", "contest")).toBeUndefined();
});

it("knows parts by whole words, and no name of two parts", () => {
  expect(readPartName("train-test")).toBeUndefined();
  expect(readPartName("latest")).toBeUndefined();
  expect(readPartName("__proto__")).toBeUndefined();
  expect(readPartName("Testing")).toMatchObject({ part: "test", rest: "" });
  expect(partWords(new Set(["validation", "training", "0000"]))).toEqual({
    train: "training",
    test: "validation",
  });
  expect(partWords(new Set(["valid"]))).toEqual({ train: undefined, test: "valid" });
});

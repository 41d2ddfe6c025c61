/** What the options of `evaluate` and `compare` may be. */
import { describe, expect, it } from "vitest";
import { evaluationRequest } from "../../app/evaluate/request.ts";
import { commandOptions } from "../command.ts";
import { readMeasurement, readSplit } from "./evaluation-options.ts";

const NAMES = ["metrics", "protocol", "features", "samples", "repeats", "threads", "split"];
const options = (...argv: string[]) => commandOptions(argv, NAMES);
const readEvaluationRequest = (given: ReturnType<typeof options>) =>
  evaluationRequest(readMeasurement(given));
const metrics = (...argv: string[]) =>
  readEvaluationRequest(options(...argv)).metrics.map(({ name }) => name);

describe("the request", () => {
  it("is the paper's protocol, with what is cheap to measure, unless told otherwise", () => {
    expect(metrics()).toEqual(["fid", "kid", "prdc"]);
    expect(readEvaluationRequest(options())).toMatchObject({ protocol: { name: "paper" }, optional: true });
  });

  it("names each metric once, in one order, or all", () => {
    expect(metrics("--metrics", " kid, fid,kid ")).toEqual(["fid", "kid"]);
    expect(readEvaluationRequest(options("--metrics", "fid"))).toMatchObject({ optional: false });
    expect(readEvaluationRequest(options("--metrics", "all"))).toMatchObject({ optional: true });
    expect(metrics("--metrics", "all")).toContain("ms-ssim");
  });

  it.each([
    [["--metrics", "fdi"], /Unknown metric "fdi"/],
    [["--metrics", ","], /names none/],
    [["--protocol", "papers"], /Unknown protocol "papers"/],
    [["--samples", "1"], /One sample is too few/],
    [["--samples", "2"], /Two samples are too few to be compared: the covariance of two is that of a line/],
    [["--samples", "many"], /got "many"/],
    [["--repeats", "0"], /--repeats expects a whole number ≥ 1/],
  ])("%j is refused", (argv, message) => {
    expect(() => readEvaluationRequest(options(...argv))).toThrow(message);
  });

  it("names a part of the data that there can be", () => {
    expect(readSplit(options("--split", "test"), "split", "all")).toBe("test");
    expect(readSplit(options(), "split", "all")).toBe("all");
    expect(() => readSplit(options("--split", "tset"), "split", "all")).toThrow(/Unknown split "tset"/);
  });
});

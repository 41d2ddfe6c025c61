/** American spelling of documents and sources. */
import { describe, expect, it } from "vitest";
import { britishWords, type StayingName, spellingProblems } from "../scripts/spelling.ts";

const words = (text: string, allowed?: readonly RegExp[]): string[] =>
  britishWords(text, allowed).map(({ word }) => word);

describe("British words", () => {
  it.each([
    "labelled unlabelled modelling cancelled signalled totalling",
    "colour colourful behaviour neighbours honoured labour",
    "centre centred centring metres theatre",
    "normalise normalised normalising normalisation optimiser visualisations organise penalised",
    "analyse analysed catalogue programme licence defence judgement artefacts",
    "grey greyscale chequered anticlockwise learnt spelt whilst towards fulfil",
  ])("%s", (text) => expect(words(text)).toEqual(text.split(" ")));

  it("are found in parts of identifiers, with their lines", () => {
    expect(britishWords("const a = 1;\nconst unlabelledImages = grey_levels + HTMLColour;")).toEqual([
      { line: 2, word: "unlabelled" },
      { line: 2, word: "grey" },
      { line: 2, word: "Colour" },
    ]);
  });

  it.each([
    "noise denoised raised arise promise precise likewise elementwise clockwise exercise revised supervised",
    "four hours source course our tours fourteen contour",
    "called controller spelling fulfilled installed filled teller smaller cancellation",
    "analyses analysis disabled advisable parameter reference programmed center license judgment gray",
    "true fire acres more nature genre",
  ])("none in: %s", (text) => expect(words(text)).toEqual([]));
});

it("names that stay are left out where they belong, and refused when no file has them", () => {
  const staying: StayingName[] = [
    { name: /"colour"/g, why: "a value" },
    { name: /\bgrey16\b/g, files: /^a\.ts$/, why: "an API" },
    { name: /quantisation/g, why: "a field" },
  ];
  const files = [
    { path: "a.ts", text: 'space("grey16", "colour"); // a colour' },
    { path: "grey.ts", text: "\ngrey16" },
  ];
  expect(spellingProblems(files, staying)).toEqual([
    expect.stringMatching(/^a\.ts:1: "colour" is British/),
    expect.stringMatching(/^grey\.ts: "grey" in its name is British/),
    expect.stringMatching(/^grey\.ts:2: "grey" is British/),
    expect.stringMatching(/no file has .quantisation.*take it out/),
  ]);
});

/** American spelling: which words are British, and which names stay as they are. */

/** Words that end in -ise, -ising and the like in American English too, by their beginnings. */
const IN_ISE =
  /^((un|self|semi|mis|pre)?(promis|compromis|precis|concis|supervis|advis|revis|devis|improvis|televis|surpris|compris|enterpris|repris|exercis|excis|incis|premis|demis|franchis|merchandis|paradis|disguis|guis|expertis|treatis|pois|bruis|cruis|chastis|despis)|(fc|de|whiten)?nois|(ap|p|b)?rais|(a|sun)?ris[ei]|malais|liais|disabl)/;

const BRITISH: readonly RegExp[] = [
  /(colou|behaviou|favou|neighbou|honou|humou|flavou|harbou|endeavou|labou|rigou|vigou|saviou|vapou|rumou|armou|odou|splendou|tumou)r/,
  /(label|model|travel|cancel|signal|channel|level|tunnel|fuel|marshal|unravel|funnel|panel|pencil|quarrel|dial|total|equal|initial|pedal)l(ed|ing|er|ers)$/,
  /(cent|met|lit|theat|lust|spect|fib|calib|somb|sab|meag)re[sd]?$|centring$/,
  /grey|chequer|anticlockwise|artefact|mould|plough|sceptic|jewellery|aluminium|sulphur|moustache/,
  /^(anal|paral|catal)ys(e|ed|er|ers|ing)$|^(cata|ana|pro)logues?d?$/,
  /^(licence|defence|offence|pretence)s?$|^(programmes?|cheques?|tyres?|storeys?|maths|cosy|kerb)$/,
  /(judg|acknowledg)ement|^ageing$|^(fulfil|enrol|instal|distil|appal)(s|ments?)?$|^(skil|wil)ful/,
  /^(learnt|burnt|spelt|dreamt|whilst|amongst|towards)$/,
];

const isBritish = (word: string): boolean =>
  (/is(e|ed|es|er|ers|ing|ation|ations|able)$/.test(word) && !IN_ISE.test(word) && !word.endsWith("wise")) ||
  BRITISH.some((pattern) => pattern.test(word));

/** A British word where it stands. */
export interface Found {
  /** From 1. */
  readonly line: number;
  readonly word: string;
}

/**
 * The British words of a text; parts of identifiers count as words.
 * @param text of a source or a document
 * @param allowed what is left out: names that stay as they are
 */
export function britishWords(text: string, allowed: readonly RegExp[] = []): Found[] {
  return text.split("\n").flatMap((whole, i) => {
    const line = allowed.reduce((rest, pattern) => rest.replace(pattern, " "), whole);
    const words = line.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
    return words.filter((word) => isBritish(word.toLowerCase())).map((word) => ({ line: i + 1, word }));
  });
}

/** A name that stays as it is, where, and why. */
export interface StayingName {
  /** With the flag g. */
  readonly name: RegExp;
  /** Paths it is found in; everywhere unless given. */
  readonly files?: RegExp;
  readonly why: string;
}

/**
 * Names that users, runs, files and other projects have. `npm run check` refuses those not needed.
 */
export const STAYING_NAMES: readonly StayingName[] = [
  { name: /centre-crop/g, why: "a value of data.preprocessing" },
  { name: /(["'`])unlabelled\1|split:? unlabelled|train, test, unlabelled/g, why: "a value of data.split" },
  {
    name: /\bunlabelled:/g,
    files: /stl10\.node\.ts$/,
    why: "the same, as a key",
  },
  {
    name: /(["'`])colour\1|augment(=|: )colour\b|\b(colour,translation|none,colour|cutout, ?colour|colour,cutout)\b|list of colour\b/g,
    why: "a value of training.augment",
  },
  { name: /\bcolour:|\.colour\b/g, files: /^src\/objectives\/augment\/augment/, why: "the same, as a key" },
  { name: /\bcolour\b/g, files: /^test\/goldens\/step_cases\.py$/, why: "the same, in names of cases" },
  {
    name: /anticlockwise/g,
    files: /rotation\.ts$|export\.node\.test\.ts$/,
    why: "metadata of exported discriminators",
  },
  { name: /\bquantisation\b/g, why: "a field of evaluations" },
  { name: /\bjudgement\b/g, why: "a field of samples, and in the names of their files" },
  { name: /["-]memorisation\b/g, why: "an option that runs of before were measured with" },
  {
    name: /\blabelled\b/g,
    files: /^src\/data\/(store\/pack-|testing\/packs)|^src\/data\/.*pack.*test\.ts$/,
    why: "a field of packed files",
  },
  {
    name: /"labelled"|\blabelled:/g,
    files: /^src\/(app\/(events|compare|support\/open-splits)|narration\/narrator)/,
    why: "a role of images in events",
  },
  {
    name: /"colours"|singleColour|\bgreyscale: (gray|\d)/g,
    files: /^src\/data\/inspect\//,
    why: "names in the JSON of data inspect",
  },
  {
    name: /initialise (\$\{name\}|net\/)/g,
    files: /^src\/objectives\/flat/,
    why: "a purpose of random streams",
  },
  { name: /"initialisation"|"initialisers"/g, why: "the same, in tests" },
  { name: /labelledby/g, why: "an attribute of HTML" },
  { name: /grey16/g, why: "a color space of sharp" },
  { name: /Towards faster and stabilized/g, why: "a title" },
];

/** A file to look at. */
export interface SpelledFile {
  readonly path: string;
  readonly text: string;
}

/** This file, and the test of it: lists of British words. */
const LISTS = /^(scripts\/spelling|test\/spelling\.test)\.ts$/;

/**
 * What is wrong with the spelling of files: British words in them and in their names, and names
 * that stay (`staying`) though no file has them any longer.
 */
export function spellingProblems(files: readonly SpelledFile[], staying = STAYING_NAMES): string[] {
  const needed = new Set<StayingName>();
  const problems = files.flatMap(({ path, text }) => {
    if (LISTS.test(path)) return [];
    const here = staying.filter((entry) => entry.files?.test(path) ?? true);
    for (const entry of here) if (text.search(entry.name) >= 0) needed.add(entry);
    const found = britishWords(
      text,
      here.map(({ name }) => name),
    );
    return [
      ...britishWords(path).map(({ word }) => `${path}: "${word}" in its name`),
      ...found.map(({ line, word }) => `${path}:${line}: "${word}"`),
    ].map((where) => `${where} is British spelling; names that stay are listed in scripts/spelling.ts`);
  });
  const unneeded = staying.filter((entry) => !needed.has(entry));
  return [
    ...problems,
    ...unneeded.map(({ name, why }) => `scripts/spelling.ts: no file has ${name} (${why}); take it out`),
  ];
}

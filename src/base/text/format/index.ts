/**
 * Numbers as people read them, one function for each kind. In sentences: `formatCount`,
 * `formatCountOf`, `formatBytes`, `formatDuration`, `formatEstimate`, `formatValue`. In curves, on
 * axes and in tiles, where room is short: the `NumberFormat`s `percent`, `shortNumber` and
 * `settingNumber`; percentages are the same everywhere.
 */
export { formatBytes, formatCount, formatCountOf } from "./counts.ts";
export { formatDuration, formatEstimate, parseDuration } from "./durations.ts";
export { axisNumbers, type NumberFormat, percent, settingNumber, shortNumber } from "./numbers.ts";
export { formatPower, formatValue } from "./values.ts";

/** Writing files whole is wanted below this folder too; its home is `base/`. */
export * from "../base/files.node.ts";

/** Types for the part of gifenc that is used here; the package ships none. */
declare module "gifenc" {
  type Palette = number[][];
  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette: Palette; delay: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  interface Gifenc {
    GIFEncoder(): Encoder;
    quantize(rgba: Uint8Array, colors: number): Palette;
    applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
  }
  /**
   * Node sees CommonJS, whose exports are the default; bundlers see the ES module, whose exports
   * are named.
   */
  const exports: Gifenc;
  // biome-ignore lint/style/noDefaultExport: this is how the package exports
  export default exports;
  export const GIFEncoder: Gifenc["GIFEncoder"] | undefined;
  export const quantize: Gifenc["quantize"] | undefined;
  export const applyPalette: Gifenc["applyPalette"] | undefined;
}

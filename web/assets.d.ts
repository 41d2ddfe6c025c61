/** Files that Vite turns into addresses. */
declare module "*?url" {
  const address: string;
  // biome-ignore lint/style/noDefaultExport: how Vite hands it over
  export default address;
}

/** The text of a file. */
declare module "*?raw" {
  const text: string;
  export default text;
}

/** The address of a file. */
declare module "*?url" {
  const address: string;
  export default address;
}

/** Run in a process of its own, to be killed: train the real objective in the folder given, printing a line for each event. */
import { trainReal } from "./real.ts";

await trainReal(process.argv[2]!, { onEvent: ({ kind, step }) => console.log(`${kind} ${step}`) });

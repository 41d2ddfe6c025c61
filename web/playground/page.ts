/** The page itself, once what takes longer than it is under way. */
import { mount } from "svelte";
import App from "./App.svelte";
import type { Begun } from "./generate/begin.ts";

/** Show the page. @param begun what the first images come from */
export function openPage(begun: Begun): void {
  mount(App, { target: document.getElementById("app")!, props: { begun } });
}

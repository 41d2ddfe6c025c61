/** The studio page. */
import { mount } from "svelte";
import "../common/theme.css";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app")! });

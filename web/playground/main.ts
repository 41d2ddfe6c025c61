/** The playground page. */
import { mount } from "svelte";
import "../common/theme.css";
import "./playground.css";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app")! });

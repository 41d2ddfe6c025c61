/** The playground page: what takes long is begun first, then comes the page. */
import "../common/theme.css";
import "./playground.css";
import { beginGenerating } from "./generate/begin.ts";

const begun = beginGenerating();
const { openPage } = await import("./page.ts");
openPage(begun);

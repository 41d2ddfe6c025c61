/** The page's colors for what is drawn on a canvas. */

let probe: HTMLElement | undefined;
/** What was read: asking a style makes the browser lay out all that has changed before. */
const known = new Map<string, readonly string[]>();

/** The value of a CSS variable as the theme has it now, with an opacity. */
export function themeColor(variable: string, alpha = 1): string {
  const [red = "0", green = "0", blue = "0"] = known.get(variable) ?? readColor(variable);
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

function readColor(variable: string): readonly string[] {
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    watchTheme(() => undefined);
  }
  // The browser resolves light-dark(); reading the variable itself would give its text.
  probe.style.color = `var(${variable})`;
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  known.set(variable, parts);
  return parts;
}

/** Call back when the system changes between light and dark. @returns a function that ends it */
export function watchTheme(changed: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const change = (): void => {
    known.clear();
    changed();
  };
  query.addEventListener("change", change);
  return () => query.removeEventListener("change", change);
}

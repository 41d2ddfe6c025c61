/** The page's colors for what is drawn on a canvas. */

let probe: HTMLElement | undefined;

/** The value of a CSS variable as the theme has it now, with an opacity. */
export function themeColor(variable: string, alpha = 1): string {
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  // The browser resolves light-dark(); reading the variable itself would give its text.
  probe.style.color = `var(${variable})`;
  const [red = "0", green = "0", blue = "0"] = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** Call back when the system changes between light and dark. @returns a function that ends it */
export function watchTheme(changed: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

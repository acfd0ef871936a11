/**
 * The icons of hosts' pages and walls: those of Lucide that a template names by {% icon "name" %}, in one file of symbols which
 * browsers keep. Decision 0078.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const TAG = /\{% icon "([^"]*)" %\}/g;
const FOLDER = "node_modules/lucide-static";
/** How Lucide draws each of them. */
const STROKES =
  'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
const LICENCES = { Lucide: `${FOLDER}/LICENSE`, Figtree: "node_modules/@fontsource-variable/figtree/LICENSE" };

/** The names in the templates below `folder`, each once, sorted. */
function named(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  const found = files.flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(TAG)]);
  return [...new Set(found.map(([, name = ""]) => name))].sort();
}

/** One icon as a symbol. Throws for a name that Lucide does not have. */
export function symbol(name: string): string {
  let svg: string;
  try {
    svg = readFileSync(`${FOLDER}/icons/${name}.svg`, "utf8");
  } catch {
    throw new Error(`a template asks for the icon "${name}": Lucide has none of that name`);
  }
  const shapes = /<svg[^>]*>(.*)<\/svg>/s.exec(svg)?.[1] ?? "";
  return `<symbol id="${name}" ${STROKES}>${shapes.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
}

/** The file of the icons with these names. */
export const sprite = (names: string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC licence: /static/licences.txt -->\n${names.map(symbol).join("\n")}\n</svg>\n`;

/** Adds that file to the build, as design/icons.svg, and the licences of what we did not draw ourselves. */
export const icons = (templates: string): Plugin => ({
  name: "icons",
  apply: "build",
  buildStart() {
    const source = sprite(named(templates));
    this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "design/icons.svg", source });
    const licences = Object.entries(LICENCES).map(([of, file]) => `${of}\n\n${readFileSync(file, "utf8").trim()}\n`);
    this.emitFile({ type: "asset", fileName: "licences.txt", source: licences.join(`\n${"=".repeat(80)}\n\n`) });
  },
});

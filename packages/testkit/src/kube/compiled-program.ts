import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The compiled form of a program of this folder. It is the built one even when this file itself runs
 * from its source, since a bare `node` in a namespace cannot read TypeScript.
 *
 * @throws {Error} when it was not built.
 */
export function compiledProgram(name: "backend" | "tunnel"): string {
  const path = fileURLToPath(new URL(`../../dist/kube/${name}.js`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${name}.js is not built; run npm run build`);
  return path;
}

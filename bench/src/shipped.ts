import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

let bundled = false;

/** The program as the image has it, bundled of what is here now: its start is a part of what is measured. */
export function shippedIngot(): string {
  if (!bundled)
    execFileSync(`${ROOT}scripts/bundle.sh`, { stdio: ["ignore", "ignore", "inherit"] });
  bundled = true;
  return `${ROOT}packages/k8s-adapter/dist-bundle/main.js`;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

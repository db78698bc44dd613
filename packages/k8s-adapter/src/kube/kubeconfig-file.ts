import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { textOf } from "../error-text.ts";
import { decodeKubeconfig, type Kubeconfig } from "./kubeconfig.ts";

/**
 * Reads kubeconfig files as kubectl does: of two entries with one name, and of two current
 * contexts, the first counts.
 *
 * @throws {Error} that names the file.
 */
export async function readKubeconfigs(
  files: readonly string[],
): Promise<{ readonly config: Kubeconfig; readonly origin: string }> {
  const configs = await Promise.all(files.map(readKubeconfig));
  const config = {
    currentContext: configs.find(({ currentContext }) => currentContext)?.currentContext ?? "",
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
  };
  return { config, origin: files.join(path.delimiter) };
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  const { parse } = await import("yaml");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Error(`kubeconfig ${file} cannot be read: ${textOf(error)}`);
  });
  try {
    // Without pretty errors: they would quote lines, and those may hold secrets.
    const content: unknown = parse(text, { prettyErrors: false, logLevel: "error" });
    return decodeKubeconfig(content, path.dirname(path.resolve(file)));
  } catch (error) {
    throw new Error(`kubeconfig ${file} is not right: ${textOf(error)}`);
  }
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...new Map(entries.toReversed().map((entry) => [entry.name, entry])).values()];
}

import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import { textOf } from "../error-text.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

/**
 * Reads kubeconfig files as kubectl does: of two entries with one name, and of two current
 * contexts, the first counts.
 *
 * @throws {Error} that names the file.
 */
export async function readKubeconfigs(
  files: readonly string[],
): Promise<{ readonly config: KubeConfig; readonly origin: string }> {
  const configs = await Promise.all(files.map(readKubeconfig));
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)).map(allowingPlainHttp),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.find(({ currentContext }) => currentContext)?.currentContext,
  });
  return { config, origin: files.join(path.delimiter) };
}

async function readKubeconfig(file: string): Promise<KubeConfig> {
  const [{ KubeConfig }, { parse }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("yaml"),
  ]);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Error(`kubeconfig ${file} cannot be read: ${textOf(error)}`);
  });
  const config = new KubeConfig();
  try {
    // Without pretty errors: they would quote lines, and those may hold secrets.
    const content: unknown = parse(text, { prettyErrors: false, logLevel: "error" });
    if (!isJsonObject(content)) throw new Error("it is empty or not a mapping");
    // JSON is YAML too, and leaves nothing for the second parser to read differently.
    config.loadFromString(JSON.stringify(content));
    config.makePathsAbsolute(path.dirname(file));
    config.users = withTokenFiles(config, content, path.dirname(file));
  } catch (error) {
    throw new Error(`kubeconfig ${file} is not right: ${textOf(error)}`);
  }
  return config;
}

/** `user.tokenFile` is read again as it changes; the library knows that only under another name. */
function withTokenFiles(config: KubeConfig, content: JsonObject, directory: string): User[] {
  const files = new Map<unknown, string>();
  const { users } = content;
  for (const entry of Array.isArray(users) ? users.filter(isJsonObject) : []) {
    const { name, user } = entry;
    const { tokenFile } = isJsonObject(user) ? user : ({} as JsonObject);
    if (typeof tokenFile === "string") files.set(name, path.resolve(directory, tokenFile));
  }
  return config.users.map((user) => {
    const tokenFile = files.get(user.name);
    if (tokenFile === undefined || user.token !== undefined) return user;
    return { ...user, authProvider: { name: "tokenFile", config: { tokenFile } } };
  });
}

/** Plain HTTP, as `kubectl proxy` speaks it, the library takes only with TLS unverified. */
function allowingPlainHttp(cluster: Cluster): Cluster {
  return cluster.server.startsWith("http:") ? { ...cluster, skipTLSVerify: true } : cluster;
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...new Map(entries.toReversed().map((entry) => [entry.name, entry])).values()];
}

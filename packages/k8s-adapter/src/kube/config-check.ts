import { readFile } from "node:fs/promises";
import { textOf } from "../error-text.ts";
import type { ClusterEntry, Kubeconfig, UserEntry } from "./kubeconfig.ts";

/** What a context leads to. */
export interface Access {
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

/**
 * The cluster and the user of a context.
 *
 * @throws {Error} that names the file and the field.
 */
export function accessOf(config: Kubeconfig, name: string, origin: string): Access {
  if (name === "") throw new Error(`${origin}: current-context is not set`);
  const context = named(config.contexts, name);
  if (context === undefined) {
    throw new Error(`${origin}: current-context is "${name}", but contexts has no such entry`);
  }
  const cluster = named(config.clusters, context.cluster);
  if (cluster === undefined) throw unknown(origin, name, "cluster", context.cluster);
  const user = named(config.users, context.user);
  if (user === undefined) throw unknown(origin, name, "user", context.user);
  return { cluster, user };
}

/**
 * Checks what would fail later without a name, and answers the URL of the cluster.
 *
 * @throws {Error} that names the file and the field.
 */
export async function checkAccess({ cluster, user }: Access, origin: string): Promise<string> {
  const url = serverUrl(cluster.server, `${origin}: cluster "${cluster.name}": server`);
  const inCluster = `${origin}: cluster "${cluster.name}"`;
  const inUser = `${origin}: user "${user.name}"`;
  await checkPem(inCluster, "certificate-authority", cluster.caFile, cluster.caData);
  await checkPem(inUser, "client-certificate", user.certFile, user.certData);
  await checkPem(inUser, "client-key", user.keyFile, user.keyData);
  await checkTokenFile(inUser, user.tokenFile);
  return url;
}

function named<T extends { readonly name: string }>(
  entries: readonly T[],
  name: string,
): T | undefined {
  return entries.find((entry) => entry.name === name);
}

function unknown(origin: string, context: string, field: string, value: string): Error {
  return new Error(
    value === ""
      ? `${origin}: context "${context}": ${field} is not set`
      : `${origin}: context "${context}": ${field} is "${value}", but ${field}s has no such entry`,
  );
}

function serverUrl(server: string, field: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new Error(`${field} must be an http or https URL, got "${server}"`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

async function checkPem(
  where: string,
  field: string,
  file: string | undefined,
  data: string | undefined,
): Promise<void> {
  if (file !== undefined) {
    const content = await read(file, `${where}: ${field}`);
    if (!content.includes(PEM)) throw new Error(`${where}: ${field}: ${file} is not a PEM file`);
  } else if (data && !Buffer.from(data, "base64").toString("latin1").includes(PEM)) {
    throw new Error(`${where}: ${field}-data is not a PEM file in base64`);
  }
}

const PEM = "-----BEGIN ";

async function checkTokenFile(where: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const content = await read(file, `${where}: tokenFile`);
  if (content.trim() === "") throw new Error(`${where}: tokenFile: ${file} is empty`);
}

async function read(file: string, field: string): Promise<string> {
  return readFile(file, "latin1").catch((error: unknown) => {
    throw new Error(`${field}: cannot be read: ${textOf(error)}`);
  });
}

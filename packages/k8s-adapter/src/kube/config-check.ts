import { readFile } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { textOf } from "../error-text.ts";

/**
 * Checks what the library would take as it is, or fail on later without a name, and answers the URL
 * of the current cluster.
 *
 * @throws {Error} that names the file and the field.
 */
export async function checkKubeConfig(config: KubeConfig, origin: string): Promise<string> {
  const name = config.getCurrentContext();
  if (!name) throw new Error(`${origin}: current-context is not set`);
  const context = config.getContextObject(name);
  if (context === null) {
    throw new Error(`${origin}: current-context is "${name}", but contexts has no such entry`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw unknown(origin, name, "cluster", context.cluster);
  const user = config.getCurrentUser();
  if (user === null) throw unknown(origin, name, "user", context.user);
  const url = serverUrl(cluster.server, `${origin}: cluster "${cluster.name}": server`);
  const inCluster = `${origin}: cluster "${cluster.name}"`;
  const inUser = `${origin}: user "${user.name}"`;
  await checkPem(inCluster, "certificate-authority", cluster.caFile, cluster.caData);
  await checkPem(inUser, "client-certificate", user.certFile, user.certData);
  await checkPem(inUser, "client-key", user.keyFile, user.keyData);
  await checkTokenFile(inUser, user.authProvider?.config?.tokenFile);
  return url;
}

function unknown(origin: string, context: string, field: string, value: unknown): Error {
  return new Error(
    value === undefined || value === ""
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
  if (file) {
    const content = await read(file, `${where}: ${field}`);
    if (!content.includes(PEM)) throw new Error(`${where}: ${field}: ${file} is not a PEM file`);
  } else if (data && !Buffer.from(data, "base64").toString("latin1").includes(PEM)) {
    throw new Error(`${where}: ${field}-data is not a PEM file in base64`);
  }
}

const PEM = "-----BEGIN ";

async function checkTokenFile(where: string, file: unknown): Promise<void> {
  if (typeof file !== "string") return;
  const content = await read(file, `${where}: tokenFile`);
  if (content.trim() === "") throw new Error(`${where}: tokenFile: ${file} is empty`);
}

async function read(file: string, field: string): Promise<string> {
  return readFile(file, "latin1").catch((error: unknown) => {
    throw new Error(`${field}: cannot be read: ${textOf(error)}`);
  });
}

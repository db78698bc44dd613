import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import type { Access } from "./config-check.ts";
import type { Credentials } from "./credentials.ts";
import type { TlsOptions } from "./transport.ts";

/**
 * Lets the Kubernetes client library find credentials: of plugins, of OpenID providers, and by way of
 * a proxy. It keeps what a plugin answered until that runs out.
 */
export function libraryCredentials({ cluster, user }: Access): () => Promise<Credentials> {
  const config = new KubeConfig();
  const { tokenFile, ...known } = user;
  const provider =
    tokenFile === undefined
      ? { authProvider: user.authProvider }
      : { authProvider: { name: "tokenFile", config: { tokenFile } } };
  config.loadFromOptions({
    // Plain HTTP, as `kubectl proxy` speaks it, the library takes only with TLS unverified.
    clusters: [cluster.server.startsWith("http:") ? { ...cluster, skipTLSVerify: true } : cluster],
    users: [{ ...known, ...provider }],
    contexts: [{ name: "this", cluster: cluster.name, user: user.name }],
    currentContext: "this",
  });
  return async () => {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return {
      headers: { ...headersOf(options), ...basic(options.auth) },
      tls: tlsOf(options, cluster.proxyUrl !== undefined),
    };
  };
}

/** Values are trimmed: token files often end with a line feed, which no header may have. */
function headersOf({ headers }: RequestOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), `${value}`.trim()]),
  );
}

function basic(auth: string | null | undefined): Record<string, string> {
  if (!auth) return {};
  return { authorization: `Basic ${Buffer.from(auth).toString("base64")}` };
}

/** The library makes an agent for every request; only those for proxies are of use. */
function tlsOf(options: RequestOptions, isProxied: boolean): TlsOptions {
  const { ca, cert, key, rejectUnauthorized, servername, agent } = options;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
    ...(isProxied && agent !== undefined ? { agent } : {}),
  };
}

import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { textOf } from "../error-text.ts";
import { KubeError } from "./kube-error.ts";
import type { TlsOptions } from "./transport.ts";

/** What a request carries to prove who we are. Never to be logged. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/**
 * The credentials of the current context as they are now: a token file is read again after a
 * minute, a plugin is run again when its answer ran out, an OpenID token is renewed.
 *
 * @throws {KubeError} `Credentials` when they cannot be had.
 */
export async function credentialsOf(config: KubeConfig, origin: string): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    // A parser's error quotes what it read, which is where the secret was to be.
    const said = cause instanceof SyntaxError ? "the answer is not JSON" : firstLine(textOf(cause));
    const user = config.getCurrentUser()?.name ?? "";
    throw new KubeError(`credentials of user "${user}" of ${origin} cannot be had: ${said}`, {
      status: 0,
      reason: "Credentials",
    });
  }
  return {
    headers: { ...headersOf(options), ...basic(options.auth) },
    tls: tlsOf(options, config.getCurrentCluster()?.proxyUrl !== undefined),
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

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").slice(0, 300);
}

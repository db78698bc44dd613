import { readFile } from "node:fs/promises";
import { textOf } from "../error-text.ts";
import type { Access } from "./config-check.ts";
import { KubeError } from "./kube-error.ts";
import type { TlsOptions } from "./transport.ts";

/** What a request carries to prove who we are. Never to be logged. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/**
 * Answers what finds the credentials as they are now: files are read anew each time, a plugin is run
 * again when its answer ran out, an OpenID token is renewed. What it answers throws a
 * {@link KubeError} `Credentials` when they cannot be had.
 *
 * The Kubernetes client library, which takes a second to load and 65 MB to keep, is loaded for plugins,
 * providers and proxies alone.
 */
export async function credentialsOf(
  access: Access,
  origin: string,
): Promise<() => Promise<Credentials>> {
  const { user, cluster } = access;
  const needsLibrary = user.exec ?? user.authProvider ?? cluster.proxyUrl;
  const find =
    needsLibrary === undefined
      ? () => plainCredentials(access)
      : (await import("./library-credentials.ts")).libraryCredentials(access);
  return async () => {
    try {
      return await find();
    } catch (cause) {
      // A parser's error quotes what it read, which is where the secret was to be.
      const said =
        cause instanceof SyntaxError ? "the answer is not JSON" : firstLine(textOf(cause));
      throw new KubeError(
        `credentials of user "${user.name}" of ${origin} cannot be had: ${said}`,
        {
          status: 0,
          reason: "Credentials",
        },
      );
    }
  };
}

async function plainCredentials({ cluster, user }: Access): Promise<Credentials> {
  const [ca, cert, key, authorization] = await Promise.all([
    pemOf(cluster.caFile, cluster.caData),
    pemOf(user.certFile, user.certData),
    pemOf(user.keyFile, user.keyData),
    authorizationOf(user),
  ]);
  const { impersonateUser } = user;
  return {
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(impersonateUser === undefined ? {} : { "impersonate-user": impersonateUser }),
    },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    },
  };
}

/** Trimmed: token files often end with a line feed, which no header may have. */
async function authorizationOf(user: Access["user"]): Promise<string | undefined> {
  const { token, tokenFile, username, password = "" } = user;
  if (username !== undefined) {
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }
  const bearer = tokenFile === undefined ? token : await readFile(tokenFile, "utf8");
  return bearer === undefined ? undefined : `Bearer ${bearer.trim()}`;
}

async function pemOf(
  file: string | undefined,
  data: string | undefined,
): Promise<Buffer | undefined> {
  if (file !== undefined) return readFile(file);
  return data === undefined ? undefined : Buffer.from(data, "base64");
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").slice(0, 300);
}

import * as path from "node:path";
import { z } from "zod";

/** A kubeconfig as it is used here; every path in it is absolute. */
export interface Kubeconfig {
  /** Empty: none is set. */
  readonly currentContext: string;
  readonly contexts: readonly ContextEntry[];
  readonly clusters: readonly ClusterEntry[];
  readonly users: readonly UserEntry[];
}

/** Which cluster, and as which user. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  /** Empty: none is named. */
  readonly user: string;
}

/** Where an API server is, and how to know that it is the right one. */
export interface ClusterEntry {
  readonly name: string;
  readonly server: string;
  readonly caFile?: string | undefined;
  /** PEM in base64. */
  readonly caData?: string | undefined;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
}

/** How a user proves who he is. What is empty counts as absent. */
export interface UserEntry {
  readonly name: string;
  readonly certFile?: string | undefined;
  readonly certData?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyData?: string | undefined;
  readonly token?: string | undefined;
  /** Read again and again; counts for more than `token`, as in client-go. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly impersonateUser?: string | undefined;
  /** A plugin that makes credentials. */
  readonly exec?: unknown;
  /** Another way to have credentials made. */
  readonly authProvider?: unknown;
}

/**
 * Takes a kubeconfig from what was parsed of a file in `directory`.
 *
 * @throws {Error} that names the first field which is wrong, and quotes no value: it may be a secret.
 */
export function decodeKubeconfig(content: unknown, directory: string): Kubeconfig {
  const { success, data, error } = schema.safeParse(content);
  if (!success) {
    const [{ path: fields, message } = { path: [], message: "unknown" }] = error.issues;
    throw new Error(fields.length === 0 ? `it ${message}` : `${nameOf(fields)}: ${message}`);
  }
  return {
    currentContext: data["current-context"] ?? "",
    contexts: (data.contexts ?? []).map(({ name, context }) => ({
      name,
      cluster: context.cluster,
      user: context.user ?? "",
    })),
    clusters: (data.clusters ?? []).map(({ name, cluster }) => clusterOf(name, cluster, directory)),
    users: (data.users ?? []).map(({ name, user }) => userOf(name, user ?? {}, directory)),
  };
}

const text = z.string({ error: "must be text" });
const filled = text.min(1, "must not be empty");
const mapping = { error: "is empty or not a mapping" };

const cluster = z.object(
  {
    server: filled,
    "certificate-authority": text.nullish(),
    "certificate-authority-data": text.nullish(),
    "insecure-skip-tls-verify": z.boolean({ error: "must be true or false" }).nullish(),
    "tls-server-name": text.nullish(),
    "proxy-url": text.nullish(),
  },
  mapping,
);

const user = z.object(
  {
    "client-certificate": text.nullish(),
    "client-certificate-data": text.nullish(),
    "client-key": text.nullish(),
    "client-key-data": text.nullish(),
    token: text.nullish(),
    tokenFile: text.nullish(),
    username: text.nullish(),
    password: text.nullish(),
    as: text.nullish(),
    exec: z.unknown().optional(),
    "auth-provider": z.unknown().optional(),
  },
  mapping,
);

const list = { error: "must be a list" };

const schema = z.object(
  {
    "current-context": text.nullish(),
    contexts: z
      .array(
        z.object(
          {
            name: filled,
            context: z.object({ cluster: filled, user: text.nullish() }, mapping),
          },
          mapping,
        ),
        list,
      )
      .nullish(),
    clusters: z.array(z.object({ name: filled, cluster }, mapping), list).nullish(),
    users: z.array(z.object({ name: filled, user: user.nullish() }, mapping), list).nullish(),
  },
  mapping,
);

function clusterOf(name: string, entry: z.infer<typeof cluster>, directory: string): ClusterEntry {
  return {
    name,
    server: entry.server,
    caFile: absolute(directory, entry["certificate-authority"]),
    caData: entry["certificate-authority-data"] || undefined,
    skipTLSVerify: entry["insecure-skip-tls-verify"] === true,
    tlsServerName: entry["tls-server-name"] || undefined,
    proxyUrl: entry["proxy-url"] || undefined,
  };
}

function userOf(name: string, entry: z.infer<typeof user>, directory: string): UserEntry {
  return {
    name,
    certFile: absolute(directory, entry["client-certificate"]),
    certData: entry["client-certificate-data"] || undefined,
    keyFile: absolute(directory, entry["client-key"]),
    keyData: entry["client-key-data"] || undefined,
    token: entry.token || undefined,
    tokenFile: absolute(directory, entry.tokenFile),
    username: entry.username || undefined,
    password: entry.password || undefined,
    impersonateUser: entry.as || undefined,
    exec: entry.exec ?? undefined,
    authProvider: entry["auth-provider"] ?? undefined,
  };
}

function absolute(directory: string, file: string | null | undefined): string | undefined {
  return file ? path.resolve(directory, file) : undefined;
}

/** `users[0].user.token` */
function nameOf(fields: readonly PropertyKey[]): string {
  return fields
    .map((field) => (typeof field === "number" ? `[${field}]` : `.${String(field)}`))
    .join("")
    .slice(1);
}

import { access } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import * as path from "node:path";
import { textOf } from "../error-text.ts";
import { accessOf, checkAccess } from "./config-check.ts";
import { type Credentials, credentialsOf } from "./credentials.ts";
import { KubeError } from "./kube-error.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { readKubeconfigs } from "./kubeconfig-file.ts";

/** One API server, and how to prove to it who we are. */
export interface Cluster {
  /** Without a slash at its end: `https://10.0.0.1:6443`. */
  readonly url: string;
  /** Where this was found, in words. */
  readonly origin: string;
  /**
   * What a request has to carry now; may run a plugin or renew a token.
   *
   * @throws {KubeError} `Credentials` when they cannot be had.
   */
  credentials(): Promise<Credentials>;
  /**
   * Reads everything again, after the server refused what it was given: a token was rotated, a
   * plugin's answer ran out.
   *
   * @throws {KubeError} `Credentials` as above.
   */
  reload(): Promise<void>;
}

/** Where to look for a cluster; the defaults are those of this process. */
export interface ConfigSurroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  /** What stands before `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly root?: string;
}

/**
 * Finds the cluster: the kubeconfig file if one is named, else the one that this pod runs in, else
 * the files of `KUBECONFIG`, else `~/.kube/config`.
 *
 * @throws {Error} that names the file and the field that are wrong.
 */
export async function loadCluster(
  kubeconfig: string | undefined,
  surroundings: ConfigSurroundings = {},
): Promise<Cluster> {
  const load = await findConfig(kubeconfig, {
    env: process.env,
    home: homedir(),
    root: "",
    ...surroundings,
  });
  const { config, origin } = await load();
  const context = config.currentContext;
  const access = accessOf(config, context, origin);
  const url = await checkAccess(access, origin);
  let credentials = await credentialsOf(access, origin);
  return {
    url,
    origin,
    credentials: () => credentials(),
    reload: async () => {
      try {
        // Whoever switches contexts in the file does not mean a program that runs already.
        credentials = await credentialsOf(accessOf((await load()).config, context, origin), origin);
      } catch (cause) {
        const said = `credentials of ${origin} cannot be read again: ${textOf(cause)}`;
        throw new KubeError(said, { status: 0, reason: "Credentials", cause });
      }
    },
  };
}

interface Loaded {
  readonly config: Kubeconfig;
  /** The files, or whose service account. */
  readonly origin: string;
}

async function findConfig(
  kubeconfig: string | undefined,
  { env, home, root }: Required<ConfigSurroundings>,
): Promise<() => Promise<Loaded>> {
  if (kubeconfig !== undefined) return () => readKubeconfigs([kubeconfig]);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBECONFIG = "" } = env;
  const account = path.join(root, "/var/run/secrets/kubernetes.io/serviceaccount");
  const token = path.join(account, "token");
  if (host && (await exists(token))) {
    if (!port)
      throw new Error("KUBERNETES_SERVICE_HOST is set, but KUBERNETES_SERVICE_PORT is not");
    return () => loadFromPod(host, port, account);
  }
  const named = KUBECONFIG.split(path.delimiter).filter((file) => file !== "");
  const usual = path.join(home, ".kube", "config");
  const files: string[] = [];
  for (const file of named.length > 0 ? named : [usual]) if (await exists(file)) files.push(file);
  if (files.length > 0) return () => readKubeconfigs(files);
  if (named.length > 0) {
    throw new Error(`no cluster: KUBECONFIG is ${KUBECONFIG}, and no such file can be read`);
  }
  const noPod = host ? `${token} cannot be read` : "KUBERNETES_SERVICE_HOST is not set";
  throw new Error(
    `no cluster: this is not a pod (${noPod}), KUBECONFIG is not set and ${usual} cannot be read; ` +
      "name a file with --kubeconfig",
  );
}

/** The address comes from the environment, the rest from the files of the service account. */
async function loadFromPod(host: string, port: string, account: string): Promise<Loaded> {
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const caFile = path.join(account, "ca.crt");
  const config: Kubeconfig = {
    clusters: [{ name: "pod", server, caFile, skipTLSVerify: false }],
    users: [{ name: "pod", tokenFile: path.join(account, "token") }],
    contexts: [{ name: "pod", cluster: "pod", user: "pod" }],
    currentContext: "pod",
  };
  return { config, origin: "the service account of this pod" };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

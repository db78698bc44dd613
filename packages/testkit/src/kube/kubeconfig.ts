import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { apiServerAddress, apiServerPort } from "./addresses.ts";
import { Api } from "./api.ts";
import { type Identities, type Identity, userName } from "./identities.ts";

/** The kubeconfig files of a cluster, one an identity. They work where the API server's address does. */
export class Kubeconfigs {
  readonly #folder: string;
  readonly #identities: Identities;

  /** They go into a folder of their own in `directory`. */
  constructor(directory: string, identities: Identities) {
    this.#folder = `${directory}/kubeconfigs`;
    this.#identities = identities;
  }

  /** Writes all of them, with the certificate (PEM) that they trust. */
  write(certificate: string): void {
    mkdirSync(this.#folder);
    for (const identity of this.#identities.all) {
      const user = userName(identity);
      const text = kubeconfig(user, this.#identities.token(identity), certificate);
      writeFileSync(this.path(identity), text, { mode: 0o600 });
    }
  }

  /**
   * The file of an identity.
   *
   * @throws {TypeError} when the cluster was started without this ServiceAccount.
   */
  path(identity: Identity): string {
    return `${this.#folder}/${this.#identities.token(identity)}.yaml`;
  }
}

/**
 * The API as the identity of one of these files, for a program that runs in a namespace of the cluster:
 * nothing is between it and the server then.
 */
export function apiOfKubeconfig(path: string): Api {
  const { clusters, users } = parse(readFileSync(path, "utf8")) as Kubeconfig;
  const { server, "certificate-authority-data": authority } = clusters[0].cluster;
  const { hostname, port } = new URL(server);
  return new Api({
    server: { host: hostname, port: Number(port) },
    certificateAuthority: Buffer.from(authority, "base64").toString(),
    token: users[0].user.token,
  });
}

/** As far as it is written and read here. */
interface Kubeconfig {
  readonly clusters: readonly [
    {
      readonly name: string;
      readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
    },
  ];
  readonly users: readonly [{ readonly name: string; readonly user: { readonly token: string } }];
}

function kubeconfig(user: string, token: string, certificate: string): string {
  const cluster = {
    server: `https://${apiServerAddress}:${apiServerPort}`,
    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
  };
  const login: Kubeconfig = {
    clusters: [{ name: "lab", cluster }],
    users: [{ name: user, user: { token } }],
  };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    ...login,
    contexts: [{ name: "lab", context: { cluster: "lab", user } }],
    "current-context": "lab",
  });
}

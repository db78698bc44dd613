import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { apiServerAddress, apiServerPort } from "./addresses.ts";
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

function kubeconfig(user: string, token: string, certificate: string): string {
  const cluster = {
    server: `https://${apiServerAddress}:${apiServerPort}`,
    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
  };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user } }],
    "current-context": "lab",
  });
}

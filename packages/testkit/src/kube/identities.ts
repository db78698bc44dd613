import { generateKeyPairSync } from "node:crypto";

/** A ServiceAccount by its name. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Whom a request is from: `admin` may do everything, `kube-proxy` has its built-in role, and a
 * ServiceAccount may do what RBAC objects in the cluster allow it.
 */
export type Identity = "admin" | "kube-proxy" | ServiceAccountRef;

/** Who may log in to a cluster: both built-in users and the given ServiceAccounts. */
export class Identities {
  readonly #all: ReadonlyMap<string, Identity>;

  /** @throws {TypeError} when a ServiceAccount is named twice. */
  constructor(serviceAccounts: readonly ServiceAccountRef[]) {
    const all = new Map<string, Identity>();
    for (const identity of ["admin", "kube-proxy", ...serviceAccounts] as const) {
      const user = userName(identity);
      if (all.has(user)) throw new TypeError(`serviceAccounts has ${user} twice`);
      all.set(user, identity);
    }
    this.#all = all;
  }

  get all(): readonly Identity[] {
    return [...this.#all.values()];
  }

  /**
   * The bearer token. It says whose it is, which helps when reading a capture.
   *
   * @throws {TypeError} when the cluster was started without this ServiceAccount.
   */
  token(identity: Identity): string {
    const user = userName(identity);
    if (!this.#all.has(user)) {
      throw new TypeError(
        `serviceAccounts has no ${user}; it has ${[...this.#all.keys()].join(", ")}`,
      );
    }
    return `token-of-${user.replaceAll(":", ".")}`;
  }

  /** The token file of kube-apiserver: one line a user, `token,user,uid,"group,group"`. */
  tokenFile(): string {
    const lines = this.all.map((identity) => {
      const user = userName(identity);
      return `${this.token(identity)},${user},${user},"${groups(identity).join(",")}"\n`;
    });
    return lines.join("");
  }
}

/** The user name that the API server knows an identity by. */
export function userName(identity: Identity): string {
  if (identity === "admin") return "admin";
  if (identity === "kube-proxy") return "system:kube-proxy";
  return `system:serviceaccount:${identity.namespace}:${identity.name}`;
}

/** A fresh key pair that signs the tokens of ServiceAccounts, as PEM. */
export function serviceAccountKeys(): { readonly privateKey: string; readonly publicKey: string } {
  // P-256 is made in a millisecond; RSA would take a tenth of a second.
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

function groups(identity: Identity): readonly string[] {
  if (identity === "admin") return ["system:masters"];
  if (identity === "kube-proxy") return ["system:authenticated"];
  const { namespace } = identity;
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
}

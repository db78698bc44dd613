import { z } from "zod";
import type { KubeClient } from "../kube/client.ts";
import { KubeError } from "../kube/kube-error.ts";
import type { Logger } from "../observe/log.ts";

/** Who owns an object: it is removed when its owner is. */
export interface OwnerReference {
  readonly apiVersion: "v1";
  readonly kind: "Pod";
  readonly name: string;
  readonly uid: string;
}

/** What an {@link OwnPod} works with. */
export interface OwnPodOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly namespace: string;
  /** Undefined: this program runs in no Pod. */
  readonly name: string | undefined;
}

/** The Pod that this program runs in, as the owner of what it writes; asked for when it is needed. */
export class OwnPod {
  readonly #options: OwnPodOptions;
  #reference: Promise<OwnerReference | undefined> | undefined;

  constructor(options: OwnPodOptions) {
    this.#options = options;
  }

  /** Whether this program was told its Pod. */
  get isNamed(): boolean {
    return this.#options.name !== undefined;
  }

  /** Undefined: there is no such Pod, or it may not be read. @throws {KubeError} when that cannot be found out now. */
  reference(): Promise<OwnerReference | undefined> {
    this.#reference ??= this.#ask().catch((error: unknown) => {
      this.#reference = undefined;
      throw error;
    });
    return this.#reference;
  }

  async #ask(): Promise<OwnerReference | undefined> {
    const { client, logger, namespace, name } = this.#options;
    if (name === undefined) return undefined;
    const [ns, pod] = [namespace, name].map(encodeURIComponent);
    try {
      const answer = schema.parse(await client.get(`/api/v1/namespaces/${ns}/pods/${pod}`));
      return { apiVersion: "v1", kind: "Pod", name, uid: answer.metadata.uid };
    } catch (error) {
      if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 403))
        throw error;
      logger.warn(
        { pod: name, error: error.message },
        "the own Pod cannot be read: status objects have no owner, and stay if this program is killed",
      );
      return undefined;
    }
  }
}

const schema = z.object({ metadata: z.object({ uid: z.string() }) });

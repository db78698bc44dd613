import type { LabNamespace } from "../lab/namespace.ts";
import type { RunResult } from "../lab/run.ts";
import { testbedBinary } from "../programs.ts";
import type { KubeObject } from "./api.ts";
import type { Identity } from "./identities.ts";
import type { Kubeconfigs } from "./kubeconfig.ts";

/** Objects for kubectl: YAML text, one or more documents, or the objects themselves. */
export type Manifests = string | readonly object[];

/** How kubectl is run. */
export interface KubectlOptions {
  /** Defaults to `admin`. */
  readonly as?: Identity;
  /** What it reads, where an argument says `-`. */
  readonly input?: string;
  /** Return the code of a call that failed instead of throwing. */
  readonly allowFailure?: boolean;
}

/** The real kubectl, run beside the API server. */
export class Kubectl {
  readonly #netns: LabNamespace;
  readonly #directory: string;
  readonly #kubeconfigs: Kubeconfigs;

  /** Its cache goes into `directory`. */
  constructor(netns: LabNamespace, directory: string, kubeconfigs: Kubeconfigs) {
    this.#netns = netns;
    this.#directory = directory;
    this.#kubeconfigs = kubeconfigs;
  }

  /** @throws {Error} with what it said, when it fails (unless allowed); so do all calls below. */
  run(args: readonly string[], options: KubectlOptions = {}): Promise<RunResult> {
    const { as = "admin", input, allowFailure = false } = options;
    return this.#netns.exec(testbedBinary("kubectl"), args, {
      env: { KUBECONFIG: this.#kubeconfigs.path(as), KUBECACHEDIR: `${this.#directory}/kubectl` },
      allowFailure,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** Creates or changes objects. Server-side, as a CRD can be too long for kubectl's annotation. */
  async apply(manifests: Manifests): Promise<void> {
    const args = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
    await this.run(args, { input: text(manifests) });
  }

  /** Deletes objects, and returns when they are gone; those that are not there count as gone. */
  async delete(manifests: Manifests): Promise<void> {
    await this.run(["delete", "--ignore-not-found", "-f", "-"], { input: text(manifests) });
  }

  /** One object, or a list where `what` names a kind only: `get("service", "web", "-n", "shop")`. */
  async get<T = KubeObject>(...what: readonly string[]): Promise<T> {
    const { stdout } = await this.run(["get", "-o", "json", ...what]);
    return JSON.parse(stdout) as T;
  }
}

function text(manifests: Manifests): string {
  if (typeof manifests === "string") return manifests;
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
}

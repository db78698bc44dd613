import { z } from "zod";
import type { Clock } from "../clock.ts";
import {
  type ConfigurationReport,
  type ConfigurationStatus,
  statusOf,
} from "../configuration-state.ts";
import { textOf } from "../error-text.ts";
import type { KubeClient } from "../kube/client.ts";
import { Reflector } from "../kube/reflector.ts";
import type { Logger } from "../observe/log.ts";
import type { OwnPod } from "./own-pod.ts";

/** What a {@link KubernetesConfigurationState} works with. */
export interface KubernetesConfigurationStateOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Of the object. */
  readonly name: string;
  /** Owns the object, if this program runs in one. */
  readonly pod: OwnPod;
}

/** Keeps one ConfigurationState as it should be: written when it differs, made anew when it is deleted. */
export class KubernetesConfigurationState {
  readonly #options: KubernetesConfigurationStateOptions;
  readonly #collection: string;
  readonly #reflector: Reflector<Actual>;
  #wanted: ConfigurationReport | undefined;
  /** Undefined: it is not there. */
  #actual: Actual | undefined;
  /** As the watch has it, which may be behind what was answered to a write. */
  #seen: Actual | undefined;
  /** The version of our own write that the watch has not told yet. */
  #awaited: string | undefined;
  #isKnown = false;
  /** It was seen to that it is owned by this program's Pod, if that runs in one. */
  #isOwned: boolean;
  #writing: Promise<void> | undefined;
  /** Of the last write, when it failed. */
  #failedAt: number | undefined;
  #cancelRetry: () => void = () => {};

  constructor(options: KubernetesConfigurationStateOptions) {
    this.#options = options;
    this.#isOwned = !options.pod.isNamed;
    const { client, clock, random, namespace, name } = options;
    this.#collection = `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/configurationstates`;
    this.#reflector = new Reflector<Actual>({
      api: client,
      clock,
      random,
      path: this.#collection,
      fieldSelector: `metadata.name=${name}`,
      project: (object) => schema.safeParse(object).data,
      listen: (event) => {
        if (event.type === "put") this.#see(event.value);
        else if (event.type === "delete") this.#see(undefined);
        else if (event.type === "synced") this.#isKnown = true;
        this.#settle();
      },
    });
    this.#reflector.start();
  }

  /** What is to be said from now on; undefined: nothing, and what was said stays. */
  set(report: ConfigurationReport | undefined): void {
    this.#wanted = report;
    this.#settle();
  }

  async close(): Promise<void> {
    this.#wanted = undefined;
    await this.#reflector.close();
    await this.#writing;
    this.#cancelRetry();
  }

  #see(seen: Actual | undefined): void {
    this.#seen = seen;
    if (this.#awaited !== undefined && seen?.metadata.resourceVersion !== this.#awaited) return;
    this.#awaited = undefined;
    this.#actual = seen;
  }

  #settle(): void {
    const wanted = this.#wanted;
    if (wanted === undefined || !this.#isKnown || this.#writing !== undefined) return;
    if (this.#failedAt !== undefined && this.#options.clock.now() < this.#failedAt + RETRY_MS)
      return;
    const status = statusOf(wanted);
    if (this.#isOwned && this.#actual !== undefined && saysSo(this.#actual, status)) return;
    this.#cancelRetry();
    this.#writing = this.#write(wanted, status, this.#actual)
      .then((delayMs) => {
        this.#cancelRetry = this.#options.clock.setTimer(delayMs, () => {
          this.#awaited = undefined;
          this.#actual = this.#seen;
          this.#settle();
        });
      })
      .finally(() => {
        this.#writing = undefined;
        this.#settle();
      });
  }

  /** Answers when to look again: what was written comes back by the watch before that. */
  async #write(
    report: ConfigurationReport,
    status: ConfigurationStatus,
    actual: Actual | undefined,
  ): Promise<number> {
    const { client, clock, namespace, wallClock, logger, pod } = this.#options;
    const { name, labels } = report;
    const own = `${this.#collection}/${encodeURIComponent(name)}`;
    try {
      const owner = await pod.reference();
      const owned = owner === undefined ? {} : { ownerReferences: [owner] };
      if (actual === undefined) {
        const metadata = { name, namespace, labels, ...owned };
        const object = { apiVersion: "metallb.io/v1beta1", kind: "ConfigurationState", metadata };
        await client.post(this.#collection, object);
      } else if (owner !== undefined && ownerOf(actual) !== owner.uid) {
        // What a Pod before this one wrote would be removed with it.
        await client.patch(own, { metadata: owned });
      }
      this.#isOwned = true;
      const path = `${own}/status`;
      const patch = { status: patchOf(status, actual, wallClock()) };
      this.#actual = schema.parse(await client.patch(path, patch));
      const version = this.#actual.metadata.resourceVersion;
      // The watch may have been faster than the answer.
      this.#awaited = this.#seen?.metadata.resourceVersion === version ? undefined : version;
      this.#failedAt = undefined;
      return CHECK_MS;
    } catch (error) {
      const fields = { configurationState: name, error: textOf(error) };
      if (this.#failedAt === undefined)
        logger.warn(fields, "could not write what is wrong with the configuration");
      this.#failedAt = clock.now();
      return RETRY_MS;
    }
  }
}

const CHECK_MS = 10_000;
const RETRY_MS = 15_000;

type Actual = z.infer<typeof schema>;

const schema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    ownerReferences: z.array(z.object({ uid: z.string() })).nullish(),
  }),
  status: z
    .object({
      result: z.string().nullish(),
      errorSummary: z.string().nullish(),
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

function ownerOf({ metadata }: Actual): string | undefined {
  return metadata.ownerReferences?.[0]?.uid;
}

function saysSo({ status }: Actual, wanted: ConfigurationStatus): boolean {
  const { type, ...demands } = wanted.condition;
  const condition = status?.conditions?.find((each) => each.type === type);
  return (
    status?.result === wanted.result &&
    (status.errorSummary ?? "") === wanted.errorSummary &&
    condition?.status === demands.status &&
    condition.reason === demands.reason &&
    (condition.message ?? "") === demands.message
  );
}

/** Conditions of others stay; the time is that of the last change of the condition's status. */
function patchOf(
  { result, errorSummary, condition }: ConfigurationStatus,
  actual: Actual | undefined,
  nowMs: number,
): object {
  const conditions = actual?.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === condition.type);
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
  const since = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  return {
    result,
    errorSummary: errorSummary === "" ? null : errorSummary,
    conditions: [
      ...conditions.filter(({ type }) => type !== condition.type),
      { ...condition, lastTransitionTime: since },
    ],
  };
}

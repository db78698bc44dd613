import { VirtualClock } from "@ingot/testkit";
import type { Cluster } from "../kube/config.ts";
import type { Credentials } from "../kube/credentials.ts";
import { Moments } from "./moments.ts";

/** A cluster over plain HTTP, whose token a test changes. */
export class FakeCluster implements Cluster {
  readonly url: string;
  readonly origin = "a test";
  /** What the next `reload` finds. */
  tokenAfterReload: string;
  /** How often credentials were asked for, and how often they were read again. */
  asked = 0;
  reloads = 0;
  #token: string;

  constructor(url: string, token = "first") {
    this.url = url;
    this.#token = token;
    this.tokenAfterReload = token;
  }

  async credentials(): Promise<Credentials> {
    this.asked += 1;
    return { headers: { authorization: `Bearer ${this.#token}` }, tls: {} };
  }

  async reload(): Promise<void> {
    this.reloads += 1;
    this.#token = this.tokenAfterReload;
  }
}

/** Virtual time that a test can wait for something to set a timer on. */
export class ObservedClock extends VirtualClock {
  readonly #moments = new Moments();
  readonly #delaysMs: number[] = [];

  override setTimer(delayMs: number, wake: () => void): () => void {
    const cancel = super.setTimer(delayMs, wake);
    this.#delaysMs.push(delayMs);
    this.#moments.happened();
    return cancel;
  }

  /** Resolves when so many timers have been set whose delay the condition holds for. */
  async untilSet(count: number, isMeant: (delayMs: number) => boolean): Promise<void> {
    await this.#moments.until(() => this.#delaysMs.filter(isMeant).length >= count);
  }
}

import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { OwnershipCounters } from "../dataplane/messages.ts";

/** What a speaker measures of who answers for which address. */
export class OwnershipMetrics {
  readonly #holder: Gauge<"ip">;
  readonly #claims: Counter<"cause">;
  readonly #stops: Counter<"cause">;
  readonly #conflicts: Counter<"kept">;
  readonly #proofs: Counter<"result">;
  readonly #unreachable: Gauge<"ip" | "peer">;
  readonly #peerUp: Gauge<"peer" | "interface">;
  readonly #detection: Histogram;
  readonly #takeOver: Histogram;
  readonly #received: Counter;
  readonly #rejected: Counter<"reason">;
  readonly #heard: Counter<"peer" | "interface">;
  readonly #lost: Counter<"peer" | "interface">;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <L extends string>(name: string, help: string, ...labelNames: readonly L[]) =>
      new Counter<L>({ name: `ingot_ownership_${name}_total`, help, labelNames, registers });
    const gauge = <L extends string>(name: string, help: string, ...labelNames: readonly L[]) =>
      new Gauge<L>({ name: `ingot_ownership_${name}`, help, labelNames, registers });
    const histogram = (name: string, help: string) =>
      new Histogram({ name: `ingot_ownership_${name}_seconds`, help, buckets: BUCKETS, registers });
    this.#holder = gauge("holder", "1 for each address that this node answers for.", "ip");
    this.#claims = counter("claims", "Addresses that this node took, by cause.", "cause");
    this.#stops = counter("stops", "Addresses that this node gave away, by cause.", "cause");
    this.#conflicts = counter("conflicts", "Claims of hosts that are no speakers.", "kept");
    this.#proofs = counter("proofs", "Questions whether a holder answers, by result.", "result");
    this.#unreachable = gauge(
      "unreachable",
      "1 while a holder says hello but does not answer for an address.",
      "ip",
      "peer",
    );
    this.#peerUp = gauge("peer_up", "1 while hellos of a speaker arrive.", "peer", "interface");
    this.#detection = histogram("detection", "From a speaker's last hello to its being dead.");
    this.#takeOver = histogram("takeover", "From the last hello of a holder to taking over.");
    this.#received = counter("hellos", "Datagrams received.");
    this.#rejected = counter("hellos_rejected", "Datagrams without effect.", "reason");
    this.#heard = counter("hellos_heard", "Hellos of a speaker heard.", "peer", "interface");
    this.#lost = counter("hellos_lost", "Hellos of a speaker not heard.", "peer", "interface");
  }

  /** Whether this node answers for an address. */
  setHolder(ip: string, isHolder: boolean): void {
    if (isHolder) this.#holder.set({ ip }, 1);
    else this.#holder.remove({ ip });
  }

  countClaim(cause: string): void {
    this.#claims.inc({ cause });
  }

  countStop(cause: string): void {
    this.#stops.inc({ cause });
  }

  countConflict(isKept: boolean): void {
    this.#conflicts.inc({ kept: String(isKept) });
  }

  /** What was found of a holder. */
  countProof(result: "proven" | "silent" | "doubled"): void {
    this.#proofs.inc({ result });
  }

  setReachable(ip: string, peer: string, isReachable: boolean): void {
    if (isReachable) this.#unreachable.remove({ ip, peer });
    else this.#unreachable.set({ ip, peer }, 1);
  }

  setPeerUp(peer: string, interfaceName: string, isUp: boolean): void {
    this.#peerUp.set({ peer, interface: interfaceName }, isUp ? 1 : 0);
  }

  observeDetection(silentMs: number): void {
    this.#detection.observe(silentMs / 1_000);
  }

  observeTakeOver(silentMs: number): void {
    this.#takeOver.observe(silentMs / 1_000);
  }

  /** What the dataplane counted since it started. */
  setCounters({ received, rejected, peers }: OwnershipCounters): void {
    for (const counter of [this.#received, this.#rejected, this.#heard, this.#lost]) {
      counter.reset();
    }
    this.#received.inc(received);
    for (const [reason, count] of rejected) this.#rejected.inc({ reason }, count);
    for (const { node: peer, interface: name, heard, expected } of peers) {
      this.#heard.inc({ peer, interface: name }, heard);
      this.#lost.inc({ peer, interface: name }, Math.max(0, expected - heard));
    }
  }

  /** The dataplane ended. */
  lose(): void {
    for (const gauge of [this.#holder, this.#peerUp, this.#unreachable]) gauge.reset();
  }
}

const BUCKETS = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1, 2.5, 5];

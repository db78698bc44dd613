import { seededRandom } from "@ingot/testkit";
import type { NodeOutput } from "../facts.ts";
import type { Group } from "../group.ts";
import { OwnershipNode } from "../node.ts";
import type { OwnershipOptions } from "../options.ts";
import { Keyring } from "../seal.ts";
import { parseTable } from "../table.ts";

/** The address that is shared out. */
export const vip = "192.0.2.10";

/** What hellos are sealed with. */
export const keys: Keyring = new Keyring([new Uint8Array(32).fill(7)]);

/** For n1, then n2. */
export const group: Group = {
  name: "default/web",
  addresses: [vip],
  table: parseTable("1:n1,n2"),
  eligible: new Map([
    ["n1", 0],
    ["n2", 0],
  ]),
  interfaces: ["eth0"],
};

/** Two nodes on a wire without delay, in steps that a test can count. */
export class Pair {
  readonly nodes: ReadonlyMap<string, OwnershipNode>;
  /** Everything but datagrams, with its node. */
  readonly outputs: (readonly [string, Exclude<NodeOutput, { type: "send" }>])[] = [];
  /** Every datagram that was sent, with its node. */
  readonly sent: (readonly [string, Uint8Array])[] = [];
  readonly stopped = new Set<string>();
  now = 0;

  constructor(options: Partial<OwnershipOptions> = {}) {
    const made = ["n1", "n2"].map((node, i) => {
      const all = { node, boot: 1_000 + i, keys, random: seededRandom(i), ...options };
      return [node, new OwnershipNode(all)] as const;
    });
    this.nodes = new Map(made);
    for (const [i, name] of ["n1", "n2"].entries()) {
      this.feed(name, { type: "desired", groups: [group] });
      this.feed(name, { type: "up", interface: "eth0", mac: 0x0200_0000_0001 + i });
    }
  }

  feed(name: string, input: Parameters<OwnershipNode["handle"]>[0]): void {
    if (this.stopped.has(name)) return;
    for (const output of this.nodes.get(name)?.handle(input, this.now) ?? []) {
      if (output.type !== "send") {
        this.outputs.push([name, output]);
        continue;
      }
      this.sent.push([name, output.bytes]);
      const other = name === "n1" ? "n2" : "n1";
      const { bytes, interface: at } = output;
      this.feed(other, { type: "datagram", interface: at, from: name, bytes });
    }
  }

  /** Wakes each node at its deadlines until `end`. */
  run(end: number): void {
    for (;;) {
      const running = [...this.nodes].filter(([name]) => !this.stopped.has(name));
      const [first] = running.sort(([, one], [, other]) => one.deadline - other.deadline);
      if (first === undefined || first[1].deadline > end) break;
      this.now = Math.max(this.now, first[1].deadline);
      this.feed(first[0], { type: "tick" });
    }
    this.now = end;
  }

  /** What a node did about the address since the last call, in words. */
  take(name: string): readonly string[] {
    const mine = this.outputs.filter(([node]) => node === name).map(([, output]) => output);
    this.outputs.splice(0);
    return mine.map((output) => {
      if (output.type === "fact") return output.fact.kind;
      return output.type === "start" ? `start ${output.probe}` : output.type;
    });
  }
}

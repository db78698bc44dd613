// Three nodes share out one address on a LAN that is only in memory; then its holder dies:
//
//   node examples/dist/who-holds.js
//
// Time is made up, too: two seconds pass in no time.

import { Keyring, type NodeOutput, OwnershipNode, parseTable } from "@ingot/ownership";

const names = ["n1", "n2", "n3"];
const group = {
  name: "default/web",
  addresses: ["192.0.2.10"],
  table: parseTable("1:n2,n3,n1"),
  eligible: new Map(names.map((name) => [name, 0])),
  interfaces: ["eth0"],
};
const keys = new Keyring([new TextEncoder().encode("a secret that all nodes share")]);
const nodes = new Map(
  names.map((node) => [
    node,
    new OwnershipNode({ node, keys, boot: Date.now(), random: Math.random }),
  ]),
);

let now = 0;
for (const [i, [name, node]] of [...nodes].entries()) {
  carryOut(name, node.handle({ type: "desired", groups: [group] }, now));
  carryOut(name, node.handle({ type: "up", interface: "eth0", mac: 0x020000000001 + i }, now));
}
runUntil(1_000);
console.log("n2 dies");
nodes.delete("n2");
runUntil(2_000);
console.log(`${nodes.get("n3")?.holder("192.0.2.10")?.node} holds 192.0.2.10`);

/** Wakes each node when it wants to be woken. */
function runUntil(end: number): void {
  for (;;) {
    const [first] = [...nodes].sort(([, one], [, other]) => one.deadline - other.deadline);
    if (first === undefined || first[1].deadline > end) break;
    const [name, node] = first;
    now = Math.max(now, node.deadline);
    carryOut(name, node.handle({ type: "tick" }, now));
  }
  now = end;
}

function carryOut(from: string, outputs: readonly NodeOutput[]): void {
  for (const output of outputs) {
    if (output.type === "start")
      console.log(`${now.toFixed(0)} ms: ${from} answers for ${output.address}`);
    if (output.type === "stop") console.log(`${now.toFixed(0)} ms: ${from} is silent`);
    if (output.type !== "send") continue;
    for (const [name, node] of nodes) {
      if (name === from || (output.to ?? name) !== name) continue;
      const { bytes } = output;
      carryOut(name, node.handle({ type: "datagram", interface: "eth0", from, bytes }, now));
    }
  }
}

import { bench, describe } from "vitest";
import { Keyring } from "../src/seal.ts";
import { keys, Pair } from "../src/testing/pair.ts";

const pair = new Pair();
pair.run(1_000);
const node = pair.nodes.get("n2");
const [, hello = new Uint8Array()] = pair.sent.findLast(([name]) => name === "n1") ?? [];
const other = new Keyring([new Uint8Array(32).fill(9)]).id;
const otherKey = hello.slice();
new DataView(otherKey.buffer).setUint32(4, other);
// Nothing but the seal tells these from genuine ones: own key's name, and a number to come.
const forged = hello.with(17, 9);
const forgedLong = new Uint8Array(1_200);
forgedLong.set(forged);

const receive = (bytes: Uint8Array) => {
  for (let i = 0; i < 10_000; i++) {
    node?.handle({ type: "datagram", interface: "eth0", from: "n1", bytes }, 1_000);
  }
};

// Each round is what 10,000 a second cost: 200 ms of it would be a fifth of a core.
describe("10,000 hostile datagrams", () => {
  bench("of another key", () => receive(otherKey));
  bench("replayed", () => receive(hello));
  bench("truncated", () => receive(hello.subarray(0, 20)));
  bench("forged, as long as a hello", () => receive(forged));
  bench("forged, as long as they get", () => receive(forgedLong));
});

describe("one datagram", () => {
  bench("sealed", () => void keys.seal(hello));
});

import { bench, describe } from "vitest";
import { AdjRibOut } from "../src/routes/adj-rib-out.ts";
import type { SessionClass } from "../src/routes/session-class.ts";

const session: SessionClass = {
  fourOctetAs: true,
  internal: false,
  localAsn: 65_001,
  maxMessageLength: 4_096,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
  nextHop: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
};
const attributes = { origin: "igp", asPath: [], nextHop: "::" } as const;
const other = { ...attributes, multiExitDisc: 1 };

function filled(prefixOf: (low: number, high: number) => string): AdjRibOut {
  const rib = new AdjRibOut();
  for (let i = 0; i < 100_000; i++) rib.announce(prefixOf(i & 0xffff, i >>> 16), attributes);
  return rib;
}

const ipv4 = filled((low, high) => `10.${high}.${low >>> 8}.${low & 255}/32`);
const ipv6 = filled((low, high) => `2001:db8::${high}:${low.toString(16)}/128`);

function packAll(rib: AdjRibOut): void {
  const outbox = rib.attach(session);
  while (outbox.pull() !== undefined);
  outbox.detach();
}

describe("pack for a new peer", () => {
  bench("100,000 /32", () => packAll(ipv4));
  bench("100,000 /128", () => packAll(ipv6));
});

describe("one change of 100,000 routes", () => {
  const outbox = ipv4.attach(session);
  while (outbox.pull() !== undefined);
  let turn = 0;

  bench("announce with other attributes, and pull", () => {
    turn += 1;
    ipv4.announce("10.0.77.7/32", turn % 2 === 0 ? attributes : other);
    outbox.pull();
  });

  bench("withdraw, announce, and pull after each", () => {
    ipv4.withdraw("10.0.77.8/32");
    outbox.pull();
    ipv4.announce("10.0.77.8/32", attributes);
    outbox.pull();
  });
});

import { VirtualClock } from "@ingot/testkit";
import { expect, it } from "vitest";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";
import { FakeSession } from "../testing/fake-session.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { type MeasuredPeerSession, UnnumberedSession } from "./unnumbered.ts";

const A = "fe80::a";
const B = "fe80::b";
const settings = { name: "tor", interface: "eth0", address: "" } as PeerSettings;
const attributes = { origin: "igp", asPath: [], nextHop: "::" } as const;

class Session extends FakeSession implements MeasuredPeerSession {
  isUp = false;
  get status() {
    return { isUp: this.isUp, updates: 0, announced: 0, wanted: this.routes.size };
  }
}

function setUp() {
  const clock = new VirtualClock();
  const opened: Session[] = [];
  let hear: (address: string) => void = () => {};
  let searches = 0;
  const session = new UnnumberedSession(settings, {
    clock,
    logger: new KeepingLogger(),
    find: (device, found) => {
      expect(device).toBe("eth0");
      searches += 1;
      hear = found;
      return () => {
        searches -= 1;
      };
    },
    open: (known) => {
      const each = new Session(known);
      opened.push(each);
      return each;
    },
  });
  const addresses = () => opened.map((each) => each.settings.address);
  return { clock, opened, session, addresses, hear: (a: string) => hear(a), open: () => searches };
}

it("begins a session with the router that is heard, and tells it all that was announced before", () => {
  const { session, opened, hear } = setUp();
  session.announce("192.0.2.1/32", attributes);
  session.announce("192.0.2.2/32", attributes);
  session.withdraw("192.0.2.2/32");
  session.complete();
  expect(session.status).toEqual({ isUp: false, updates: 0, announced: 0, wanted: 1 });
  hear(A);
  session.announce("192.0.2.3/32", attributes);
  const [first] = opened;
  expect(first?.settings.address).toBe(A);
  expect([...(first?.routes.keys() ?? [])]).toEqual(["192.0.2.1/32", "192.0.2.3/32"]);
  expect(first?.isComplete).toBe(true);
});

it("has one session with one router, however often that is heard", () => {
  const { addresses, hear, clock } = setUp();
  for (let i = 0; i < 3; i++) {
    hear(A);
    clock.advance(60_000);
  }
  expect(addresses()).toEqual([A]);
});

it("goes over to another router only once the session has not been up for a while", () => {
  const { opened, addresses, hear, clock } = setUp();
  hear(A);
  const [first] = opened;
  if (first === undefined) throw new Error("no session");
  clock.advance(10_000);
  hear(B);
  expect(addresses()).toEqual([A]);
  first.isUp = true;
  clock.advance(60_000);
  hear(B);
  first.isUp = false;
  clock.advance(20_000);
  hear(B);
  expect(addresses()).toEqual([A]);
  clock.advance(10_000);
  hear(B);
  expect(addresses()).toEqual([A, B]);
  expect(first.stopped).toBe("another router is at the other end");
});

it("ends its session and its search", async () => {
  const { session, opened, hear, open } = setUp();
  hear(A);
  expect(open()).toBe(1);
  await session.stop("over", false);
  expect(open()).toBe(0);
  expect(opened.map(({ stopped }) => stopped)).toEqual(["over"]);
});

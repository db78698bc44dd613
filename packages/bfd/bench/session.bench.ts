import { bench, describe } from "vitest";
import { Authenticator } from "../src/authentication.ts";
import { type BfdPacket, decodeBfd, encodeBfd } from "../src/packet.ts";
import type { BfdReceiver, BfdSockets } from "../src/socket.ts";
import { BfdSpeaker } from "../src/speaker.ts";

const up: BfdPacket = {
  diagnostic: 0,
  state: "up",
  poll: false,
  final: false,
  controlPlaneIndependent: false,
  demand: false,
  multipoint: false,
  detectMultiplier: 3,
  myDiscriminator: 0x99,
  yourDiscriminator: 0x11,
  desiredMinTxUs: 10_000,
  requiredMinRxUs: 10_000,
  requiredMinEchoRxUs: 0,
};

/** A hundred sessions at 10 ms, up; what hears the first one's neighbour, and what lets time pass. */
function running(): { hear: () => void; pass: () => void } {
  let now = 0;
  let due = Number.POSITIVE_INFINITY;
  let wake = () => {};
  const clock = {
    now: () => now,
    setTimer(delayMs: number, then: () => void) {
      due = now + delayMs;
      wake = then;
      return () => {
        due = Number.POSITIVE_INFINITY;
      };
    },
  };
  const receiver: BfdReceiver = { onPacket: undefined, close: () => {} };
  const sockets: BfdSockets = {
    openReceiver: () => receiver,
    openSender: () => ({ send: (bytes) => bytes.length > 0, close: () => {} }),
  };
  const speaker = new BfdSpeaker(sockets, clock);
  const timing = { transmitIntervalMs: 10, receiveIntervalMs: 10 };
  const neighbours = Array.from({ length: 100 }, (_, i) => {
    const address = `192.0.2.${i + 1}`;
    const { discriminator } = speaker.open({
      ...timing,
      localAddress: "192.0.2.254",
      remoteAddress: address,
    });
    const bytes = encodeBfd({ ...up, yourDiscriminator: discriminator, final: true });
    const hello = encodeBfd({ ...up, yourDiscriminator: discriminator, state: "init" });
    receiver.onPacket?.(hello, { address });
    return { bytes, from: { address } };
  });
  const hear = (i: number) => {
    const neighbour = neighbours[i];
    if (neighbour !== undefined) receiver.onPacket?.(neighbour.bytes, neighbour.from);
  };
  const hearAll = () => {
    for (const i of neighbours.keys()) hear(i);
  };
  hearAll();
  return {
    hear: () => hear(0),
    // 10 ms: about 114 packets sent, 100 received, and the timer set for each sending.
    pass: () => {
      const end = now + 10;
      while (due <= end) {
        now = due;
        due = Number.POSITIVE_INFINITY;
        wake();
      }
      now = end;
      hearAll();
    },
  };
}

const bytes = encodeBfd(up);
const keys = [{ id: 1, secret: Uint8Array.of(1, 2, 3) }];
const authenticator = new Authenticator({ type: "keyedSha1", keys }, 0);
const sealed = authenticator.seal(up);
const sealedPacket = decodeBfd(sealed);
const { hear, pass } = running();

describe("one packet, through", () => {
  bench("decodeBfd", () => void decodeBfd(bytes));
  bench("encodeBfd", () => void encodeBfd(up));
  bench("seal with SHA1", () => void authenticator.seal(up));
  bench("verify with SHA1", () => void authenticator.verify(sealedPacket, sealed));
  bench("a speaker with 100 sessions, one packet received", hear);
});

describe("100 sessions at 10 ms", () => {
  bench("10 ms of all of them, both ways", pass);
});

// Two BFD speakers on a wire that is only in memory: they find each other, the wire is cut, and each
// notices. Runs anywhere, needs nothing, and ends after two seconds:
//
//   node examples/dist/bfd-demo.js

import { type BfdReceiver, type BfdSockets, BfdSpeaker, type Clock } from "@ingot/bfd";

const clock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, wake) {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};

const receivers = new Map<string, BfdReceiver>();
let isCut = false;

/** What a host would have of the operating system. */
const sockets: BfdSockets = {
  openReceiver({ localAddress }) {
    const receiver: BfdReceiver = {
      onPacket: undefined,
      close: () => receivers.delete(localAddress),
    };
    receivers.set(localAddress, receiver);
    return receiver;
  },
  openSender: ({ localAddress, remoteAddress }) => ({
    send(bytes) {
      const copy = bytes.slice();
      if (isCut) return true;
      queueMicrotask(() =>
        receivers.get(remoteAddress)?.onPacket?.(copy, { address: localAddress }),
      );
      return true;
    },
    close: () => {},
  }),
};

const startedAt = clock.now();
const say = (text: string): void => {
  console.log(`${Math.round(clock.now() - startedAt)} ms: ${text}`);
};

const ends = ["192.0.2.1", "192.0.2.2"] as const;
const speakers = ends.map((localAddress, i) => {
  const speaker = new BfdSpeaker(sockets, clock);
  const remoteAddress = ends[1 - i] ?? "";
  const session = speaker.open({
    localAddress,
    remoteAddress,
    transmitIntervalMs: 50,
    receiveIntervalMs: 50,
  });
  session.on("up", () => say(`${localAddress} is up`));
  session.on("down", ({ reason }) => say(`${localAddress} is down: ${reason}`));
  return speaker;
});

clock.setTimer(1_500, () => {
  say("the wire is cut");
  isCut = true;
});
clock.setTimer(2_000, () => {
  for (const speaker of speakers) speaker.close();
});

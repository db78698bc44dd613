import { type AnnouncerInput, NdpAnnouncer } from "../announcer.ts";
import { probe, unsolicited } from "../frames.ts";
import type { NeighborAdvertisement, NeighborSolicitation } from "../message.ts";
import type { AnnouncerOptions, ProbeMode } from "../options.ts";
import type { AnnouncerOutput } from "../output.ts";
import { ours, random, sibling, solicitation, theirs, vip } from "./example.ts";

/** Inputs of an announcer. */
export const up: AnnouncerInput = { type: "up" };

/** As {@link up}. */
export const tick: AnnouncerInput = { type: "tick" };

/** As {@link up}. */
export const announce = (address = vip, mode?: ProbeMode): AnnouncerInput => ({
  type: "announce",
  address,
  ...(mode && { probe: mode }),
});

/** As {@link up}. */
export const withdraw = (address = vip): AnnouncerInput => ({ type: "withdraw", address });

/** As {@link up}: the example's solicitation, with other fields. */
export const solicit = (fields: Partial<NeighborSolicitation> = {}): AnnouncerInput => ({
  type: "packet",
  packet: { ...solicitation, ...fields },
  mac: ours,
  ownMacs: new Set([sibling]),
});

/** As {@link up}: another advertises the address. */
export const advertise = (
  fields: Partial<NeighborAdvertisement> = {},
  mac = theirs,
): AnnouncerInput => ({
  type: "packet",
  packet: { ...unsolicited(vip, mac), ...fields },
  mac: ours,
  ownMacs: new Set([sibling]),
});

/** As {@link up}: somebody probes for the address. */
export const probeOf = (mac: number, nonce: number, address = vip): AnnouncerInput => ({
  type: "packet",
  packet: probe(address, mac, nonce),
  mac: ours,
  ownMacs: new Set([sibling]),
});

/** An announcer for which chance always is a half. */
export const start = (options: AnnouncerOptions = {}): NdpAnnouncer =>
  new NdpAnnouncer(options, random);

/** Outputs in a word each. */
export function summary(outputs: readonly AnnouncerOutput[]): string[] {
  return outputs.map((output) => {
    if (output.type === "answer") return output.override ? "answer" : "meek answer";
    if (output.type !== "conflict") return output.type;
    const kept = output.isKept ? "kept" : "lost";
    return `${output.isNews ? "conflict" : "old conflict"} in ${output.during}, ${kept}`;
  });
}

/** Ticks at each deadline until `end`; returns what was done when. */
export function ticks(machine: NdpAnnouncer, end: number): string[] {
  const done: string[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    done.push(...summary(machine.handle(tick, now)).map((what) => `${what} at ${now}`));
  }
  return done;
}

/** When a machine does something of its own next; its deadline may come early. */
export function actsAt(machine: NdpAnnouncer): number {
  for (;;) {
    const { deadline } = machine;
    const isIdle = deadline === Number.POSITIVE_INFINITY;
    if (isIdle || machine.handle(tick, deadline).length > 0) return deadline;
  }
}

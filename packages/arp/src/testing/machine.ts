import { type AnnouncerInput, ArpAnnouncer } from "../announcer.ts";
import type { AnnouncerOptions, ProbeMode } from "../options.ts";
import type { AnnouncerOutput } from "../output.ts";
import type { ArpPacket } from "../packet.ts";
import { fromVip, ours, request, sibling, vip } from "./example.ts";

/** Inputs of an announcer. */
export const up: AnnouncerInput = { type: "up" };

/** As {@link up}. */
export const tick: AnnouncerInput = { type: "tick" };

/** As {@link up}. */
export const announce = (probe?: ProbeMode, address = vip): AnnouncerInput => ({
  type: "announce",
  address,
  ...(probe && { probe }),
});

/** As {@link up}. */
export const withdraw = (address = vip): AnnouncerInput => ({ type: "withdraw", address });

/** As {@link up}: the example's request, with other fields. */
export const packet = (fields: Partial<ArpPacket> = {}): AnnouncerInput => ({
  type: "packet",
  packet: { ...request, ...fields },
  mac: ours,
  ownMacs: new Set([sibling]),
});

/** As {@link up}: another asks for an address of its own choice, and says that ours is its own. */
export const claim = (fields: Partial<ArpPacket> = {}): AnnouncerInput =>
  packet({ ...fromVip, ...fields });

/** An announcer for which chance always is 0. */
export const start = (options: AnnouncerOptions = {}): ArpAnnouncer =>
  new ArpAnnouncer(options, () => 0);

/** Outputs in a word each. */
export function summary(outputs: readonly AnnouncerOutput[]): string[] {
  return outputs.map((output) => {
    if (output.type === "gratuitous") return output.operation === 1 ? "request" : "reply";
    if (output.type !== "conflict") return output.type;
    const kept = output.isKept ? "kept" : "lost";
    return `${output.isNews ? "conflict" : "old conflict"} in ${output.during}, ${kept}`;
  });
}

/** Ticks at each deadline until `end`; returns what was done when. */
export function ticks(machine: ArpAnnouncer, end: number): string[] {
  const done: string[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    done.push(...summary(machine.handle(tick, now)).map((what) => `${what} at ${now}`));
  }
  return done;
}

/** When a machine does something of its own next; its deadline may come early. */
export function actsAt(machine: ArpAnnouncer): number {
  for (;;) {
    const { deadline } = machine;
    const isIdle = deadline === Number.POSITIVE_INFINITY;
    if (isIdle || machine.handle(tick, deadline).length > 0) return deadline;
  }
}

/** A BFD control packet over IPv4, as it was captured. */
export interface CapturedPacket {
  /** On the kernel's clock. */
  readonly atMs: number;
  readonly source: string;
  /** Whether it says that its sender is up. */
  readonly isUp: boolean;
}

/**
 * Reads a file of `tcpdump -w` from an Ethernet interface, of which the filter let BFD control packets
 * over IPv4 through alone. A packet that is cut off at the end is left out.
 *
 * @throws {Error} when it is another kind of file.
 */
export function parseCapture(file: Buffer): readonly CapturedPacket[] {
  if (file.length < FILE_HEADER_BYTES || file.readUInt32LE(0) !== MAGIC) {
    throw new Error("not a capture with microseconds of this machine's byte order");
  }
  const packets: CapturedPacket[] = [];
  for (let at = FILE_HEADER_BYTES; at + RECORD_HEADER_BYTES <= file.length; ) {
    const atMs = file.readUInt32LE(at) * 1_000 + file.readUInt32LE(at + 4) / 1_000;
    const frame = at + RECORD_HEADER_BYTES;
    const end = frame + file.readUInt32LE(at + 8);
    if (end > file.length) break;
    if (end - frame > BFD_STATE) {
      const source = file.subarray(frame + IPV4_SOURCE, frame + IPV4_SOURCE + 4).join(".");
      packets.push({ atMs, source, isUp: file.readUInt8(frame + BFD_STATE) >> 6 === UP });
    }
    at = end;
  }
  return packets;
}

/** The times between the packets of each source, in ms, all in one list. */
export function gapsOf(packets: readonly CapturedPacket[]): readonly number[] {
  const last = new Map<string, number>();
  const gaps: number[] = [];
  for (const { atMs, source } of packets) {
    const before = last.get(source);
    if (before !== undefined) gaps.push(atMs - before);
    last.set(source, atMs);
  }
  return gaps;
}

/**
 * How long after the router's last packet a host said that it is down, in ms; one figure each time that
 * it had been up. Packets of others, which a bridge may have let through, do not count.
 */
export function silencesOf(
  packets: readonly CapturedPacket[],
  ends: { readonly own: string; readonly router: string },
): readonly number[] {
  const silences: number[] = [];
  let lastIn = Number.NaN;
  let wasUp = false;
  for (const { atMs, source, isUp } of packets) {
    if (source === ends.router) lastIn = atMs;
    if (source !== ends.own) continue;
    if (wasUp && !isUp) silences.push(atMs - lastIn);
    wasUp = isUp;
  }
  return silences;
}

const MAGIC = 0xa1b2_c3d4;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** Octets of the frame: Ethernet 14, IPv4 20, UDP 8. */
const IPV4_SOURCE = 14 + 12;
const BFD_STATE = 14 + 20 + 8 + 1;
const UP = 3;

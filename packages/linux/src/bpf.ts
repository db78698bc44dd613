// ld, as in "ldh [12]"; offsets from SKF_AD_OFF up read what the kernel knows beside the frame.
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_OCTET = 0x30;
const SKF_AD_PKTTYPE = 0xffff_f004;
const SKF_AD_IFINDEX = 0xffff_f008;
const SKF_NET_OFF = 0xfff0_0000;

/** A place in a frame (or beside it) that a filter can look at, compared with values. */
export interface FilterField {
  is(value: number): FilterTest;
  isOneOf(...values: readonly number[]): FilterTest;
  isNot(value: number): FilterTest;
  /** As unsigned numbers. */
  isAtLeast(value: number): FilterTest;
}

/** One comparison, made by a {@link FilterField}. */
export interface FilterTest {
  /** The classic BPF load instruction, and what it loads from. */
  readonly load: number;
  readonly offset: number;
  readonly values: readonly number[];
  readonly comparison: "equal" | "atLeast";
  /** Whether the comparison must hold for one of the values, or must hold for none of them. */
  readonly wanted: boolean;
}

/** The octet at an offset from the start of what the socket gets (of a packet socket, the frame). */
export function octet(offset: number): FilterField {
  return field(LOAD_OCTET, offset);
}

/** Two octets in network order, as {@link octet}. */
export function half(offset: number): FilterField {
  return field(LOAD_HALF, offset);
}

/** Four octets in network order, as {@link octet}. */
export function word(offset: number): FilterField {
  return field(LOAD_WORD, offset);
}

/** The octet at an offset from the IP header, also where a socket does not get that header. */
export function networkOctet(offset: number): FilterField {
  return field(LOAD_OCTET, SKF_NET_OFF + offset);
}

/** How the kernel classed the frame: one of {@link PacketType}. */
export const packetType: FilterField = field(LOAD_OCTET, SKF_AD_PKTTYPE);

/**
 * The index of the interface that a frame is for. A packet socket is handed more than what is for the
 * interface that it is bound to: also what the kernel has given to a bond, a team or a VLAN on top of that,
 * of a VLAN with the tag taken off.
 */
export const interfaceIndex: FilterField = field(LOAD_WORD, SKF_AD_IFINDEX);

/** Whom a frame is for, as the kernel sees it. */
export const PacketType = {
  /** Addressed to another station, or to a VLAN nobody here is in. */
  otherHost: 3,
  /** Sent by this machine. */
  outgoing: 4,
} as const;

/**
 * Assembles a classic BPF program for `SO_ATTACH_FILTER`, an array of `struct sock_filter`: it
 * accepts the frames that pass every test. A frame too short for a test does not pass it.
 *
 * @throws {RangeError} when a test has no value, or the program grows past a jump's reach.
 */
export function acceptWhen(...tests: readonly FilterTest[]): Uint8Array {
  const length = tests.reduce((sum, test) => sum + 1 + test.values.length, 2);
  if (length > 255)
    throw new RangeError(`filter must have at most 255 instructions, got ${length}`);
  const program = new Program(length);
  const drop = length - 1;
  for (const test of tests) {
    if (test.values.length === 0) throw new RangeError("filter test must name a value, got none");
    program.add(test.load, test.offset);
    const next = program.position + test.values.length;
    const [onMatch, otherwise] = test.wanted ? [next, drop] : [drop, next];
    for (const [i, value] of test.values.entries()) {
      const last = i === test.values.length - 1;
      const code = test.comparison === "equal" ? JUMP_IF_EQUAL : JUMP_IF_AT_LEAST;
      program.jump(code, value, onMatch, last ? otherwise : program.position + 1);
    }
  }
  program.add(RETURN, WHOLE_FRAME);
  program.add(RETURN, 0);
  return program.bytes;
}

/** A program that accepts nothing, for a socket that only sends: nothing waits in it unread. */
export function acceptNothing(): Uint8Array {
  const program = new Program(1);
  program.add(RETURN, 0);
  return program.bytes;
}

class Program {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length * 8);
    this.#view = new DataView(this.bytes.buffer);
  }

  // |         code          |    jt     |    jf     |         k (32 bits)        |
  add(code: number, k: number, jumpTrue = 0, jumpFalse = 0): void {
    const at = this.position * 8;
    this.#view.setUint16(at, code, true);
    this.#view.setUint8(at + 2, jumpTrue);
    this.#view.setUint8(at + 3, jumpFalse);
    this.#view.setUint32(at + 4, k, true);
    this.position += 1;
  }

  /** Targets are positions in the program; on the wire they count from the next instruction. */
  jump(code: number, value: number, target: number, otherwise: number): void {
    const next = this.position + 1;
    this.add(code, value, target - next, otherwise - next);
  }
}

function field(load: number, offset: number): FilterField {
  const equal = { load, offset, comparison: "equal" } as const;
  return {
    is: (value) => ({ ...equal, values: [value], wanted: true }),
    isOneOf: (...values) => ({ ...equal, values, wanted: true }),
    isNot: (value) => ({ ...equal, values: [value], wanted: false }),
    isAtLeast: (value) => ({
      load,
      offset,
      comparison: "atLeast",
      values: [value],
      wanted: true,
    }),
  };
}

const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;
const WHOLE_FRAME = 0xffff;

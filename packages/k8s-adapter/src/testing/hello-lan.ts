import { formatMac } from "@ingot/arp";
import { NO_TABLE } from "@ingot/ownership";
import { seededRandom, VirtualClock } from "@ingot/testkit";
import { Claims } from "../dataplane/claims.ts";
import type { HelloSocket } from "../dataplane/hello-ports.ts";
import type {
  ConflictSighting,
  DesiredGroup,
  DesiredState,
  OwnershipNews,
  OwnershipTask,
} from "../dataplane/messages.ts";

/** A LAN for hellos, and the speakers on it, in virtual time. */
export class HelloLan {
  readonly clock: VirtualClock = new VirtualClock(1_000);
  readonly speakers: Map<string, FakeSpeaker> = new Map();
  readonly #random = seededRandom(7);

  /** A speaker that has no key and knows of no group yet. */
  speaker(name: string, changes: Partial<OwnershipTask> = {}): FakeSpeaker {
    const { clock } = this;
    const socket = new FakeHelloSocket(this, name, this.speakers.size + 1);
    const did: string[] = [];
    const news: OwnershipNews[] = [];
    const conflicts: ConflictSighting[] = [];
    const failures: string[] = [];
    let left = false;
    const claims = new Claims({
      task: {
        node: name,
        mode: "even",
        helloPort: 7_472,
        helloIntervalMs: 75,
        helloMultiplier: 3,
        helloUnicast: false,
        proof: "take-over",
        ...changes,
      },
      boot: this.speakers.size + 1,
      clock,
      random: this.#random,
      openHello: (interfaceName) => {
        socket.interfaceName = interfaceName;
        return socket;
      },
      answering: {
        start: (address, places, probe) => did.push(`start ${address} [${places}] ${probe}`),
        stop: (address) => did.push(`stop ${address}`),
        repeat: (address) => did.push(`repeat ${address}`),
        ask: (on, address, mac) =>
          did.push(`ask ${address} on ${on} of ${mac === undefined ? "all" : formatMac(mac)}`),
        setFellowMacs: (macs) => did.push(`fellows ${macs.map(formatMac).sort()}`),
      },
      tell: (told) => news.push(told),
      conflict: (sighting) => conflicts.push(sighting),
      left: () => {
        left = true;
      },
      failed: (_, message) => failures.push(message),
    });
    const speaker = {
      name,
      claims,
      socket,
      did,
      news,
      conflicts,
      failures,
      hasLeft: () => left,
      crash: () => {
        socket.isUp = false;
        claims.close();
      },
    };
    this.speakers.set(name, speaker);
    return speaker;
  }

  /** Carries a datagram to every other speaker that is up, or to the one with an address. */
  carry(from: FakeHelloSocket, bytes: Uint8Array, to: string | undefined): void {
    for (const { socket } of this.speakers.values()) {
      if (socket === from || (to !== undefined && socket.address !== to)) continue;
      this.clock.setTimer(0.2, () => {
        if (socket.isUp && from.isUp) socket.onDatagram?.(bytes.slice(), from.address);
      });
    }
  }
}

/** A speaker, and all that it did and told. */
export interface FakeSpeaker {
  readonly name: string;
  readonly claims: Claims;
  readonly socket: FakeHelloSocket;
  readonly did: string[];
  readonly news: OwnershipNews[];
  readonly conflicts: ConflictSighting[];
  readonly failures: string[];
  hasLeft(): boolean;
  /** Its process is gone. */
  crash(): void;
}

/** A socket on a {@link HelloLan}. */
export class FakeHelloSocket implements HelloSocket {
  readonly mac: Uint8Array;
  readonly address: string;
  interfaceName = "";
  isUp = true;
  isClosed = false;
  /** How many datagrams went to all. */
  toAll = 0;
  /** Where the others went. */
  readonly sentTo: string[] = [];
  onDatagram: ((bytes: Uint8Array, from: string) => void) | undefined;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onOpenFailed: ((error: unknown) => void) | undefined;
  readonly #lan: HelloLan;

  constructor(lan: HelloLan, _node: string, number: number) {
    this.#lan = lan;
    this.mac = Uint8Array.of(2, 0, 0, 0, 0, number);
    this.address = `10.0.0.${number}`;
  }

  send(bytes: Uint8Array, to?: string): boolean {
    if (to?.startsWith("224.") === true) throw new RangeError(`to must be a host, got ${to}`);
    if (to === undefined) this.toAll += 1;
    else this.sentTo.push(to);
    if (!this.isUp) return false;
    this.#lan.carry(this, bytes, to);
    return true;
  }

  close(): void {
    this.isUp = false;
    this.isClosed = true;
  }
}

/** What two speakers share by default. */
export const SECRET: Uint8Array = new Uint8Array(32).fill(7);

/** The address of the one group. */
export const VIP = "192.0.2.10";

/** A group of one address that some nodes may have. */
export function group(
  eligible: readonly string[],
  changes: Partial<DesiredGroup> = {},
): DesiredGroup {
  return {
    name: "default/web",
    addresses: [VIP],
    table: NO_TABLE,
    eligible: new Map(eligible.map((node) => [node, 0])),
    interfaces: ["eth0"],
    places: [],
    ...changes,
  };
}

/** All that is desired: one group, or others. */
export function desired(
  groups: readonly DesiredGroup[],
  changes: Partial<DesiredState> = {},
): DesiredState {
  return { groups, secrets: [SECRET], neighbours: [], ...changes };
}

import { OctetReader } from "./octets.ts";
import type {
  MrtMessage,
  MrtPeers,
  MrtRecord,
  MrtRoute,
  MrtSession,
  MrtStateChange,
} from "./record.ts";

/**
 * The records of a file that a BGP router or a route collector has written, one after the other.
 *
 * @throws {RangeError} when a record is cut off, or runs past its own end: it says at which offset.
 * @see RFC 6396, RFC 8050
 */
export function* readMrt(file: Uint8Array): Generator<MrtRecord> {
  for (let at = 0; at < file.length; ) {
    try {
      const head = new OctetReader(file.subarray(at));
      const seconds = head.number(4);
      const [mrtType, subtype] = [head.number(2), head.number(2)];
      const octets = head.octets(head.number(4));
      yield read(mrtType, subtype, octets, 1_000 * seconds);
      at += HEADER_LENGTH + octets.length;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`record at offset ${at}: ${error.message}`, { cause: error });
    }
  }
}

const HEADER_LENGTH = 12;
const TABLE_DUMP_V2 = 13;
const BGP4MP = 16;
/** With microseconds before the rest. */
const BGP4MP_ET = 17;
const PEER_INDEX_TABLE = 1;
/** Address family of a table's routes by the subtype. */
const RIB_AFI: Readonly<Record<number, number>> = { 2: 1, 4: 2 };

function read(mrtType: number, subtype: number, octets: Uint8Array, timeMs: number): MrtRecord {
  const body = new OctetReader(octets);
  if (mrtType === BGP4MP) {
    const found = readSession(subtype, body, timeMs);
    if (found !== undefined) return found;
  }
  if (mrtType === BGP4MP_ET) {
    const found = readSession(subtype, body, timeMs + body.number(4) / 1_000);
    if (found !== undefined) return found;
  }
  if (mrtType === TABLE_DUMP_V2) {
    if (subtype === PEER_INDEX_TABLE) return readPeers(body, timeMs);
    const afi = RIB_AFI[subtype];
    if (afi !== undefined) return readRoute(afi, body, timeMs);
  }
  return { type: "other", timeMs, mrtType, subtype, octets };
}

/** What the subtypes of BGP4MP say of a record. */
const SUBTYPES: Readonly<
  Record<number, { as4?: true; local?: true; addPath?: true; state?: true }>
> = {
  0: { state: true },
  1: {},
  4: { as4: true },
  5: { as4: true, state: true },
  6: { local: true },
  7: { as4: true, local: true },
  8: { addPath: true },
  9: { as4: true, addPath: true },
  10: { local: true, addPath: true },
  11: { as4: true, local: true, addPath: true },
};

function readSession(
  subtype: number,
  body: OctetReader,
  timeMs: number,
): MrtMessage | MrtStateChange | undefined {
  const kind = SUBTYPES[subtype];
  if (kind === undefined) return undefined;
  const asnLength = kind.as4 ? 4 : 2;
  const [peerAsn, localAsn] = [body.number(asnLength), body.number(asnLength)];
  body.number(2); // index of an interface
  const lengthBytes = body.number(2) === 1 ? 4 : 16;
  const [peer, local] = [body.address(lengthBytes), body.address(lengthBytes)];
  const session: MrtSession = { peerAsn, localAsn, peer, local };
  if (kind.state) {
    return { type: "state", timeMs, ...session, from: body.number(2), to: body.number(2) };
  }
  return {
    ...{ type: "message", timeMs, ...session },
    fourOctetAs: kind.as4 === true,
    addPath: kind.addPath === true,
    isLocal: kind.local === true,
    message: body.octets(body.left),
  };
}

function readPeers(body: OctetReader, timeMs: number): MrtPeers {
  const collector = body.address(4);
  const view = new TextDecoder().decode(body.octets(body.number(2)));
  const peers = Array.from({ length: body.number(2) }, () => {
    const kind = body.number(1);
    const routerId = body.address(4);
    const address = body.address((kind & 0x01) === 0 ? 4 : 16);
    return { routerId, address, asn: body.number((kind & 0x02) === 0 ? 2 : 4) };
  });
  return { type: "peers", timeMs, collector, view, peers };
}

function readRoute(afi: number, body: OctetReader, timeMs: number): MrtRoute {
  body.number(4); // a sequence number
  const lengthBits = body.number(1);
  const address = body.octets((lengthBits + 7) >>> 3);
  const entries = Array.from({ length: body.number(2) }, () => ({
    peer: body.number(2),
    originatedMs: 1_000 * body.number(4),
    attributes: body.octets(body.number(2)),
  }));
  return { type: "route", timeMs, afi, prefix: Uint8Array.of(lengthBits, ...address), entries };
}

import { familyOf } from "../address.ts";
import { valueText } from "../config/field.ts";
import type {
  BfdProfileRecord,
  BfdTiming,
  BgpPeerRecord,
  NodeRecord,
  ObjectError,
  SecretRecord,
} from "../domain.ts";
import { compareText } from "./pools.ts";
import { anyMatches } from "./selection.ts";

/** A peer as this node talks to it; equal settings need no new session. */
export interface PeerSettings {
  /** Of the BGPPeer. */
  readonly name: string;
  readonly localAsn: number;
  readonly peerAsn: number | "internal" | "external";
  /** Empty until the router at the other end of `interface` is known. */
  readonly address: string;
  /** Empty where the peer has an address. */
  readonly interface: string;
  readonly port: number;
  /** Empty: as the routes have it. */
  readonly sourceAddress: string;
  /** 0 (none) or 3 to 65,535. */
  readonly holdTimeS: number;
  /** 0: a third of the hold time. */
  readonly keepaliveS: number;
  /** 0: the default. */
  readonly connectRetryMs: number;
  /** The VRF's device; empty: none. */
  readonly vrf: string;
  /** Empty: one is derived. */
  readonly routerId: string;
  /** Empty: no TCP MD5. */
  readonly password: string;
  readonly multiHop: boolean;
  readonly gracefulRestart: boolean;
  readonly dualStack: boolean;
  /** How BFD watches over the session; undefined: it does not. */
  readonly bfd: BfdTiming | undefined;
}

/** Whether a peer is of the same AS. */
export function isInternal({
  localAsn,
  peerAsn,
}: Pick<PeerSettings, "localAsn" | "peerAsn">): boolean {
  return peerAsn === "internal" || peerAsn === localAsn;
}

/** The peers of this node, and what is wrong with those that are not, or not in their newest form. */
export interface ResolvedPeers {
  /** By name, in name order. */
  readonly peers: ReadonlyMap<string, PeerSettings>;
  readonly rejected: readonly ObjectError[];
}

/** What {@link resolvePeers} settles. */
export interface PeerObjects {
  readonly peers: Iterable<BgpPeerRecord>;
  /** By key. */
  readonly secrets: ReadonlyMap<string, SecretRecord>;
  /** By key. */
  readonly profiles: ReadonlyMap<string, BfdProfileRecord>;
  /** This node, as far as it is known. */
  readonly node: NodeRecord | undefined;
}

/**
 * Settles which peers this node has. One that asks for what is not supported, or whose Secret is
 * missing, keeps the settings that it had, if it had any; of two with the same address the older
 * stays.
 */
export function resolvePeers(
  previous: ReadonlyMap<string, PeerSettings>,
  objects: PeerObjects,
): ResolvedPeers {
  const rejected: ObjectError[] = [];
  const accepted = new Map<string, PeerSettings>();
  const byEnd = new Map<string, string>();
  for (const peer of Array.from(objects.peers).sort(byAge)) {
    if (!anyMatches(peer.nodeSelectors, objects.node?.labels ?? {})) continue;
    const found = settingsOf(peer, objects);
    if ("message" in found) rejected.push(found);
    const settings = "message" in found ? previous.get(peer.name) : found;
    if (settings === undefined) continue;
    const end = endOf(settings);
    const other = byEnd.get(end);
    if (other !== undefined) {
      const [field, what] =
        settings.interface === "" ? (["peerAddress", "address"] as const) : INTERFACE;
      const value = valueText(settings.interface || settings.address);
      const message = `${value} is the ${what} of BGPPeer "${other}" already`;
      rejected.push(errorOf(peer, `spec.${field}`, message));
      continue;
    }
    byEnd.set(end, peer.name);
    accepted.set(peer.name, settings);
  }
  return { peers: new Map([...accepted].sort(([a], [b]) => compareText(a, b))), rejected };
}

const INTERFACE = ["interface", "interface"] as const;

/** Two peers of one end would be one peer. */
function endOf({ vrf, interface: device, address, port, sourceAddress }: PeerSettings): string {
  return [vrf, device, address, port, sourceAddress].join(" ");
}

function settingsOf(
  peer: BgpPeerRecord,
  { secrets, profiles }: PeerObjects,
): PeerSettings | ObjectError {
  const { name, unsupported, passwordSecret } = peer;
  if (unsupported !== "") return errorOf(peer, "spec", unsupported);
  const secret = secrets.get(`${peer.namespace}/${passwordSecret}`);
  if (passwordSecret !== "" && (secret === undefined || secret.password === "")) {
    const what =
      secret === undefined ? "no Secret of type kubernetes.io/basic-auth" : "no password";
    const message = `${what} in ${valueText(passwordSecret)}`;
    return errorOf(peer, "spec.passwordSecret.name", message);
  }
  const profile = profiles.get(`${peer.namespace}/${peer.bfdProfile}`);
  if (peer.bfdProfile !== "" && profile === undefined) {
    return errorOf(peer, "spec.bfdProfile", `no BFDProfile ${valueText(peer.bfdProfile)}`);
  }
  if (profile?.timing.echo === true && familyOf(peer.address) === 6) {
    const message = `BFDProfile ${valueText(peer.bfdProfile)} has echoMode, which IPv6 does not have`;
    return errorOf(peer, "spec.bfdProfile", message);
  }
  const { localAsn, peerAsn, address, port, sourceAddress } = peer;
  const { holdTimeS, keepaliveS, connectRetryMs, routerId } = peer;
  const { multiHop, gracefulRestart, dualStack, vrf } = peer;
  const ends = { name, localAsn, peerAsn, address, port, sourceAddress, vrf };
  const device = peer.interface;
  const password = secret?.password ?? peer.password;
  const times = { holdTimeS, keepaliveS, connectRetryMs };
  const ways = { routerId, password, multiHop, gracefulRestart, dualStack, bfd: profile?.timing };
  return { ...ends, interface: device, ...times, ...ways };
}

function errorOf(peer: BgpPeerRecord, field: string, message: string): ObjectError {
  return { kind: "bgpPeer", key: peer.key, field, message };
}

function byAge(a: BgpPeerRecord, b: BgpPeerRecord): number {
  return a.createdMs - b.createdMs || compareText(a.name, b.name);
}

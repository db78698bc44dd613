import { CapabilityCode } from "./constants.ts";
import type { Capability, Family } from "./message.ts";
import { checkFits, OctetWriter, read16, read32 } from "./octets.ts";

/**
 * Reads the value of an Optional Parameter that holds capabilities; undefined when one runs past its
 * end. A capability that is unknown, or known but malformed, is kept as it came: it is no reason to
 * refuse a session.
 *
 * @see RFC 5492 section 4
 */
export function decodeCapabilities(octets: Uint8Array): Capability[] | undefined {
  const capabilities: Capability[] = [];
  for (let at = 0; at < octets.length; ) {
    const end = at + 2 + (octets[at + 1] ?? 0);
    if (at + 2 > octets.length || end > octets.length) return undefined;
    capabilities.push(decodeCapability(octets[at] ?? 0, octets.slice(at + 2, end)));
    at = end;
  }
  return capabilities;
}

/**
 * Writes capabilities one after the other: code, length, value.
 *
 * @throws {RangeError} when a field does not fit, or a capability has more than 255 octets.
 */
export function encodeCapabilities(capabilities: readonly Capability[]): Uint8Array {
  const octets = new OctetWriter();
  for (const capability of capabilities) {
    const value = new OctetWriter();
    const code = putValue(capability, value);
    octets.put8("capability code", code);
    octets.put8(`length of capability ${code}`, value.length);
    octets.putOctets(value.toOctets());
  }
  return octets.toOctets();
}

function decodeCapability(code: number, bytes: Uint8Array): Capability {
  const read = READERS[code];
  return read?.(bytes) ?? { type: "other", code, bytes };
}

type Reader = (bytes: Uint8Array) => Capability | undefined;

/** Each answers undefined for octets that are not its own. */
const READERS: Readonly<Record<number, Reader>> = {
  [CapabilityCode.multiprotocol]: (bytes) =>
    bytes.length === 4 ? { type: "multiprotocol", ...familyAt(bytes, 0, 3) } : undefined,
  [CapabilityCode.routeRefresh]: (bytes) => flag("route-refresh", bytes),
  [CapabilityCode.enhancedRouteRefresh]: (bytes) => flag("enhanced-route-refresh", bytes),
  [CapabilityCode.extendedMessage]: (bytes) => flag("extended-message", bytes),
  [CapabilityCode.linkLocalNextHop]: (bytes) => flag("link-local-next-hop", bytes),
  [CapabilityCode.fourOctetAs]: (bytes) =>
    bytes.length === 4 ? { type: "four-octet-as", asn: read32(bytes, 0) } : undefined,
  [CapabilityCode.role]: (bytes) =>
    bytes.length === 1 ? { type: "role", role: bytes[0] ?? 0 } : undefined,
  [CapabilityCode.extendedNextHop]: (bytes) => {
    const families = readList(bytes, 6, (at) => ({
      ...familyAt(bytes, at, at + 3),
      nextHopAfi: read16(bytes, at + 4),
    }));
    // The reserved octet is the high one of a SAFI that has two here.
    return families && { type: "extended-next-hop", families };
  },
  [CapabilityCode.gracefulRestart]: (bytes) => {
    if (bytes.length < 2) return undefined;
    const families = readList(bytes.subarray(2), 4, (at) => ({
      ...familyAt(bytes, at + 2, at + 4),
      forwarding: ((bytes[at + 5] ?? 0) & 0x80) !== 0,
    }));
    const head = read16(bytes, 0);
    return (
      families && {
        type: "graceful-restart",
        restarting: (head & 0x8000) !== 0,
        notification: (head & 0x4000) !== 0,
        restartTimeS: head & 0x0fff,
        families,
      }
    );
  },
  [CapabilityCode.longLivedGracefulRestart]: (bytes) => {
    const families = readList(bytes, 7, (at) => ({
      ...familyAt(bytes, at, at + 2),
      forwarding: ((bytes[at + 3] ?? 0) & 0x80) !== 0,
      staleTimeS: read32(bytes, at + 3) & 0xff_ffff,
    }));
    return families && { type: "long-lived-graceful-restart", families };
  },
  [CapabilityCode.addPath]: (bytes) => {
    const families = readList(bytes, 4, (at) => ({
      ...familyAt(bytes, at, at + 2),
      mode: bytes[at + 3] ?? 0,
    }));
    return families && { type: "add-path", families };
  },
};

function flag(
  type: "route-refresh" | "enhanced-route-refresh" | "extended-message" | "link-local-next-hop",
  bytes: Uint8Array,
): Capability | undefined {
  return bytes.length === 0 ? { type } : undefined;
}

function familyAt(bytes: Uint8Array, afiAt: number, safiAt: number): Family {
  return { afi: read16(bytes, afiAt), safi: bytes[safiAt] ?? 0 };
}

/** Entries of a fixed length; undefined when they do not add up. */
function readList<T>(
  bytes: Uint8Array,
  entryLength: number,
  read: (at: number) => T,
): T[] | undefined {
  if (bytes.length % entryLength !== 0) return undefined;
  return Array.from({ length: bytes.length / entryLength }, (_, i) => read(i * entryLength));
}

/** Writes the value and answers the code. */
function putValue(capability: Capability, value: OctetWriter): number {
  switch (capability.type) {
    case "multiprotocol":
      value.put16("afi", capability.afi);
      value.put16("safi", capability.safi);
      return CapabilityCode.multiprotocol;
    case "route-refresh":
      return CapabilityCode.routeRefresh;
    case "enhanced-route-refresh":
      return CapabilityCode.enhancedRouteRefresh;
    case "extended-message":
      return CapabilityCode.extendedMessage;
    case "link-local-next-hop":
      return CapabilityCode.linkLocalNextHop;
    case "four-octet-as":
      value.put32("asn", capability.asn);
      return CapabilityCode.fourOctetAs;
    case "role":
      value.put8("role", capability.role);
      return CapabilityCode.role;
    case "extended-next-hop":
      for (const family of capability.families) {
        value.put16("afi", family.afi);
        value.put16("safi", family.safi);
        value.put16("nextHopAfi", family.nextHopAfi);
      }
      return CapabilityCode.extendedNextHop;
    case "graceful-restart":
      checkFits("restartTimeS", capability.restartTimeS, 0x0fff);
      value.put16(
        "restartTimeS",
        capability.restartTimeS |
          (capability.restarting ? 0x8000 : 0) |
          (capability.notification ? 0x4000 : 0),
      );
      for (const family of capability.families) {
        putFamily(value, family);
        value.put8("flags", family.forwarding ? 0x80 : 0);
      }
      return CapabilityCode.gracefulRestart;
    case "long-lived-graceful-restart":
      for (const family of capability.families) {
        putFamily(value, family);
        checkFits("staleTimeS", family.staleTimeS, 0xff_ffff);
        value.put32("staleTimeS", family.staleTimeS + (family.forwarding ? 0x8000_0000 : 0));
      }
      return CapabilityCode.longLivedGracefulRestart;
    case "add-path":
      for (const family of capability.families) {
        putFamily(value, family);
        value.put8("mode", family.mode);
      }
      return CapabilityCode.addPath;
    case "other":
      value.putOctets(capability.bytes);
      return capability.code;
  }
}

function putFamily(value: OctetWriter, { afi, safi }: Family): void {
  value.put16("afi", afi);
  value.put8("safi", safi);
}

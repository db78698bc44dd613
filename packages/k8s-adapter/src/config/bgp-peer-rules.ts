import type { Json } from "./json.ts";

/** A rule that the API server itself holds an object against, in CEL. */
interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly [name: string]: Json;
}

/** Longer ones are no addresses; the bound lets the API server work out what its rules can cost. */
export const LONGEST_ADDRESS = 64;

/** Whether text can be an address at all; which one it is, the speaker finds out. */
export const ADDRESS_RULES: readonly CelRule[] = [
  { rule: "self.matches('^[0-9A-Fa-f.:]*$')", message: "must be an IP address" },
];

/** For a router identifier. */
export const IDENTIFIER_RULES: readonly CelRule[] = [
  {
    rule: "self == '' || self.matches('^[0-9]{1,3}([.][0-9]{1,3}){3}$') && self != '0.0.0.0'",
    message: "must be an IPv4 address other than 0.0.0.0",
  },
];

/** For the time between attempts to connect. */
export const CONNECT_RULES: readonly CelRule[] = [
  {
    rule: "duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535 && duration(self).getMilliseconds() % 1000 == 0",
    message: "must be whole seconds from 1s to 65535s",
  },
];

/** For the hold time. */
export const HOLD_RULES: readonly CelRule[] = [
  {
    rule: "duration(self).getSeconds() == 0 || duration(self).getSeconds() >= 3 && duration(self).getSeconds() <= 65535",
    message: "must be 0s, or from 3s to 65535s",
  },
];

/** For a peer as a whole, in either version. */
export const PEER_RULES: readonly CelRule[] = [
  {
    rule: "!has(self.holdTime) || !has(self.keepaliveTime) || duration(self.keepaliveTime) <= duration(self.holdTime)",
    message: "keepaliveTime must be at most holdTime",
  },
  {
    rule: "!has(self.ebgpMultiHop) || !self.ebgpMultiHop || !has(self.peerASN) || self.peerASN != self.myASN",
    message: "ebgpMultiHop must not be true for a peer of the same AS",
  },
];

/** For what the newer version alone has. */
export const NEWER_PEER_RULES: readonly CelRule[] = [
  {
    rule: "(has(self.peerASN) && self.peerASN != 0) != has(self.dynamicASN)",
    message: "exactly one of peerASN and dynamicASN is needed",
  },
  {
    rule: "(has(self.peerAddress) && self.peerAddress != '') != (has(self.interface) && self.interface != '')",
    message: "exactly one of peerAddress and interface is needed",
  },
  {
    rule: "!has(self.password) || self.password == '' || !has(self.passwordSecret) || !has(self.passwordSecret.name) || self.passwordSecret.name == ''",
    message: "password and passwordSecret exclude each other",
  },
  {
    rule: "!has(self.ebgpMultiHop) || !self.ebgpMultiHop || !has(self.dynamicASN) || self.dynamicASN != 'internal'",
    message: "ebgpMultiHop must not be true for a peer of the same AS",
  },
];

/** As a schema's `meta` has them. */
export function celRules(rules: readonly CelRule[]): {
  readonly "x-kubernetes-validations": readonly CelRule[];
} {
  return { "x-kubernetes-validations": rules };
}

import { parseIpv6 } from "../address.ts";
import { captured } from "./captured.ts";

/** The hardware address of the interface under test. */
export const ours = 0x0200_0000_000b;

/** That of another interface of the same host. */
export const sibling = 0x0200_0000_0002;

/** That of another host. */
export const theirs = 0x0200_0000_000a;

/** 2001:db8::b, which is announced. */
export const vip = parseIpv6("2001:db8::b");

/** 2001:db8::c. */
export const other = parseIpv6("2001:db8::c");

/** The other host asks who has the address. */
export const solicitation = captured["a solicitation"].packet;

/** What chance says in these tests, and the nonce that it makes. */
export const random = (): number => 0.5;

/** As {@link random}. */
export const ourNonce: number = 2 ** 47;

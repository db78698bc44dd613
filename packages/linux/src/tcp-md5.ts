import type { IpAddress } from "./ip-address.ts";
import * as libc from "./libc.ts";
import { reasonOf } from "./reason.ts";
import { socketAddress } from "./socket-address.ts";

/** Those within `prefixLength` bits of an address. */
export interface PeerPrefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/**
 * Signs what goes to a peer, and drops what comes from it without that signature, from now on and
 * from the first packet on. No key takes the key away. @see RFC 2385
 *
 * @throws {Error} when the system cannot; the key is not in the message.
 */
export function setMd5Key(fd: number, peers: PeerPrefix, key: Uint8Array): void {
  const signature = encodeMd5Signature(peers, key);
  const whole = isWhole(peers);
  try {
    libc.setOption(fd, whole ? TCP_MD5SIG : TCP_MD5SIG_EXT, signature);
  } catch (error) {
    const code = error instanceof libc.SystemCallError ? error.code : undefined;
    // There was no key to take away.
    if (code === "ENOENT" && key.length === 0) return;
    const reason =
      code === "ENOMEM"
        ? "too many keys on one socket (net.core.optmem_max limits them)"
        : reasonOf(error);
    throw new Error(`password for ${prefixText(peers)}: ${reason}`, { cause: error });
  } finally {
    signature.fill(0);
  }
}

/**
 * The octets of a password.
 *
 * @throws {RangeError} when there are none, or too many; the password is not in the message.
 */
export function passwordOctets(password: string): Uint8Array {
  const octets = new TextEncoder().encode(password);
  const { length } = octets;
  if (length >= 1 && length <= MAX_KEY_BYTES) return octets;
  octets.fill(0);
  throw new RangeError(`password must have 1 to ${MAX_KEY_BYTES} octets, got ${length}`);
}

// struct tcp_md5sig, 216 octets
// |                       sockaddr_storage of the peer (128 octets) ...                   |
// |   flags   |prefix len |  key length (host)  |           interface index               |
// |       zero (32)       |                      key (80 octets) ...                      |
/** The structure as the kernel reads it: exported for its test. */
export function encodeMd5Signature(peers: PeerPrefix, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(216);
  const view = new DataView(bytes.buffer);
  // Keys belong to addresses: their port is 0.
  bytes.set(socketAddress(peers.address, 0));
  if (!isWhole(peers)) {
    view.setUint8(128, TCP_MD5SIG_FLAG_PREFIX);
    view.setUint8(129, peers.prefixLength);
  }
  view.setUint16(130, key.length, true);
  bytes.set(key, 136);
  return bytes;
}

/** Plain TCP_MD5SIG, which older kernels have as well, is for one address. */
function isWhole({ address, prefixLength }: PeerPrefix): boolean {
  return prefixLength === address.octets.length * 8;
}

function prefixText(peers: PeerPrefix): string {
  return isWhole(peers) ? peers.address.text : `${peers.address.text}/${peers.prefixLength}`;
}

const MAX_KEY_BYTES = 80;
const TCP_MD5SIG_FLAG_PREFIX = 0x1;
const TCP_MD5SIG: libc.SocketOption = { level: 6, number: 14, name: "TCP_MD5SIG" };
const TCP_MD5SIG_EXT: libc.SocketOption = { level: 6, number: 32, name: "TCP_MD5SIG_EXT" };

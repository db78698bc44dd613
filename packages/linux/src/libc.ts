import { getSystemErrorMap } from "node:util";
import { address, errno, type KoffiFunc, load } from "koffi";

// The one file that calls into the C library. Every function has a fixed signature, every length
// is taken from the octets themselves, and no pointer ever comes from a caller.

/** A system call that failed. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  /** Such as `EPERM`. */
  readonly code: string;
  readonly errno: number;
  /** Such as `socket`. */
  readonly syscall: string;

  constructor(syscall: string, number: number) {
    const [code, text] = describe(number);
    super(`${syscall} failed: ${code} (${text})`);
    this.code = code;
    this.errno = number;
    this.syscall = syscall;
  }
}

/**
 * A new socket that does not block and is not inherited by child processes.
 *
 * @throws {SystemCallError}
 */
export function socket(family: number, type: number, protocol: number): number {
  return check("socket", () =>
    bindings().socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol),
  );
}

/**
 * Binds to the address in a `sockaddr`.
 *
 * @throws {SystemCallError}
 */
export function bind(fd: number, sockaddr: Uint8Array): void {
  check("bind", () => bindings().bind(fd, sockaddr, sockaddr.length));
}

/** A socket option: its numbers, and the name that errors give it. */
export interface SocketOption {
  readonly level: number;
  readonly number: number;
  readonly name: string;
}

/**
 * Sets an option to the octets of its C type.
 *
 * @throws {SystemCallError}
 */
export function setOption(fd: number, option: SocketOption, value: Uint8Array): void {
  const { level, number, name } = option;
  check(`setsockopt(${name})`, () => bindings().setsockopt(fd, level, number, value, value.length));
}

/**
 * Attaches a classic BPF program, an array of at most 255 `struct sock_filter`.
 *
 * @throws {SystemCallError}
 */
export function attachFilter(fd: number, program: Uint8Array): void {
  filterArea.set(program);
  const sockFprog = new Uint8Array(16);
  const view = new DataView(sockFprog.buffer);
  view.setUint16(0, program.length / SOCK_FILTER_BYTES, true);
  view.setBigUint64(8, address(filterArea), true);
  setOption(fd, SO_ATTACH_FILTER, sockFprog);
}

/** Sends without waiting. Answers nothing when the system took it, and else why not: `ENETDOWN`. */
export function send(fd: number, bytes: Uint8Array): string | undefined {
  for (;;) {
    if (bindings().send(fd, bytes, bytes.length, MSG_DONTWAIT) >= 0) return undefined;
    const number = errno();
    if (number !== EINTR) return describe(number)[0];
  }
}

/** As {@link send}, to the address in a `sockaddr`. */
export function sendTo(fd: number, bytes: Uint8Array, sockaddr: Uint8Array): string | undefined {
  for (;;) {
    const { sendto } = bindings();
    if (sendto(fd, bytes, bytes.length, MSG_DONTWAIT, sockaddr, sockaddr.length) >= 0) {
      return undefined;
    }
    const number = errno();
    if (number !== EINTR) return describe(number)[0];
  }
}

/** Takes what has arrived, without waiting; undefined when that is nothing, and at the end. */
export function receive(fd: number, most: number): Uint8Array | undefined {
  const bytes = new Uint8Array(most);
  for (;;) {
    const length = Number(bindings().recv(fd, bytes, most, MSG_DONTWAIT));
    if (length > 0) return bytes.subarray(0, length);
    if (length === 0 || errno() !== EINTR) return undefined;
  }
}

/**
 * A second descriptor for what `fd` is open on.
 *
 * @throws {SystemCallError}
 */
export function duplicate(fd: number): number {
  return check("fcntl(F_DUPFD_CLOEXEC)", () => bindings().fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

/**
 * Makes `target` refer to what `fd` is open on, in one step; what `target` was before is closed.
 *
 * @throws {SystemCallError}
 */
export function duplicateOnto(fd: number, target: number): void {
  check("dup3", () => bindings().dup3(fd, target, SOCK_CLOEXEC));
}

/** Closes. There is nothing to be done about a failure: Linux has let go of the descriptor anyway. */
export function close(fd: number): void {
  bindings().close(fd);
}

/** Closes on a thread of libuv's pool: for a descriptor whose last close waits in the kernel. */
export function closeInBackground(fd: number): void {
  bindings().close.async(fd, () => {});
}

type Bytes = Uint8Array;

interface Bindings {
  readonly socket: KoffiFunc<(family: number, type: number, protocol: number) => number>;
  readonly bind: KoffiFunc<(fd: number, address: Bytes, length: number) => number>;
  readonly setsockopt: KoffiFunc<
    (fd: number, level: number, name: number, value: Bytes, length: number) => number
  >;
  readonly send: KoffiFunc<(fd: number, bytes: Bytes, length: number, flags: number) => number>;
  readonly sendto: KoffiFunc<
    (
      fd: number,
      bytes: Bytes,
      length: number,
      flags: number,
      address: Bytes,
      addressLength: number,
    ) => number
  >;
  readonly recv: KoffiFunc<(fd: number, bytes: Bytes, length: number, flags: number) => number>;
  readonly fcntl: KoffiFunc<(fd: number, command: number, argument: number) => number>;
  readonly dup3: KoffiFunc<(fd: number, target: number, flags: number) => number>;
  readonly close: KoffiFunc<(fd: number) => number>;
}

let bound: Bindings | undefined;

/** Bound at the first call, so that importing the package works (and does nothing) anywhere. */
function bindings(): Bindings {
  bound ??= bindAll();
  return bound;
}

function bindAll(): Bindings {
  // Structures are laid out by hand, and socket constants are those of these architectures.
  if (process.platform !== "linux" || !ARCHITECTURES.has(process.arch)) {
    const here = `${process.platform} ${process.arch}`;
    throw new Error(
      `these sockets need Linux on ${[...ARCHITECTURES].join(" or ")}, this is ${here}`,
    );
  }
  // No file name: the C library that Node itself runs on, be it glibc or musl.
  const libc = load(null);
  return {
    socket: libc.func("int socket(int, int, int)"),
    bind: libc.func("int bind(int, void *, uint32_t)"),
    setsockopt: libc.func("int setsockopt(int, int, int, void *, uint32_t)"),
    send: libc.func("long send(int, void *, size_t, int)"),
    sendto: libc.func("long sendto(int, void *, size_t, int, void *, uint32_t)"),
    recv: libc.func("long recv(int, _Out_ void *, size_t, int)"),
    fcntl: libc.func("int fcntl(int, int, int)"),
    dup3: libc.func("int dup3(int, int, int)"),
    close: libc.func("int close(int)"),
  };
}

function check(syscall: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    const number = errno();
    if (number !== EINTR) throw new SystemCallError(syscall, number);
  }
}

function describe(number: number): readonly [code: string, text: string] {
  return getSystemErrorMap().get(-number) ?? [`errno ${number}`, "unknown error"];
}

const ARCHITECTURES: ReadonlySet<string> = new Set(["x64", "arm64"]);
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SO_ATTACH_FILTER: SocketOption = { level: 1, number: 26, name: "SO_ATTACH_FILTER" };
const SOCK_FILTER_BYTES = 8;
/** The kernel copies a program from here: an address is but a number and keeps nothing alive. */
const filterArea = new Uint8Array(255 * SOCK_FILTER_BYTES);
const MSG_DONTWAIT = 0x40;
const F_DUPFD_CLOEXEC = 1030;
const EINTR = 4;

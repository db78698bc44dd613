import { SystemCallError } from "./libc.ts";

/** A socket that can be a member of some groups, as many as it has memory for. */
export interface GroupSocket {
  /** @throws {SystemCallError} `ENOMEM` when it is full. */
  join(group: string): void;
  leave(group: string): void;
  close(): void;
}

/**
 * Memberships in any number of multicast groups, on as many sockets as that takes: the kernel lets
 * one have some 2,300 (as much as `net.core.optmem_max` holds), on older kernels 365.
 */
export class GroupPool {
  readonly #open: () => GroupSocket;
  readonly #sockets = new Set<PooledSocket>();
  readonly #socketOf = new Map<string, PooledSocket>();

  constructor(open: () => GroupSocket) {
    this.#open = open;
  }

  /**
   * Joins, and if it is joined already leaves first: the kernel may have dropped the membership
   * without the socket's knowledge, which then refuses it as one that it has.
   *
   * @throws {SystemCallError} and is no member then.
   */
  join(group: string): void {
    this.leave(group);
    for (const socket of this.#sockets) if (this.#tryJoin(socket, group)) return;
    const fresh = { socket: this.#open(), groups: 0, full: false };
    this.#sockets.add(fresh);
    try {
      this.#tryJoin(fresh, group);
    } finally {
      this.#closeIfEmpty(fresh);
    }
  }

  /** Does nothing when it is no member. */
  leave(group: string): void {
    const socket = this.#socketOf.get(group);
    if (socket === undefined) return;
    this.#socketOf.delete(group);
    socket.groups -= 1;
    socket.full = false;
    if (socket.groups > 0) socket.socket.leave(group);
    this.#closeIfEmpty(socket);
  }

  /** Leaves them all. */
  close(): void {
    for (const { socket } of this.#sockets) socket.close();
    this.#sockets.clear();
    this.#socketOf.clear();
  }

  #tryJoin(socket: PooledSocket, group: string): boolean {
    if (socket.full) return false;
    try {
      socket.socket.join(group);
    } catch (error) {
      const isFull = error instanceof SystemCallError && error.code === "ENOMEM";
      if (!isFull || socket.groups === 0) throw error;
      socket.full = true;
      return false;
    }
    socket.groups += 1;
    this.#socketOf.set(group, socket);
    return true;
  }

  #closeIfEmpty(socket: PooledSocket): void {
    if (socket.groups > 0) return;
    this.#sockets.delete(socket);
    socket.socket.close();
  }
}

interface PooledSocket {
  readonly socket: GroupSocket;
  groups: number;
  full: boolean;
}

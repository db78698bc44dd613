import type { Key, SpeakerInterface, SpeakerRecord } from "../domain.ts";

/**
 * The nodes that have a speaker, whether it is heard or not, with the interfaces that it last told in
 * its Lease; this node with those that it sees. Who said goodbye is not among them.
 */
export class KnownSpeakers {
  readonly #self: string;
  readonly #interfaces = new Map<string, readonly SpeakerInterface[]>();
  readonly #nodes = new Map<Key, string>();

  constructor(self: string) {
    this.#self = self;
    this.#interfaces.set(self, []);
  }

  get interfaces(): ReadonlyMap<string, readonly SpeakerInterface[]> {
    return this.#interfaces;
  }

  /** Takes a sign of life in; returns whether anything but its time is news. */
  sign({ key, node, held, interfaces }: SpeakerRecord): boolean {
    if (node === this.#self) return false;
    this.#nodes.set(key, node);
    return held ? this.#set(node, interfaces) : this.#interfaces.delete(node);
  }

  /** A Lease is gone; returns whether that is news. */
  forget(key: Key): boolean {
    const node = this.#nodes.get(key);
    this.#nodes.delete(key);
    return node !== undefined && this.#interfaces.delete(node);
  }

  /** The interfaces that this node can announce on; returns whether they are others than before. */
  setOwn(interfaces: readonly SpeakerInterface[]): boolean {
    return this.#set(this.#self, interfaces);
  }

  #set(node: string, interfaces: readonly SpeakerInterface[]): boolean {
    const before = this.#interfaces.get(node);
    if (JSON.stringify(before) === JSON.stringify(interfaces)) return false;
    this.#interfaces.set(node, interfaces);
    return true;
  }
}

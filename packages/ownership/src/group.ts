import { addressFromBytes, addressToBytes } from "./address.ts";
import { type Eligible, inOrder, rank } from "./order.ts";
import { newer, type Table } from "./table.ts";

/** Addresses that are to be answered for by one node: those of a Service, and of all that share one. */
export interface Group {
  /** What facts call it. */
  readonly name: string;
  /** The first one decides the order where no table does. */
  readonly addresses: readonly string[];
  /** The controller's decision; {@link NO_TABLE} without one. */
  readonly table: Table;
  /** Every node that may answer, this one or another, with its preference score. */
  readonly eligible: Eligible;
  /** This node's interfaces where the addresses are at home; none means all. */
  readonly interfaces: readonly string[];
}

/** A group, the newest table that anybody told of it, and its order. */
export class KnownGroup {
  readonly group: Group;
  /** Canonical. */
  readonly addresses: readonly string[];
  #table: Table;
  #ranked: readonly string[] | undefined;

  /** @throws {TypeError} when an address is none; the message has its text. */
  constructor(group: Group) {
    this.group = group;
    this.addresses = group.addresses.map((text) => addressFromBytes(addressToBytes(text)));
    this.#table = group.table;
  }

  /** The newest known. */
  get table(): Table {
    return this.#table;
  }

  /** Whether the table is news. */
  learn(table: Table): boolean {
    const before = this.#table;
    this.#table = newer(before, table);
    return this.#table !== before;
  }

  /** Eligible nodes, in order. */
  order(): Iterable<string> {
    return inOrder(this.#table, this.group.eligible, () => {
      this.#ranked ??= rank(this.addresses[0] ?? "", this.group.eligible);
      return this.#ranked;
    });
  }
}

import { monotonicClock } from "./clock.ts";
import { type GroupChange, GroupLedger } from "./group-ledger.ts";
import { GroupPool } from "./group-pool.ts";
import { openGroupSocket } from "./group-socket.ts";
import { isolate } from "./isolate.ts";
import type { LinkMonitor, LinkNews } from "./links.ts";
import type { Link } from "./netlink.ts";

// The kernel keeps memberships while the interface is down and while disable_ipv6 is set. It drops
// them, and the socket does not know, when the interface is deleted and when its MTU falls below
// what IPv6 needs. A socket that leaves (or closes) afterwards takes the membership of whoever has
// joined meanwhile on an interface of the same index. So there is one holder for each interface, and
// it leaves before it joins.

/** The multicast groups of the interface of a name, whatever becomes of that interface. */
export class InterfaceGroups {
  /** Called when a group could not be joined; it is tried again each second. */
  onFailed: ((error: unknown) => void) | undefined;
  readonly #interface: string;
  readonly #links: LinkMonitor;
  readonly #ledger = new GroupLedger();
  readonly #stopObserving: () => void;
  #pool: { readonly interfaceIndex: number; readonly groups: GroupPool } | undefined;
  #turn: NodeJS.Immediate | undefined;
  #cancelRetry: () => void = () => {};

  constructor(name: string, links: LinkMonitor) {
    this.#interface = name;
    this.#links = links;
    this.#stopObserving = links.observe((news) => this.#hear(news));
    this.#follow();
  }

  /** Joins on the next turn of the event loop; counted. Returns what releases the group. */
  claim(group: string): () => void {
    const release = this.#ledger.claim(group);
    this.#workSoon();
    return () => {
      release();
      this.#workSoon();
    };
  }

  /** Leaves them all. */
  close(): void {
    this.#stopObserving();
    this.#closePool();
  }

  #hear(news: LinkNews): void {
    if (news.type === "address" || news.type === "addressGone") return;
    if (news.type === "resynced") this.#ledger.doubt();
    this.#follow();
  }

  #follow(): void {
    const link = this.#links.linkNamed(this.#interface);
    if (this.#pool !== undefined && !canKeep(this.#pool.interfaceIndex, link)) this.#closePool();
    if (link === undefined) return;
    this.#pool ??= {
      interfaceIndex: link.index,
      groups: new GroupPool(() => openGroupSocket(link.index)),
    };
    this.#workSoon();
  }

  #closePool(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#cancelRetry();
    this.#pool?.groups.close();
    this.#pool = undefined;
    this.#ledger.lose();
  }

  #workSoon(): void {
    if (this.#ledger.isSettled) return;
    const groups = this.#pool?.groups;
    if (groups !== undefined) this.#turn ??= setImmediate(() => this.#work(groups));
  }

  /** Joining thousands of groups takes a while: other sockets are served in between. */
  #work(groups: GroupPool): void {
    this.#turn = undefined;
    this.#cancelRetry();
    try {
      this.#ledger.settle(GROUPS_A_TURN, (change) => this.#carryOut(groups, change));
      this.#workSoon();
    } catch (error) {
      this.#cancelRetry = monotonicClock.setTimer(RETRY_MS, () => this.#workSoon());
      isolate(() => this.onFailed?.(error));
    }
  }

  #carryOut(groups: GroupPool, { type, group }: GroupChange): void {
    try {
      groups[type](group);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`cannot ${type} ${group} on ${this.#interface}: ${why}`, { cause });
    }
  }
}

function canKeep(interfaceIndex: number, link: Link | undefined): boolean {
  return link?.index === interfaceIndex && link.mtu >= IPV6_LEAST_MTU;
}

const IPV6_LEAST_MTU = 1280;
const GROUPS_A_TURN = 64;
/** Descriptors or memory may be short, or the interface cannot have IPv6 just now. */
const RETRY_MS = 1000;

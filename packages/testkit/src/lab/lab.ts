import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabNamespace } from "./namespace.ts";
import { makeNamespace } from "./netns.ts";
import { labObstacles } from "./obstacle.ts";
import type { LabProcess } from "./process.ts";
import { Reaper, type ReaperEntry } from "./reaper.ts";

/** How a lab is made. */
export interface LabOptions {
  /** Prefix of its namespaces: letters, digits and hyphens; a random one by default. */
  readonly name?: string;
}

/** One end of a {@link Lab.link}. */
export interface LinkEnd {
  readonly ns: LabNamespace;
  /** Of the interface, at most 15 characters. */
  readonly name: string;
  readonly mac?: string;
  /** With prefix lengths: `10.77.0.1/24`. */
  readonly addresses?: readonly string[];
  /** A bridge of the same namespace, which this end becomes a port of. */
  readonly bridge?: string;
}

/**
 * Hosts, bridges and cables made of network namespaces, and the processes that run in them.
 *
 * A process of its own, the reaper, learns of everything that is made here and takes it down when
 * this process is gone, however it went: no signal handler is needed and none is installed.
 */
export class Lab {
  readonly prefix: string;
  /** A scratch folder, removed when the lab is closed. */
  readonly directory: string;
  readonly #reaper: Reaper;
  readonly #namespaces = new Map<string, LabNamespace>();
  readonly #holders: LabProcess[] = [];
  #end: Promise<void> | undefined;

  private constructor(prefix: string) {
    this.prefix = prefix;
    this.#reaper = new Reaper();
    this.directory = mkdtempSync(join(tmpdir(), `${prefix}-`));
    this.#reaper.tell({ directory: this.directory });
  }

  /**
   * An empty lab. Works as root, and in a user namespace (`unshare -Urnm`).
   *
   * @throws {RangeError} when the name is not fit for a prefix.
   * @throws {Error} when something is missing here, with the command that cures it.
   */
  static async create(options: LabOptions = {}): Promise<Lab> {
    const { name = `lab${randomBytes(3).toString("hex")}` } = options;
    checkName("name", name);
    const missing = labObstacles().map(({ what, cure }) => `${what}: ${cure}`);
    if (missing.length > 0) throw new Error(`the network lab needs ${missing.join("; ")}`);
    return new Lab(name);
  }

  /**
   * Takes down a lab that was kept.
   *
   * @throws {Error} when the file cannot be read or something withstands; the file stays then.
   */
  static async destroy(stateFile: string): Promise<void> {
    const state = JSON.parse(readFileSync(stateFile, "utf8")) as State;
    const reaper = new Reaper();
    for (const entry of state.entries) reaper.tell(entry);
    await reaper.sweep();
    rmSync(stateFile, { force: true });
  }

  /**
   * Makes a namespace, its loopback up.
   *
   * @throws {Error} when the lab has one of that name, or is closed.
   */
  async namespace(name: string): Promise<LabNamespace> {
    checkName("name", name);
    if (this.#end !== undefined) throw new Error(`the lab ${this.prefix} is closed`);
    const { path, holder } = await makeNamespace(`${this.prefix}-${name}`, this.#reaper);
    if (holder !== undefined) this.#holders.push(holder);
    const namespace = new LabNamespace(name, path, this.#reaper);
    this.#namespaces.set(name, namespace);
    return namespace;
  }

  /** Makes a bridge in `ns`: up, without spanning tree, without multicast snooping. */
  async bridge(ns: LabNamespace, name: string): Promise<void> {
    await ns.ip([`link add ${name} type bridge mcast_snooping 0`, `link set dev ${name} up`]);
  }

  /** Makes a cable (a veth pair) with both ends up. */
  async link(a: LinkEnd, b: LinkEnd): Promise<void> {
    await a.ns.ip([`link add ${identity(a)} type veth peer ${identity(b)} netns ${b.ns.path}`]);
    await Promise.all([a.ns.ip(settings(a)), b.ns.ip(settings(b))]);
  }

  /**
   * Stops every process, deletes the namespaces and the scratch folder. Calling it again waits for
   * the same end; after {@link Lab.keep} it does nothing.
   *
   * @throws {Error} when something withstood.
   */
  close(): Promise<void> {
    this.#end ??= this.#takeDown();
    return this.#end;
  }

  /**
   * Lets the lab stay when this process ends: writes what {@link Lab.destroy} needs to `stateFile`
   * and closes the lab for use.
   *
   * @throws {Error} when a process that runs was started without a `logFile`: it would lose its output.
   */
  keep(stateFile: string): Promise<void> {
    if (this.#end !== undefined)
      return Promise.reject(new Error(`the lab ${this.prefix} is closed`));
    const running = this.#processes().filter((process) => process.running);
    const tied = running.filter((process) => !process.selfContained).map(({ title }) => title);
    if (tied.length > 0) {
      return Promise.reject(new Error(`cannot keep what has no logFile: ${tied.join("; ")}`));
    }
    const state: State = { prefix: this.prefix, entries: this.#reaper.told };
    writeFileSync(stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
    for (const process of [...running, ...this.#holders]) process.release();
    this.#end = this.#reaper.dismiss();
    return this.#end;
  }

  #processes(): readonly LabProcess[] {
    return [...this.#namespaces.values()].flatMap((namespace) => namespace.processes);
  }

  async #takeDown(): Promise<void> {
    await Promise.all(this.#processes().map((process) => process.stop()));
    await this.#reaper.sweep();
    await Promise.all(this.#holders.map((holder) => holder.exited));
  }
}

/** What a kept lab consists of. */
interface State {
  readonly prefix: string;
  readonly entries: readonly ReaperEntry[];
}

function identity({ name, mac }: LinkEnd): string {
  return `name ${name}${mac === undefined ? "" : ` address ${mac}`}`;
}

function settings({ name, bridge, addresses = [] }: LinkEnd): readonly string[] {
  return [
    ...(bridge === undefined ? [] : [`link set dev ${name} master ${bridge}`]),
    ...addresses.map((address) => `address add ${address} dev ${name}`),
    `link set dev ${name} up`,
  ];
}

function checkName(option: string, value: string): void {
  if (!/^[a-z0-9][a-z0-9-]*$/i.test(value)) {
    throw new RangeError(
      `${option} must be letters, digits and hyphens, got ${JSON.stringify(value)}`,
    );
  }
}

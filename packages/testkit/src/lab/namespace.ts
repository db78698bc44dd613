import { LabProcess, type SpawnOptions } from "./process.ts";
import type { Reaper } from "./reaper.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";

/** Where a packet leaves for a destination; at least one of `via` and `device`. */
export interface RouteTarget {
  readonly via?: string;
  readonly device?: string;
  /** The address that packets of this host carry on this road. */
  readonly source?: string;
}

/** A host of the lab: a network namespace, its loopback up. Made by {@link Lab.namespace}. */
export class LabNamespace {
  /** The name it was asked for by, without the lab's prefix. */
  readonly name: string;
  /** What `nsenter --net=` takes; `/run/netns/PREFIX-NAME` when the lab is run as root. */
  readonly path: string;
  readonly #reaper: Reaper;
  readonly #processes: LabProcess[] = [];

  /** Namespaces come from {@link Lab.namespace}. */
  constructor(name: string, path: string, reaper: Reaper) {
    this.name = name;
    this.path = path;
    this.#reaper = reaper;
  }

  /** The processes started here, ended ones included. */
  get processes(): readonly LabProcess[] {
    return this.#processes;
  }

  /**
   * Runs a program here to its end.
   *
   * @throws {Error} with what the program said, when it fails (unless allowed) or is not done in time.
   */
  exec(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run("nsenter", this.#enter(command, args), options, this.#title(command, args));
  }

  /**
   * Starts a program here; the lab stops it when it is closed. The pid is the program's own.
   *
   * A program that does not exist ends with code 127.
   *
   * @throws {Error} when nothing can be started.
   */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): LabProcess {
    const title = this.#title(command, args);
    const process = new LabProcess("nsenter", this.#enter(command, args), options, title);
    this.#reaper.tellProcess(process.pid);
    this.#processes.push(process);
    return process;
  }

  /**
   * Sets a kernel parameter of this namespace, such as `net.ipv4.ip_forward`. An interface name with
   * a dot in it needs the other spelling: `net/ipv4/conf/eth0.7/rp_filter`.
   */
  async sysctl(key: string, value: string | number): Promise<void> {
    const path = `/proc/sys/${key.includes("/") ? key : key.replaceAll(".", "/")}`;
    await this.exec("sh", ["-c", 'printf "%s\\n" "$2" > "$1"', "sh", path, `${value}`]);
  }

  /** Adds an address with its prefix length, such as `10.77.0.1/24`. */
  async addAddress(iface: string, cidr: string): Promise<void> {
    await this.exec("ip", ["address", "add", cidr, "dev", iface]);
  }

  /** Adds a route to a prefix or to `default`; the family follows from the addresses. */
  async addRoute(destination: string, target: RouteTarget): Promise<void> {
    const { via, device, source } = target;
    await this.exec("ip", [
      ...["route", "add", destination],
      ...(via === undefined ? [] : ["via", via]),
      ...(device === undefined ? [] : ["dev", device]),
      ...(source === undefined ? [] : ["src", source]),
    ]);
  }

  async setLink(iface: string, state: "up" | "down"): Promise<void> {
    await this.exec("ip", ["link", "set", "dev", iface, state]);
  }

  /** Runs many `ip` commands (`address add …`) in one process, and stops at the first that fails. */
  async ip(commands: readonly string[]): Promise<void> {
    const input = `${commands.join("\n")}\n`;
    // The commands are its title: `ip` names the one that failed by its line alone.
    const title = this.#title("ip -batch", [commands.join("; ")]);
    await run("nsenter", this.#enter("ip", ["-batch", "-"]), { input }, title);
  }

  /** Not `ip netns exec`, which mounts a new /sys each time. */
  #enter(command: string, args: readonly string[]): readonly string[] {
    return [`--net=${this.path}`, "--", command, ...args];
  }

  #title(command: string, args: readonly string[]): string {
    return [`[${this.name}]`, command, ...args].join(" ");
  }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@ingot/testkit";
import type { Kind, ServiceRecord } from "../domain.ts";
import { FolderSource } from "../source/folder.ts";
import type { WatchFolder } from "../source/folder-watch.ts";
import type { SourceEvent } from "../source/source.ts";
import { KeepingLogger } from "./keeping-logger.ts";
import { Moments } from "./moments.ts";

/** A pool that is right. */
export const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: lan
spec:
  addresses:
    - 192.0.2.0/24
`;

/** A Service that is right. */
export const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web, annotations: { metallb.io/address-pool: lan } }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
`;

/** Who tells a source that files changed: the test, the machine, or nobody. */
export type Teller = "test" | "machine" | "nobody";

/** A folder of manifests on the disk, and any number of sources that work from it. */
export class FolderBench {
  readonly #root = mkdtempSync(join(tmpdir(), "ingot-folder-"));
  readonly directory: string = join(this.#root, "manifests");
  readonly status: string = join(this.#root, "manifests-status");
  readonly #opened: OpenedSource[] = [];

  constructor() {
    mkdirSync(this.directory);
  }

  put(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  open(teller: Teller = "test"): OpenedSource {
    const opened = new OpenedSource(this.directory, teller);
    this.#opened.push(opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const { source } of this.#opened) await source.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** One source, in a time of its own. */
export class OpenedSource {
  readonly clock: VirtualClock = new VirtualClock();
  readonly logger: KeepingLogger = new KeepingLogger();
  readonly moments: Moments = new Moments();
  readonly events: SourceEvent[] = [];
  readonly source: FolderSource;
  readonly #directory: string;
  readonly #changes = new Map<string, (name: string | undefined) => void>();

  constructor(directory: string, teller: Teller) {
    this.#directory = directory;
    const watch: WatchFolder = (folder, changed) => {
      if (teller === "nobody") throw Object.assign(new Error("no"), { code: "EMFILE" });
      this.#changes.set(folder, changed);
      return () => this.#changes.delete(folder);
    };
    this.source = new FolderSource({
      directory,
      namespace: "metallb-system",
      clock: this.clock,
      logger: this.logger,
      wallClock: () => this.clock.now(),
      ...(teller === "machine" ? {} : { watch }),
    });
  }

  /** Starts it, and lets it look for the first time. */
  start(kinds: readonly Kind[] = ["service", "pool", "speaker"]): void {
    this.source.start(kinds, (event) => {
      this.events.push(event);
      this.moments.happened();
    });
    if (this.events.length > 0) throw new Error("listen was called from within start");
    this.clock.advance(0);
  }

  /** As the watch would tell it, and the time to settle after it. */
  changed(name: string, folder: string = this.#directory): void {
    this.#changes.get(folder)?.(name);
    this.clock.advance(100);
  }

  /** What was told since the last call, in short. */
  told(): string[] {
    return this.events.splice(0).map(short);
  }

  /** The Service that was told last. */
  service(): ServiceRecord {
    const event = this.events.findLast((e) => e.type === "put" && e.kind === "service");
    if (event?.type !== "put" || event.kind !== "service") throw new Error("no Service was told");
    return event.record;
  }
}

function short(event: SourceEvent): string {
  switch (event.type) {
    case "put":
      return `put ${event.kind} ${event.record.key}`;
    case "delete":
      return `delete ${event.kind} ${event.key}`;
    case "rejected":
      return `rejected ${event.error.key} ${event.error.message}`;
    case "synced":
      return `synced ${event.kind}`;
    case "connection":
      return `${event.connected ? "connected" : "disconnected"} ${event.kind}`;
  }
}

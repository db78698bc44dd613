import { resolve } from "node:path";
import type { Clock } from "../clock.ts";
import { OWNERSHIP_KEY_NAME } from "../config/ownership-key.ts";
import type { ConfigurationReport } from "../configuration-state.ts";
import type { Key, Kind } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import { type FileChange, FolderFiles, isManifestName } from "./folder-files.ts";
import { FolderIntake, isStateName } from "./folder-intake.ts";
import { FolderServiceStatuses } from "./folder-service-statuses.ts";
import { NO_STATE, nextState, stateFileName, versionOf } from "./folder-state.ts";
import { StatusFolder } from "./folder-status.ts";
import { FolderWatch, type WatchFolder, watchFolder } from "./folder-watch.ts";
import { FolderWorld } from "./folder-world.ts";
import { isUnfinished } from "./folder-writer.ts";
import { bothStatuses, type ServiceStatuses } from "./service-statuses.ts";
import type {
  OwnershipKeyWrite,
  PoolStatus,
  ReservationsWrite,
  ServiceEvent,
  ServiceStatus,
  Source,
  SourceEvent,
  SpeakerLease,
  WriteResult,
} from "./source.ts";

/** What a {@link FolderSource} works with. */
export interface FolderOptions {
  /** Of the manifests: `*.yaml`, `*.yml` and `*.json` in it, and not below. */
  readonly directory: string;
  /** Where results go. Default: the directory's name with `-status`. */
  readonly statusDirectory?: string;
  /** Of configuration objects that do not say theirs, and of Leases. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds since 1970. Default: the time of this machine. */
  readonly wallClock?: () => number;
  /** Default: `fs.watch`. */
  readonly watch?: WatchFolder;
}

/**
 * The world in a folder of manifests, with results in a folder beside it. Any number of processes
 * can share them: each sees what the others write as soon as the file is in its place.
 */
export class FolderSource implements Source {
  readonly description: string;
  /** Who shares a folder settles that by starting one controller. */
  readonly leaderLease: undefined = undefined;
  readonly #options: FolderOptions;
  readonly #status: StatusFolder;
  readonly #world = new FolderWorld();
  readonly #manifests: Place;
  readonly #services: Place;
  readonly #speakers: Place;
  readonly #keys: Place;
  readonly #layer2: Place;
  readonly #statuses: FolderServiceStatuses[] = [];
  readonly #nodes: Place;
  readonly #reservations: Place;
  #intake: FolderIntake | undefined;
  #kinds: readonly Kind[] = [];
  #listen: (event: SourceEvent) => void = () => {};
  #cancelRescan: () => void = () => {};
  #connected: boolean | undefined;
  #synced = false;
  /** This process decides about Services; it clears up after them as well. */
  #writesServices = false;
  #closed = false;

  constructor(options: FolderOptions) {
    const directory = resolve(options.directory);
    const { namespace, logger, statusDirectory, wallClock = Date.now } = options;
    this.description = `folder ${directory}`;
    this.#options = options;
    this.#status = new StatusFolder({
      directory: resolve(statusDirectory ?? `${directory}-status`),
      namespace,
      logger,
      wallClock,
    });
    const { services, speakers, keys, nodes } = this.#status;
    this.#manifests = this.#place(directory, isManifestName, SETTLE_MS, (change) =>
      this.#intake?.takeManifest(change),
    );
    this.#services = this.#place(services, isStateName, 0, (change) =>
      this.#intake?.takeState(change),
    );
    this.#speakers = this.#place(speakers, isManifestName, 0, (change) =>
      this.#intake?.takeSpeaker(change),
    );
    this.#nodes = this.#place(nodes, isManifestName, 0, (change) => this.#intake?.takeNode(change));
    this.#reservations = this.#place(this.#status.reservations, isManifestName, 0, (change) =>
      this.#intake?.takeReservations(change),
    );
    this.#keys = this.#place(keys, isManifestName, 0, (change) => this.#intake?.takeKey(change));
    this.#layer2 = this.#place(this.#status.layer2, isManifestName, 0, (change) =>
      this.#intake?.takeLayer2(change),
    );
  }

  start(kinds: readonly Kind[], listen: (event: SourceEvent) => void): void {
    const { clock, namespace, logger } = this.#options;
    this.#kinds = kinds;
    this.#listen = listen;
    this.#intake = new FolderIntake({ world: this.#world, kinds, namespace, logger });
    this.#cancelRescan = clock.setTimer(0, () => {
      this.#status.prepare();
      this.#rescan();
    });
  }

  /** What files say is known as soon as they are looked at. */
  async refresh(): Promise<void> {
    if (this.#intake !== undefined && this.#connected !== undefined) this.#rescan();
  }

  async writeServiceStatus(status: ServiceStatus): Promise<WriteResult> {
    this.#writesServices = true;
    return this.#status.inTurn(async () => {
      // Another process may have written since; its file decides, not our memory of it.
      this.#look(this.#services, [fileOf(status.key)]);
      const service = this.#world.service(status.key);
      if (service === undefined) return "gone";
      if (service.resourceVersion !== status.resourceVersion) return "conflict";
      const next = nextState(service.object, service.state, status);
      if (versionOf("", next) !== versionOf("", service.state)) {
        await this.#status.writeState(...namesOf(status.key), next);
        this.#look(this.#services, [fileOf(status.key)]);
      }
      return "written";
    });
  }

  async writePoolStatus(status: PoolStatus): Promise<WriteResult> {
    await this.#status.inTurn(() => this.#status.writePool(status));
    return "written";
  }

  async writeReservations(write: ReservationsWrite): Promise<WriteResult> {
    return this.#status.inTurn(async () => {
      this.#look(this.#reservations);
      if (this.#world.toldVersion("pool", write.key) !== write.resourceVersion) return "conflict";
      await this.#status.writeReservations(write);
      this.#look(this.#reservations);
      return "written";
    });
  }

  async markEvacuated(node: string, evacuated: boolean): Promise<void> {
    await this.#status.inTurn(() => this.#status.markEvacuated(node, evacuated));
    this.#look(this.#nodes);
  }

  async writeOwnershipKey(write: OwnershipKeyWrite): Promise<WriteResult> {
    return this.#status.inTurn(async () => {
      const file = `${OWNERSHIP_KEY_NAME}.yaml`;
      this.#look(this.#keys, [file]);
      const key = `${this.#options.namespace}/${OWNERSHIP_KEY_NAME}`;
      if (this.#world.toldVersion("ownershipKey", key) !== write.resourceVersion) return "conflict";
      await this.#status.writeKey(write);
      this.#look(this.#keys, [file]);
      return "written";
    });
  }

  reportConfiguration(report: ConfigurationReport | undefined): void {
    if (report === undefined) return;
    this.#status
      .inTurn(() => this.#status.writeConfiguration(report))
      .catch((error: unknown) => this.#options.logger.warn({}, textOf(error)));
  }

  serviceStatuses(node: string): ServiceStatuses {
    const common = { ...this.#options, node };
    const [layer2, bgp] = (["layer2", "bgp"] as const).map(
      (protocol) =>
        new FolderServiceStatuses({ ...common, protocol, directory: this.#status[protocol] }),
    ) as [FolderServiceStatuses, FolderServiceStatuses];
    this.#statuses.push(layer2, bgp);
    return bothStatuses(layer2, bgp);
  }

  emitEvent(event: ServiceEvent): Promise<void> {
    return this.#status.inTurn(() => this.#status.append(event));
  }

  renewSpeaker(lease: SpeakerLease): Promise<void> {
    return this.#status.inTurn(() => this.#status.renew(lease));
  }

  releaseSpeaker(node: string): Promise<void> {
    return this.#status.inTurn(() => this.#status.release(node));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRescan();
    for (const place of this.#places) {
      place.cancelLook();
      place.watch.close();
    }
    await Promise.all(this.#statuses.splice(0).map((statuses) => statuses.close()));
    await this.#status.inTurn(async () => {});
  }

  /** The manifests last: a Service must not be told as if it had no state. */
  get #places(): readonly Place[] {
    const of = (kind: Kind, place: Place) => (this.#kinds.includes(kind) ? [place] : []);
    return [
      this.#services,
      this.#speakers,
      ...of("ownershipKey", this.#keys),
      ...of("node", this.#nodes),
      ...of("pool", this.#reservations),
      ...of("l2Status", this.#layer2),
      this.#manifests,
    ];
  }

  #place(
    directory: string,
    isOfInterest: (name: string) => boolean,
    settleMs: number,
    take: (change: FileChange) => void,
  ): Place {
    const { logger, watch = watchFolder } = this.#options;
    const place: Place = {
      take,
      files: new FolderFiles({ directory, settleMs, isOfInterest }),
      watch: new FolderWatch({
        directory,
        watch,
        logger,
        changed: (name) => {
          if (name !== undefined && isUnfinished(name)) return;
          // A name that says nothing may be the folder's own, or the link to all of its files.
          this.#look(place, name !== undefined && isOfInterest(name) ? [name] : undefined);
        },
      }),
      cancelLook: () => {},
    };
    return place;
  }

  /** What a watch did not tell is found here, and a folder that was not there. */
  #rescan(): void {
    const places = this.#places;
    for (const place of places) place.watch.ensure();
    for (const place of places) this.#look(place);
    const watching = places.every(({ watch }) => watch.isWatching);
    this.#rescanIn(watching && this.#connected ? RESCAN_MS : POLL_MS);
  }

  #rescanIn(delayMs: number): void {
    this.#cancelRescan();
    this.#cancelRescan = this.#options.clock.setTimer(delayMs, () => this.#rescan());
  }

  #look(place: Place, only?: readonly string[]): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    place.cancelLook();
    const { changes, settledInMs, unreachable } = place.files.look(clock.now(), only);
    for (const change of changes) place.take(change);
    place.cancelLook = clock.setTimer(settledInMs, () => this.#look(place, []));
    // A folder that has just come to be may still be filled.
    const known =
      unreachable !== undefined || this.#synced || settledInMs === Number.POSITIVE_INFINITY;
    if (place === this.#manifests && known) this.#setConnected(unreachable);
    this.#tell();
  }

  #setConnected(unreachable: string | undefined): void {
    const connected = unreachable === undefined;
    if (this.#connected === connected) return;
    this.#connected = connected;
    const reason = unreachable ?? "";
    if (!connected) {
      this.#options.logger.warn({}, `${reason}; waiting for it`);
      this.#rescanIn(POLL_MS);
    }
    for (const kind of this.#kinds) this.#emit({ type: "connection", kind, connected, reason });
  }

  #tell(): void {
    // At the start the manifests are looked at last.
    if (this.#connected === undefined) return;
    for (const event of this.#world.changes()) {
      this.#emit(event);
      if (event.type === "delete" && event.kind === "service") this.#clearUp(event.key);
    }
    if (this.#synced || !this.#connected) return;
    this.#synced = true;
    for (const kind of this.#kinds) this.#emit({ type: "synced", kind });
  }

  #emit(event: SourceEvent): void {
    if (!this.#closed) this.#listen(event);
  }

  #clearUp(key: Key): void {
    if (!this.#writesServices) return;
    this.#status
      .inTurn(async () => {
        // It may have come back meanwhile.
        if (this.#world.service(key) !== undefined) return;
        await this.#status.writeState(...namesOf(key), NO_STATE);
      })
      .catch((error: unknown) => this.#options.logger.warn({ object: key }, textOf(error)));
  }
}

const SETTLE_MS = 100;
const RESCAN_MS = 5_000;
const POLL_MS = 250;

/** A folder that is watched. */
interface Place {
  readonly files: FolderFiles;
  readonly watch: FolderWatch;
  readonly take: (change: FileChange) => void;
  cancelLook: () => void;
}

function namesOf(key: Key): [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

function fileOf(key: Key): string {
  return stateFileName(...namesOf(key));
}

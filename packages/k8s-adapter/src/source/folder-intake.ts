import type { Key, Kind } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import type { FileChange } from "./folder-files.ts";
import { readManifest } from "./folder-manifest.ts";
import { readState } from "./folder-state.ts";
import type { FolderWorld } from "./folder-world.ts";

/** What a {@link FolderIntake} works with. */
export interface FolderIntakeOptions {
  readonly world: FolderWorld;
  readonly kinds: readonly Kind[];
  /** Of configuration objects that do not say theirs. */
  readonly namespace: string;
  readonly logger: Logger;
}

/**
 * Reads the files that changed into the world. What is wrong with an object is told by the world;
 * what is wrong with a file as a whole is logged here, too.
 */
export class FolderIntake {
  readonly #options: FolderIntakeOptions;
  readonly #manifestKinds: ReadonlySet<Kind>;
  readonly #speakerKinds: ReadonlySet<Kind>;
  readonly #keyKinds: ReadonlySet<Kind>;
  readonly #layer2Kinds: ReadonlySet<Kind>;

  constructor(options: FolderIntakeOptions) {
    this.#options = options;
    this.#manifestKinds = new Set(options.kinds.filter((kind) => !WRITTEN.includes(kind)));
    this.#speakerKinds = new Set(options.kinds.filter((kind) => kind === "speaker"));
    this.#keyKinds = new Set(options.kinds.filter((kind) => kind === "ownershipKey"));
    this.#layer2Kinds = new Set(options.kinds.filter((kind) => kind === "l2Status"));
  }

  /** A file of the manifests changed. */
  takeManifest(change: FileChange): void {
    this.#takeObjects(change, change.name, this.#manifestKinds);
  }

  /** A speaker's sign of life changed. */
  takeSpeaker(change: FileChange): void {
    this.#takeObjects(change, `speakers/${change.name}`, this.#speakerKinds);
  }

  /** It was noted that a node is evacuated, or no longer. */
  takeNode(change: FileChange): void {
    this.#takeNote("node", change, (name) => name);
  }

  /** The reservations of a pool changed. */
  takeReservations(change: FileChange): void {
    this.#takeNote("pool", change, (name) => `${this.#options.namespace}/${name}`);
  }

  /** The speakers' key changed. */
  takeKey(change: FileChange): void {
    this.#takeObjects(change, `keys/${change.name}`, this.#keyKinds);
  }

  /** What a node says about a Service that it answers for changed. */
  takeLayer2(change: FileChange): void {
    this.#takeObjects(change, `layer2/${change.name}`, this.#layer2Kinds);
  }

  /** The state of a Service changed. */
  takeState(change: FileChange): void {
    const { world, logger } = this.#options;
    const key = serviceOf(change.name);
    try {
      if (change.type === "unreadable") throw new Error(change.reason);
      world.setState(key, change.type === "gone" ? undefined : readState(change.text));
    } catch (error) {
      const file = `services/${change.name}`;
      const message = `${file} is broken: ${textOf(error)}; the state it held before stays`;
      logger.error({ file, object: key }, message);
    }
  }

  #takeNote(kind: "node" | "pool", change: FileChange, keyOf: (name: string) => Key): void {
    const { world, kinds, namespace } = this.#options;
    if (!kinds.includes(kind)) return;
    const key = keyOf(change.name.replace(/\.[a-z]+$/, ""));
    const text = change.type === "text" ? change.text : "";
    const manifest = readManifest(text, { kinds: new Set([kind]), namespace });
    const [note] = manifest.ok ? manifest.objects : [];
    world.setNote(kind, key, note?.key === key ? note : undefined);
  }

  #takeObjects(change: FileChange, file: string, kinds: ReadonlySet<Kind>): void {
    const { world, logger, namespace } = this.#options;
    if (change.type === "gone") {
      world.setFile(file, []);
      return;
    }
    if (change.type === "unreadable") {
      this.#breakFile(file, `${file}: ${change.reason}`);
      return;
    }
    const manifest = readManifest(change.text, { kinds, namespace });
    if (!manifest.ok) {
      const { line, message } = manifest;
      this.#breakFile(file, `${file} line ${line} is not YAML: ${message}`);
      return;
    }
    for (const { line, what, is } of manifest.strays) {
      if (is === "foreign") logger.debug({ file, line }, `${what} is of no interest`);
      else if (is === "elsewhere")
        logger.warn({ file, line }, `${what} is ignored: its namespace is not ${namespace}`);
      else logger.error({ file, line }, `${file} line ${line}: not a Kubernetes object: ${what}`);
    }
    for (const { kind, key, line, unknown } of manifest.objects) {
      for (const field of unknown) {
        const message = `${file} line ${line}: there is no field ${field}; it is ignored`;
        logger.warn({ kind, object: key, field }, message);
      }
    }
    world.setFile(file, manifest.objects);
  }

  #breakFile(file: string, message: string): void {
    const { world, logger } = this.#options;
    logger.error({ file }, `${message}; what it held stays in force`);
    world.breakFile(file, message);
  }
}

/** Kinds that the programs write; in a manifest they are of no interest. */
const WRITTEN: readonly Kind[] = ["speaker", "ownershipKey", "l2Status"];

/** Whether a file of this name can be the state of a Service. */
export function isStateName(name: string): boolean {
  return /^[^.].*\..*\.yaml$/.test(name);
}

function serviceOf(file: string): Key {
  return file.slice(0, -".yaml".length).replace(".", "/");
}

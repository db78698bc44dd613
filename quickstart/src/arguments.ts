import { parseArgs } from "node:util";

/** What the quick start was asked for. */
export interface QuickstartArguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  /** State file of a kept run that is to be taken down; empty: none. */
  readonly stop: string;
}

/** What `--help` prints. */
export const USAGE = `npm start [-- OPTIONS]

Builds a LAN with three nodes and a client in network namespaces of its own, runs Ingot on it from
a folder of manifests, and shows an address being given, answered for, and taken over.
Needs Linux, node, and iproute2; root, or user namespaces.

  --json        print one JSON document instead of the story
  --keep        leave everything running, and print how to look around and how to end it
  --stop FILE   take down what --keep left, as the file that it named says
  --help        this text
`;

/** @throws {Error} on an unknown option; the message names it. */
export function parseArguments(argv: readonly string[]): QuickstartArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      stop: { type: "string", default: "" },
    },
  });
  return values;
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KubeError } from "./kube-error.ts";
import type { KubeObject, ListPage, WatchEvent } from "./objects.ts";
import {
  type ReflectorInput,
  ReflectorMachine,
  type ReflectorOutput,
} from "./reflector-machine.ts";

const start: ReflectorInput = { type: "start" };
const opened: ReflectorInput = { type: "opened" };
const ended: ReflectorInput = { type: "ended" };
const tick: ReflectorInput = { type: "tick" };
const object = (name: string, version: number): KubeObject => ({
  metadata: { name, resourceVersion: `${version}` },
});
const change = (type: "put" | "delete", name: string, version: number): ReflectorInput => ({
  type: "event",
  event: { type, object: object(name, version) },
});
const initialEnd = (version: number): ReflectorInput => {
  const event: WatchEvent = {
    type: "bookmark",
    resourceVersion: `${version}`,
    initialEventsEnd: true,
  };
  return { type: "event", event };
};
const failed = (status: number): ReflectorInput => ({
  type: "failed",
  error: new KubeError(`${status}`, { status, reason: "Test" }),
});

describe("reflector machine before a server that fails it", () => {
  it("knows in the end what the server has, however badly it was told", () => {
    const step = fc.record({ name: fc.constantFrom("a", "b", "c"), gone: fc.boolean() });
    const fault = fc.constantFrom("none", "none", "repeat", "reset", "gone", "end");
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fault)), fc.boolean(), (steps, streams) => {
        const server = new ModelServer(streams);
        const told = new Map<string, string>();
        const made = new ReflectorMachine<string>({
          project: ({ metadata }) => metadata.resourceVersion,
          random: () => 0,
        });
        let now = 0;
        const run = (...inputs: readonly ReflectorInput[]) => {
          for (let queue = [...inputs]; queue.length > 0; ) {
            const input = queue.shift() as ReflectorInput;
            for (const output of made.handle(input, now)) {
              if (output.type !== "tell") queue = server.answer(output);
              else if (output.event.type === "put") {
                expect(told.get(output.event.key)).not.toBe(output.event.value);
                told.set(output.event.key, output.event.value);
              } else if (output.event.type === "delete") {
                expect(told.delete(output.event.key)).toBe(true);
              }
            }
          }
        };
        run(start);
        for (const [{ name: changed, gone }, trouble] of steps) {
          now += 700;
          const event = server.change(changed, gone);
          if (trouble === "gone") server.forget();
          if (trouble === "none" || trouble === "repeat") {
            if (event !== undefined) run(...(trouble === "repeat" ? [event, event] : [event]));
          } else run(trouble === "end" ? ended : failed(trouble === "gone" ? 410 : 0));
          if (now >= made.deadline) run(tick);
        }
        now = Math.max(now, Math.min(made.deadline, 1e9));
        run(tick);
        run(failed(0));
        now = made.deadline;
        run(tick);
        expect([...told].sort()).toEqual(server.everything());
      }),
    );
  });
});

/** What a server would answer at once to what the machine asks. */
class ModelServer {
  readonly #streams: boolean;
  readonly #objects = new Map<string, number>();
  #history: { readonly version: number; readonly input: ReflectorInput }[] = [];
  #oldest = 0;
  #version = 1;

  constructor(streams: boolean) {
    this.#streams = streams;
  }

  change(name: string, gone: boolean): ReflectorInput | undefined {
    if (gone && !this.#objects.has(name)) return undefined;
    this.#version += 1;
    if (gone) this.#objects.delete(name);
    else this.#objects.set(name, this.#version);
    const input = change(gone ? "delete" : "put", name, this.#version);
    this.#history.push({ version: this.#version, input });
    return input;
  }

  forget(): void {
    this.#history = [];
    this.#oldest = this.#version;
  }

  everything(): [string, string][] {
    return [...this.#objects].map(([n, v]): [string, string] => [n, `${v}`]).sort();
  }

  answer(output: ReflectorOutput<string>): ReflectorInput[] {
    const objects = [...this.#objects].map(([n, v]) => object(n, v));
    if (output.type === "list") {
      const first: ListPage = {
        resourceVersion: `${this.#version}`,
        next: output.next === "" && objects.length > 1 ? "1" : "",
        objects: output.next === "" ? objects.slice(0, 1) : objects.slice(1),
      };
      return [{ type: "page", page: first }];
    }
    if (output.type !== "watch") return [];
    if (output.resourceVersion === undefined) {
      if (!this.#streams) return [failed(422)];
      return [
        opened,
        ...[...this.#objects].map(([n, v]) => change("put", n, v)),
        initialEnd(this.#version),
      ];
    }
    const from = Number(output.resourceVersion);
    if (from < this.#oldest) return [failed(410)];
    const missed = this.#history.filter(({ version: v }) => v > from);
    return [opened, ...missed.map(({ input }) => input)];
  }
}

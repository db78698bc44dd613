import { describe, expect, it } from "vitest";
import type { Running } from "../options.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { type Interruption, supervise } from "./supervise.ts";

const SIGTERM: Interruption = { type: "signal", signal: "SIGTERM" };
const SIGINT: Interruption = { type: "signal", signal: "SIGINT" };

/** A promise, and what settles it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** A program that starts, stops and fails when the test says so. */
function supervised() {
  const logger = new KeepingLogger();
  const started = deferred<Running>();
  const failed = deferred<never>();
  const stopped = deferred<void>();
  const reasons: string[] = [];
  let interrupt: (interruption: Interruption) => void = () => {};
  const code = supervise({
    start: () => started.promise,
    interruptions: (listen) => {
      interrupt = listen;
    },
    logger,
    fatal: (fields, message) => logger.error(fields, message),
  });
  const stop = (reason: string) => {
    reasons.push(reason);
    return stopped.promise;
  };
  return {
    code,
    logger,
    reasons,
    start: () => started.resolve({ stop, failed: failed.promise }),
    cannotStart: (error: Error) => started.reject(error),
    fail: (error: Error) => failed.reject(error),
    stopped: () => stopped.resolve(),
    cannotStop: (error: Error) => stopped.reject(error),
    interrupt: (interruption: Interruption) => interrupt(interruption),
  };
}

describe("supervised program", () => {
  it.each([SIGTERM, SIGINT])("stops cleanly at %j, once, and exits with 0", async (signal) => {
    const program = supervised();
    program.start();
    program.interrupt(signal);
    program.stopped();
    expect(await program.code).toBe(0);
    expect(program.reasons).toEqual([signal.type === "signal" && signal.signal]);
    expect(program.logger.lines.at(-1)).toBe("info stopped {}");
  });

  it.each<[Interruption, number]>([
    [SIGTERM, 143],
    [SIGINT, 130],
  ])("ends at once at a second signal %j", async (signal, code) => {
    const program = supervised();
    program.start();
    program.interrupt(SIGTERM);
    program.interrupt(signal);
    expect(await program.code).toBe(code);
  });

  it("stops as soon as it has started when the signal came before", async () => {
    const program = supervised();
    program.interrupt(SIGTERM);
    expect(program.reasons).toEqual([]);
    program.start();
    program.stopped();
    expect(await program.code).toBe(0);
    expect(program.reasons).toEqual(["SIGTERM"]);
  });

  it("exits with 1 and one line when it cannot start", async () => {
    const program = supervised();
    program.cannotStart(new Error("--port: cannot listen"));
    expect(await program.code).toBe(1);
    expect(program.logger.lines.filter((line) => !line.startsWith("debug"))).toEqual([
      "error --port: cannot listen {}",
    ]);
  });

  it("exits with 1 when it cannot go on", async () => {
    const program = supervised();
    program.start();
    program.fail(new Error("the capability NET_RAW is missing"));
    expect(await program.code).toBe(1);
    expect(program.logger.lines[0]).toBe("error the capability NET_RAW is missing {}");
  });

  it("exits with 1 when it cannot stop cleanly", async () => {
    const program = supervised();
    program.start();
    program.interrupt(SIGTERM);
    program.cannotStop(new Error("could not say goodbye"));
    expect(await program.code).toBe(1);
    expect(program.logger.lines).toContain("error could not say goodbye {}");
  });

  it("lets a clean stop go on when something fails meanwhile", async () => {
    const program = supervised();
    program.start();
    program.interrupt(SIGTERM);
    program.fail(new Error("worker ended"));
    program.stopped();
    expect(await program.code).toBe(0);
    expect(program.logger.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  it("exits with 1 when it crashes, and logs the error whole", async () => {
    const program = supervised();
    program.start();
    program.interrupt({ type: "crash", error: new TypeError("x is not a function") });
    expect(await program.code).toBe(1);
    expect(program.logger.lines).toEqual([
      'error crashed, which is a bug: x is not a function {"err":{}}',
    ]);
  });

  it("tells one fault, the first", async () => {
    const program = supervised();
    program.start();
    program.fail(new Error("worker ended"));
    expect(await program.code).toBe(1);
    program.interrupt({ type: "crash", error: new Error("and then it crashed") });
    expect(program.logger.lines.filter((line) => line.startsWith("error"))).toEqual([
      "error worker ended {}",
    ]);
  });
});

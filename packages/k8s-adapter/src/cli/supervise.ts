import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";
import type { Running } from "../options.ts";

/** What ends a program from outside, or from a fault that nobody caught. */
export type Interruption =
  | { readonly type: "signal"; readonly signal: "SIGTERM" | "SIGINT" }
  | { readonly type: "crash"; readonly error: unknown };

/** Starts to tell interruptions. */
export type Interruptions = (listen: (interruption: Interruption) => void) => void;

/** What a program is run with. */
export interface Supervision {
  start(): Promise<Running>;
  readonly interruptions: Interruptions;
  readonly logger: Logger;
  /** Tells why the program ended; called at most once. */
  readonly fatal: (fields: object, message: string) => void;
}

/**
 * Runs a program to its end and answers its exit code: 0 after a clean stop, which the first signal
 * asks for; 128 and the signal's number at a second signal; 1 when it could not start, could not
 * go on, could not stop cleanly or crashed. Never rejects.
 */
export function supervise(supervision: Supervision): Promise<number> {
  const { start, interruptions, logger, fatal } = supervision;
  return new Promise((resolve) => {
    let stopping = false;
    let ended = false;
    const end = (code: number) => {
      ended = true;
      resolve(code);
    };
    const fail = (error: unknown) => {
      if (ended) return;
      fatal({}, textOf(error));
      logger.debug({ err: error }, "where that came from");
      end(1);
    };
    const running = start();
    running
      .then(({ failed }) => failed)
      .catch((error: unknown) => {
        if (stopping) logger.debug({ err: error }, "failed while stopping");
        else fail(error);
      });
    interruptions((interruption) => {
      if (ended) return;
      if (interruption.type === "crash") {
        const { error } = interruption;
        fatal({ err: error }, `crashed, which is a bug: ${textOf(error)}`);
        end(1);
        return;
      }
      const { signal } = interruption;
      if (stopping) {
        end(SIGNAL_EXIT_CODE[signal]);
        return;
      }
      stopping = true;
      logger.info({}, `${signal}: stopping; a second signal ends it at once`);
      running
        .then((program) => program.stop(signal))
        .then(() => {
          logger.info({}, "stopped");
          end(0);
        })
        .catch(fail);
    });
  });
}

const SIGNAL_EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

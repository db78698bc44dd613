import { monotonicClock } from "@ingot/linux";
import type { CommonOptions } from "../options.ts";
import { openSource } from "../sources.ts";
import { evacuate, undoEvacuation } from "./evacuate.ts";
import { move } from "./move.ts";
import { rebalanceAll } from "./rebalance.ts";
import type { Report } from "./report.ts";
import { reportLogger } from "./report-logger.ts";
import { listReservations } from "./reservations.ts";
import { rotateKey } from "./rotate-key.ts";
import { Scene } from "./scene.ts";

/** What every command of an operator is told. */
export type OperateOptions = Pick<
  CommonOptions,
  "namespace" | "lbClass" | "kubeconfig" | "manifests" | "statusDir"
> & {
  readonly ignoreExcludeLb: boolean;
  /** For how long it is waited for what was asked for. */
  readonly timeoutSeconds: number;
};

/** What an operator wants done. */
export type Order =
  | { readonly type: "move"; readonly service: string; readonly node: string }
  | { readonly type: "evacuate"; readonly node: string; readonly undo: boolean }
  | { readonly type: "rebalance"; readonly dryRun: boolean; readonly atATime: number }
  | { readonly type: "rotateKey" }
  | { readonly type: "reservations" };

/**
 * Carries out an order, and tells how it goes.
 *
 * @returns whether it was carried out in full.
 * @throws {Error} when it cannot be; the message says why.
 */
export async function operate(
  order: Order,
  options: OperateOptions,
  report: Report,
): Promise<boolean> {
  const clock = monotonicClock;
  const source = await openSource(options, "metallb-controller", clock, reportLogger(report));
  const timeoutMs = options.timeoutSeconds * 1_000;
  if (order.type === "rotateKey" || order.type === "reservations") {
    const act = order.type === "rotateKey" ? rotateKey : listReservations;
    try {
      return await act({ source, clock }, timeoutMs, report);
    } finally {
      await source.close();
    }
  }
  const scene = new Scene({ ...options, source, clock, wallClock: Date.now });
  try {
    await scene.open(READ_MS);
    switch (order.type) {
      case "move":
        return await move(scene, order.service, order.node, timeoutMs, report);
      case "evacuate":
        return order.undo
          ? await undoEvacuation(scene, order.node, report)
          : await evacuate(scene, order.node, timeoutMs, report);
      case "rebalance":
        return await rebalanceAll(scene, { ...order, timeoutMs }, report);
    }
  } finally {
    await scene.close();
  }
}

/** How long it may take to read everything. */
const READ_MS = 30_000;

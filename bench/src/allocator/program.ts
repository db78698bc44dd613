import { heapOf, timeOnce, timeWarm } from "./measurement.ts";
import { ownersOf, type Workload } from "./workload.ts";

// Measures one workload in a process of its own and prints the figures as JSON:
//
//   node --expose-gc program.js cold|warm WORKLOAD-AS-JSON
//   node --expose-gc --no-opt --no-maglev program.js heap WORKLOAD-AS-JSON

/** What to measure. */
export type Mode = "cold" | "warm" | "heap";

const [mode, text = ""] = process.argv.slice(2);
const workload = JSON.parse(text) as Workload;
const owners = ownersOf(workload);
const { gc } = globalThis;
if (gc === undefined) throw new Error("start node with --expose-gc");
const collect = () => gc();

const measure: Readonly<Record<Mode, () => unknown>> = {
  cold: () => timeOnce(workload, owners),
  warm: () => timeWarm(workload, owners, collect),
  heap: () => heapOf(workload, owners, collect),
};
process.stdout.write(JSON.stringify(measure[mode as Mode]()));

import { heapOf, timeWorkload } from "./measurement.ts";
import { ownersOf, type Workload } from "./workload.ts";

// Measures one workload in a process of its own and prints the figures as JSON:
//
//   node --expose-gc program.js time WORKLOAD-AS-JSON
//   node --expose-gc --no-opt --no-maglev program.js heap WORKLOAD-AS-JSON

const [mode, text = ""] = process.argv.slice(2);
const workload = JSON.parse(text) as Workload;
const owners = ownersOf(workload);
const { gc } = globalThis;
if (gc === undefined) throw new Error("start node with --expose-gc");
const collect = () => gc();
const figures =
  mode === "heap" ? heapOf(workload, owners, collect) : timeWorkload(workload, owners, collect);
process.stdout.write(JSON.stringify(figures));

import { measurePacking, type PackWorkload } from "./pack-measurement.ts";

// Packs the routes of one workload in a process of its own and prints the figures as JSON:
//
//   node --expose-gc pack-program.js WORKLOAD-AS-JSON

const workload = JSON.parse(process.argv[2] ?? "") as PackWorkload;
const { gc } = globalThis;
if (gc === undefined) throw new Error("start node with --expose-gc");
process.stdout.write(JSON.stringify(measurePacking(workload, () => gc())));

import { apiOfKubeconfig } from "@ingot/testkit";
import { ServiceLoad } from "./load.ts";

// One Service after the other, asked for and looked at from beside the API server, so that nothing else
// is in the way of what is measured:
//
//   node client-program.js KUBECONFIG PREFIX COUNT GAP-MS
//
// Prints a JSON array of what became of each.

/** What became of one Service, in milliseconds. */
export interface Served {
  readonly address: string;
  /** When it was asked for, by the wall clock. */
  readonly askedAt: number;
  /** From then on: until it was created, and until it had its address. */
  readonly createdMs: number;
  readonly addressMs: number;
}

const [kubeconfig = "", prefix = "", count = "0", gapMs = "0"] = process.argv.slice(2);
const api = apiOfKubeconfig(kubeconfig);
const load = await ServiceLoad.watch(api);
const served: Served[] = [];
for (let i = 0; i < Number(count); i += 1) {
  const name = `${prefix}-${i}`;
  await load.create([name], 1);
  const address = await load.address(name);
  const [createdMs = Number.NaN] = load.creationsMs([name]);
  const [addressMs = Number.NaN] = load.delaysMs([name]);
  const askedAt = performance.timeOrigin + load.askedAt(name);
  served.push({ address, askedAt, createdMs, addressMs });
  await new Promise((resolve) => setTimeout(resolve, Number(gapMs)));
}
load.close();
api.close();
process.stdout.write(`${JSON.stringify(served)}\n`);

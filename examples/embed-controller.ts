// A controller inside another program, working from a folder of manifests: no cluster is needed.
//
//   node examples/dist/embed-controller.js

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type ControllerOptions,
  electionOrder,
  type Logger,
  startController,
} from "@ingot/k8s-adapter";

const folder = mkdtempSync(join(tmpdir(), "ingot-example-"));
const options: ControllerOptions = {
  namespace: "metallb-system",
  lbClass: "",
  logLevel: "info",
  port: 0,
  healthProbePort: 0,
  kubeconfig: undefined,
  manifests: join(folder, "manifests"),
  statusDir: join(folder, "status"),
};
const say = (fields: object, message: string) =>
  console.log(`${message} ${JSON.stringify(fields)}`);
const logger: Logger = { debug: () => {}, info: say, warn: say, error: say, child: () => logger };

mkdirSync(join(folder, "manifests"));
writeFileSync(
  join(folder, "manifests", "web.yaml"),
  `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [192.168.1.240-192.168.1.250] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, ports: [{ protocol: TCP, port: 80 }] }
`,
);

const running = await startController(options, logger);
const status = join(folder, "status", "services", "default.web.yaml");
for (let look = 0; look < 500 && !existsSync(status); look += 1) await pause(10);
console.log(readFileSync(status, "utf8"));
await running.stop("the example is over");
rmSync(folder, { recursive: true });

// Which of three nodes a speaker would let answer for the address, and who comes next.
console.log(electionOrder(["node-a", "node-b", "node-c"], "192.168.1.240"));

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Running } from "../options.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { COMMANDS, type Io } from "./commands.ts";
import { CONTROLLER_FLAGS, SPEAKER_FLAGS, SPEAKER_IGNORED } from "./flags.ts";
import { OPERATOR_COMMANDS } from "./operator-commands.ts";
import { run } from "./run.ts";
import { VERSION } from "./version.ts";

/** Runs a command line; programs that start are stopped by a signal right away. */
async function ingot(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const logger = new KeepingLogger();
  const started: [program: string, options: object][] = [];
  let out = "";
  let err = "";
  const running: Running = { stop: async () => {}, failed: new Promise<never>(() => {}) };
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readFile: (path) => (path === "old.yaml" || path === "/dev/stdin" ? path : undefined),
    createLogger: (level) => {
      logger.debug({}, `logger of level ${level}`);
      return logger;
    },
    interruptions: (listen) => listen({ type: "signal", signal: "SIGTERM" }),
    programs: {
      startController: async (options) => {
        started.push(["controller", options]);
        return running;
      },
      startSpeaker: async (options) => {
        if (options.lbClass === "broken") throw new Error("cannot start");
        started.push(["speaker", options]);
        return running;
      },
      convert: async (text, namespace) =>
        namespace === "broken"
          ? { ok: false, message: "no" }
          : { ok: true, yaml: `${text} in ${namespace}\n` },
      operate: async (order, options, { say, warn }) => {
        started.push(["operate", { ...order, ...options }]);
        if (order.type !== "move") {
          warn("not all of it");
          return false;
        }
        say("done");
        return true;
      },
      crdYaml: async () => "kind: CustomResourceDefinition\n",
    },
  };
  const code = await run(argv, env, io);
  return { code, out, err, started, log: logger.lines };
}

describe("ingot", () => {
  it("runs the controller until a signal", async () => {
    const { code, started, log } = await ingot(["controller", "--lb-class", "x"]);
    expect(code).toBe(0);
    expect(started).toMatchObject([["controller", { lbClass: "x", port: 9120 }]]);
    expect(log).toContain(`info ingot controller starts {"version":"${VERSION}"}`);
  });

  it("lets a controller act alone that is told to", async () => {
    const { started } = await ingot(["controller", "--leader-elect=false"]);
    expect(started).toMatchObject([["controller", { leaderElect: false }]]);
  });

  it("runs the speaker, its node from the environment, its logger of the level asked for", async () => {
    const argv = ["speaker", "--log-level=warn"];
    const { code, started, log } = await ingot(argv, { METALLB_NODE_NAME: "n1" });
    expect(code).toBe(0);
    expect(started).toMatchObject([["speaker", { nodeName: "n1", logLevel: "warn" }]]);
    expect(log[0]).toContain("logger of level warn");
  });

  it("warns once of flags of MetalLB that it ignores", async () => {
    const { log } = await ingot(["speaker", "--node-name=n1", "--host=h", "--ml-labels=a=b"]);
    expect(log.filter((line) => line.startsWith("warn"))).toEqual([
      "warn ignored, as they have no meaning here: --host, --ml-labels {}",
    ]);
  });

  it("says on standard error why it could not start when nothing is logged", async () => {
    const argv = ["speaker", "--node-name=n1", "--lb-class=broken"];
    expect(await ingot([...argv, "--log-level=none"])).toMatchObject({
      code: 1,
      err: "ingot speaker: cannot start\n",
    });
    const logged = await ingot(argv);
    expect(logged).toMatchObject({ code: 1, err: "" });
    expect(logged.log).toContain("error cannot start {}");
  });

  it("prints the CRDs and nothing else", async () => {
    const { code, out, err } = await ingot(["crds"]);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "kind: CustomResourceDefinition\n",
      err: "",
    });
  });

  it.each([
    [["old.yaml"], "old.yaml in undefined\n"],
    [["--namespace", "lb", "old.yaml"], "old.yaml in lb\n"],
    [["-"], "/dev/stdin in undefined\n"],
    [[], "/dev/stdin in undefined\n"],
  ])("converts %j and prints the objects", async (argv, out) => {
    expect(await ingot(["convert", ...argv])).toMatchObject({ code: 0, out, err: "" });
  });

  it("exits with 1, and prints no object, when a configuration cannot be converted", async () => {
    const result = await ingot(["convert", "--namespace=broken", "old.yaml"]);
    expect(result).toMatchObject({ code: 1, out: "", err: "ingot: no\n" });
  });

  it.each([["version"], ["--version"]])("prints its version with %s", async (word) => {
    expect(await ingot([word])).toMatchObject({ code: 0, out: `ingot ${VERSION}\n` });
  });

  it("has the version of its package", () => {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({ version: VERSION });
  });

  it.each([["help"], ["--help"], ["-h"]])("shows every command with %s", async (word) => {
    const { code, out, err } = await ingot([word]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const { name, summary } of [...COMMANDS, ...OPERATOR_COMMANDS]) {
      expect(out).toMatch(new RegExp(`^ {2}${name} .*${summary.slice(0, 20)}`, "m"));
    }
  });

  it.each([...COMMANDS, ...OPERATOR_COMMANDS].map(({ name }) => [name]).concat([["help"]]))(
    "shows the same help of %s both ways, within 80 columns",
    async (name) => {
      const asked = await ingot(["help", name]);
      expect(asked).toMatchObject({ code: 0, err: "" });
      expect(asked.out).toMatch(new RegExp(`^Usage: ingot ${name}`));
      expect(Math.max(...asked.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
      expect((await ingot([name, "--help"])).out).toBe(asked.out);
    },
  );

  it.each([
    [["move", "web", "n2"], { type: "move", service: "default/web", node: "n2" }],
    [
      ["move", "shop/web", "n2", "--timeout=5", "--manifests=m"],
      { type: "move", service: "shop/web", node: "n2", timeoutSeconds: 5, manifests: "m" },
    ],
    [["evacuate", "n1"], { type: "evacuate", node: "n1", undo: false, timeoutSeconds: 300 }],
    [["evacuate", "--undo", "n1"], { type: "evacuate", node: "n1", undo: true }],
    [
      ["rebalance", "--dry-run"],
      { type: "rebalance", dryRun: true, atATime: 10, timeoutSeconds: 30 },
    ],
    [["rotate-key"], { type: "rotateKey" }],
    [["reservations"], { type: "reservations", timeoutSeconds: 30 }],
  ])(
    "gives the order of %j, and exits with 0 only when all of it was done",
    async (argv, order) => {
      const { code, out, err, started } = await ingot(argv);
      expect(started).toEqual([["operate", expect.objectContaining(order)]]);
      const isDone = order.type === "move";
      expect({ code, out, err }).toEqual(
        isDone
          ? { code: 0, out: "done\n", err: "" }
          : { code: 1, out: "", err: `ingot ${argv[0]}: not all of it\n` },
      );
    },
  );

  it("has every flag, its variable and its default in the help", async () => {
    const { out } = await ingot(["help", "speaker"]);
    for (const { name, placeholder, help, defaultText } of Object.values(SPEAKER_FLAGS)) {
      const variable = `METALLB_${name.toUpperCase().replaceAll("-", "_")}`;
      const head = placeholder === "" ? `--${name}` : `--${name} ${placeholder}`;
      const byDefault = defaultText === "" ? "" : `Default: ${defaultText}. `;
      expect(out).toContain(`  ${head}\n      ${help}\n      ${byDefault}${variable}\n`);
    }
    for (const { name } of SPEAKER_IGNORED) expect(out).toContain(`--${name}`);
    const own = Object.keys(CONTROLLER_FLAGS).filter((key) => !(key in SPEAKER_FLAGS));
    expect(own).toEqual(["leaderElect", "migrationAnnotations", "evacuateCordoned"]);
    const controller = await ingot(["help", "controller"]);
    expect(controller.out).toContain("Default: on. METALLB_LEADER_ELECT");
  });

  it.each([
    [
      [],
      "a command is missing: controller, speaker, crds, convert, version, move, evacuate, rebalance, rotate-key, reservations, help",
      "",
    ],
    [["speeker"], "unknown command speeker; did you mean speaker?", ""],
    [["constructor", "x"], "unknown command constructor", ""],
    [["help", "nothing-like-it"], "unknown command nothing-like-it", "help "],
    [["help", "crds", "speaker"], "unexpected argument speaker", "help "],
    [["convert", "nowhere.yaml"], "cannot read nowhere.yaml", "convert "],
    [["convert", "a", "b"], "unexpected argument b", "convert "],
    [["version", "please"], "unexpected argument please", "version "],
    [["crds", "--port=1"], "unknown flag --port", "crds "],
    [["controller", "--port=99999"], "--port must be 0..65535, got 99999", "controller "],
    [
      ["controller", "--manifests=a", "--kubeconfig=b"],
      "--manifests and --kubeconfig exclude each other",
      "controller ",
    ],
    [["move", "web"], "the Service and the node are missing: ingot move SERVICE NODE", "move "],
    [["move", "a/b/c", "n1"], "a Service is NAME or NAMESPACE/NAME, got a/b/c", "move "],
    [["evacuate"], "the node is missing: ingot evacuate NODE", "evacuate "],
    [["rebalance", "--at-a-time=0"], "--at-a-time must be 1..100, got 0", "rebalance "],
    [["rebalance", "n1"], "unexpected argument n1", "rebalance "],
    [["rotate-key", "--status-dir=a"], "--status-dir needs --manifests", "rotate-key "],
    [["controller", "--status-dir=a"], "--status-dir needs --manifests", "controller "],
  ])("exits with 2 for %j and points at the help", async (argv, message, about) => {
    const { code, out, err, started } = await ingot(argv);
    expect({ code, out, started }).toEqual({ code: 2, out: "", started: [] });
    expect(err).toBe(`ingot: ${message}\nRun "ingot ${about}--help" for help.\n`);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SpeakerOptions } from "../options.ts";
import { CONTROLLER_FLAGS, CONTROLLER_IGNORED, SPEAKER_FLAGS, SPEAKER_IGNORED } from "./flags.ts";
import { parseFlags } from "./parse.ts";
import { UsageError } from "./usage-error.ts";

const NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

type Env = Readonly<Record<string, string>>;
type Files = Readonly<Record<string, string>>;

function parseSpeaker(argv: readonly string[], env: Env = {}, files: Files = {}) {
  const readFile = (path: string) => files[path];
  return parseFlags(SPEAKER_FLAGS, SPEAKER_IGNORED, argv, { env, readFile });
}

function speaker(argv: readonly string[], env: Env = {}, files: Files = {}): SpeakerOptions {
  const parsed = parseSpeaker(["--node-name=n1", ...argv], env, files);
  if (parsed.help) throw new Error("expected options, got help");
  return parsed.options;
}

describe("flags of the speaker", () => {
  it("has MetalLB's defaults", () => {
    expect(speaker([])).toEqual({
      namespace: "metallb-system",
      nodeName: "n1",
      lbClass: "",
      logLevel: "info",
      port: 9120,
      healthProbePort: 17472,
      ignoreExcludeLb: false,
      kubeconfig: undefined,
      manifests: undefined,
      statusDir: undefined,
      stateDir: undefined,
      excludeInterfacesFile: undefined,
      gratuitousArpIntervalSeconds: 0,
      ownership: "even",
      helloPort: 7472,
      helloIntervalMs: 75,
      helloMultiplier: 3,
      helloUnicast: false,
      proof: "take-over",
    });
  });

  it.each<[string, keyof SpeakerOptions, unknown, string]>([
    // flag,              option,            value,    text
    ["namespace", "namespace", "lb", "lb"],
    ["node-name", "nodeName", "n2.example", "n2.example"],
    ["lb-class", "lbClass", "example.com/lb", "example.com/lb"],
    ["log-level", "logLevel", "all", "all"],
    ["port", "port", 0, "0"],
    ["health-probe-port", "healthProbePort", 65535, "65535"],
    ["kubeconfig", "kubeconfig", "admin.conf", "admin.conf"],
    ["manifests", "manifests", "objects", "objects"],
    ["status-dir", "statusDir", "results", "results"],
    ["state-dir", "stateDir", "kept", "kept"],
    ["exclude-interfaces-file", "excludeInterfacesFile", "list.yaml", "list.yaml"],
    ["gratuitous-arp-interval", "gratuitousArpIntervalSeconds", 60, "60"],
    ["ownership", "ownership", "hash", "hash"],
    ["hello-port", "helloPort", 7473, "7473"],
    ["hello-interval", "helloIntervalMs", 10, "10"],
    ["hello-multiplier", "helloMultiplier", 20, "20"],
    ["hello-unicast", "helloUnicast", true, "true"],
    ["proof", "proof", "report", "report"],
    ["ignore-exclude-lb", "ignoreExcludeLb", true, "true"],
  ])("reads --%s as a flag and from its variable", (flag, option, value, text) => {
    const variable = `METALLB_${flag.toUpperCase().replaceAll("-", "_")}`;
    expect(speaker([`--${flag}=${text}`])[option]).toEqual(value);
    const fromVariable = parseSpeaker(flag === "node-name" ? [] : ["--node-name=n1"], {
      [variable]: text,
    });
    expect(fromVariable).toMatchObject({ options: { [option]: value } });
    if (value !== true) {
      expect(speaker([`--${flag}`, text])[option]).toEqual(value);
    }
  });

  it("lets a flag go before its variable, the last of two flags count, an empty variable not", () => {
    expect(speaker(["--port=1"], { METALLB_PORT: "2" }).port).toBe(1);
    expect(speaker(["--port=1", "--port=3"]).port).toBe(3);
    expect(speaker([], { METALLB_PORT: "" }).port).toBe(9120);
  });

  it("does not mistake the address of a Service named metallb for a port", () => {
    expect(speaker([], { METALLB_PORT: "tcp://10.0.0.1:80" }).port).toBe(9120);
  });

  it("takes the namespace from flag, variable, Pod or default, in this order", () => {
    const env = { METALLB_NAMESPACE: "from-env" };
    const files = { [NAMESPACE_FILE]: "from-pod\n" };
    expect(speaker(["--namespace", "from-flag"], env, files).namespace).toBe("from-flag");
    expect(speaker([], env, files).namespace).toBe("from-env");
    expect(speaker([], {}, files).namespace).toBe("from-pod");
    expect(speaker([]).namespace).toBe("metallb-system");
  });

  it("reads a switch as Go does", () => {
    expect(speaker(["--ignore-exclude-lb"]).ignoreExcludeLb).toBe(true);
    expect(speaker(["--ignore-exclude-lb=F"]).ignoreExcludeLb).toBe(false);
    expect(speaker(["--ignore-exclude-lb=1"]).ignoreExcludeLb).toBe(true);
  });

  it.each([
    [["--port=99999"], "--port must be 0..65535, got 99999"],
    [["--port", "-1"], "--port must be 0..65535, got -1"],
    [["--port=1e3"], "--port must be 0..65535, got 1e3"],
    [["--health-probe-port="], '--health-probe-port must be 0..65535, got ""'],
    [
      ["--log-level=loud"],
      "--log-level must be one of all, debug, info, warn, error, none, got loud",
    ],
    [["--namespace=No/Such"], "--namespace must be the name of a namespace, got No/Such"],
    [["--node-name=a b"], '--node-name must be the name of a node, got "a b"'],
    [["--state-dir="], '--state-dir must be a path, got ""'],
    [["--hello-interval=9"], "--hello-interval must be 10..1000, got 9"],
    [["--hello-port=0"], "--hello-port must be 1024..65535, got 0"],
    [["--proof=maybe"], "--proof must be one of off, report, take-over, got maybe"],
    [["--gratuitous-arp-interval=90000"], "--gratuitous-arp-interval must be 0..86400, got 90000"],
    [["--ignore-exclude-lb=yes"], "--ignore-exclude-lb must be true or false, got yes"],
    [["--lb-class", "--port=1"], "--lb-class needs a value: --lb-class=VALUE"],
    [["--lb-class"], "--lb-class needs a value: --lb-class=VALUE"],
    [["--loglevel=debug"], "unknown flag --loglevel; did you mean --log-level?"],
    [["-port=1"], "unknown flag -port; did you mean --port?"],
    [["--xyzzyplugh"], "unknown flag --xyzzyplugh"],
    [
      ["--no-ignore-exclude-lb"],
      "unknown flag --no-ignore-exclude-lb; did you mean --ignore-exclude-lb?",
    ],
    [["now"], "unexpected argument now"],
    [["--", "--port=1"], "unexpected argument --port=1"],
  ])("refuses %j", (argv, message) => {
    expect(() => speaker(argv)).toThrow(new UsageError(message));
  });

  it("names the variable when that is wrong", () => {
    expect(() => speaker([], { METALLB_PORT: "http" })).toThrow(
      new UsageError("METALLB_PORT must be 0..65535, got http"),
    );
  });

  it("must be told its node", () => {
    expect(() => parseSpeaker([])).toThrow(
      new UsageError("--node-name (or METALLB_NODE_NAME) must be given"),
    );
  });

  it.each([["--help"], ["-h"], ["--port=x", "--help"]])("asks for help with %j", (...argv) => {
    expect(parseSpeaker(argv)).toEqual({ help: true });
  });

  it("answers any arguments with options, help or its own error", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "--port",
        "--lb-class=",
        "--ml-labels",
        "-h",
        "--",
        "-",
        "--=",
        "--__proto__",
      ),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          parseSpeaker(argv, { METALLB_NODE_NAME: "n1" });
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe("flags of MetalLB without a meaning here", () => {
  it("are accepted by the speaker and named", () => {
    const parsed = parseSpeaker([
      ...["--ml-bindaddr", "10.0.0.1", "--ml-wan-config", "--node-name=n1"],
      ...["--frrk8s-secret-passthrough=true", "--tls-min-version=VersionTLS12", "--port=1"],
    ]);
    expect(parsed).toMatchObject({
      options: { nodeName: "n1", port: 1 },
      ignored: [
        "--tls-min-version",
        "--ml-bindaddr",
        "--ml-wan-config",
        "--frrk8s-secret-passthrough",
      ],
    });
  });

  it("are accepted by the controller and named", () => {
    const argv = ["--webhook-mode", "disabled", "--disable-cert-rotation", "--cert-dir=certs"];
    const surroundings = { env: {}, readFile: () => undefined };
    expect(parseFlags(CONTROLLER_FLAGS, CONTROLLER_IGNORED, argv, surroundings)).toMatchObject({
      options: { port: 9120 },
      ignored: ["--cert-dir", "--disable-cert-rotation", "--webhook-mode"],
    });
  });
});

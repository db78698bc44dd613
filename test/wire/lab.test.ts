import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isRunning } from "../support/processes.ts";
import { suite } from "../support/suite.ts";

suite("lab", ["netns"], () => {
  let lab: Lab;

  beforeEach(async () => {
    lab = await Lab.create();
  });

  afterEach(() => lab.close());

  it("carries IPv4 and IPv6 between two hosts on a bridge, and no more when a port is down", async () => {
    const [sw, a, b] = await Promise.all([
      lab.namespace("sw"),
      lab.namespace("a"),
      lab.namespace("b"),
    ]);
    await lab.bridge(sw, "lan");
    await Promise.all([
      lab.link(
        { ns: a, name: "eth0", addresses: ["192.0.2.1/24", "2001:db8::1/64"] },
        { ns: sw, name: "a", bridge: "lan" },
      ),
      lab.link(
        { ns: b, name: "eth0", mac: "02:00:00:00:00:0b", addresses: ["192.0.2.2/24"] },
        { ns: sw, name: "b", bridge: "lan" },
      ),
    ]);
    await b.addAddress("eth0", "2001:db8::2/64");
    const server = b.spawn("node", ["-e", SERVER]);
    await server.waitForLine(/^ready$/, 10_000);
    const ask = (host: string) => a.exec("node", ["-e", CLIENT, host], { allowFailure: true });
    expect(await ask("192.0.2.2")).toEqual({ code: 0, stdout: "::ffff:192.0.2.1", stderr: "" });
    expect(await ask("2001:db8::2")).toEqual({ code: 0, stdout: "2001:db8::1", stderr: "" });
    const neighbours = await a.exec("ip", ["neighbour", "show", "192.0.2.2"]);
    expect(neighbours.stdout).toContain("02:00:00:00:00:0b");
    await sw.setLink("b", "down");
    expect((await ask("192.0.2.2")).code).toBe(9);
  });

  it("starts every namespace alike, and sets parameters and routes", async () => {
    const [host, router] = await Promise.all([lab.namespace("host"), lab.namespace("router")]);
    await lab.link(
      { ns: host, name: "eth0", addresses: ["2001:db8::1/64"] },
      { ns: router, name: "eth0" },
    );
    const read = async (path: string) =>
      (await host.exec("cat", [`/proc/sys/net/${path}`])).stdout.trim();
    expect(await read("ipv6/conf/eth0/accept_dad")).toBe("0");
    expect(await read("ipv4/ip_forward")).toBe("0");
    await host.sysctl("net.ipv4.ip_forward", 1);
    expect(await read("ipv4/ip_forward")).toBe("1");
    await expect(host.sysctl("net.ipv4.no_such_thing", 1)).rejects.toThrow(/no_such_thing/);
    await host.addRoute("198.51.100.0/24", { device: "eth0" });
    await host.addRoute("default", { via: "2001:db8::2", source: "2001:db8::1" });
    const routes = async (family: string) =>
      (await host.exec("ip", [family, "route", "show"])).stdout;
    expect(await routes("-4")).toContain("198.51.100.0/24 dev eth0");
    expect(await routes("-6")).toContain("default via 2001:db8::2 dev eth0 src 2001:db8::1");
  });

  it("runs a program to its end: input, environment, failure, time limit", async () => {
    const host = await lab.namespace("host");
    const cat = await host.exec("sh", ["-c", 'cat; echo "$COLOUR"'], {
      input: "in ",
      env: { COLOUR: "blue" },
    });
    expect(cat).toEqual({ code: 0, stdout: "in blue\n", stderr: "" });
    const fail = ["-c", "echo no >&2; exit 3"];
    await expect(host.exec("sh", fail)).rejects.toThrow(/code 3: \[host\] sh .*: no$/);
    expect(await host.exec("sh", fail, { allowFailure: true })).toMatchObject({ code: 3 });
    const slow = host.exec("sh", ["-c", "sleep 60 & wait"], { timeoutMs: 50, allowFailure: true });
    await expect(slow).rejects.toThrow(/not done after 50 ms/);
  });

  it("shows what a process prints, from a pipe and from a log file", async () => {
    const host = await lab.namespace("host");
    const lines: string[] = [];
    const piped = host.spawn("sh", ["-c", "echo out; echo err >&2; exit 4"], {
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    expect(await piped.exited).toEqual({ code: 4, signal: null });
    expect(lines.sort()).toEqual(["stderr: err", "stdout: out"]);
    await expect(piped.waitForLine(/never/, 1_000)).rejects.toThrow(/ended \(code 4\)[\s\S]*out/);

    const logFile = join(lab.directory, "host.log");
    writeFileSync(logFile, "before\n");
    const logged = host.spawn("sh", ["-c", "echo one; echo two >&2; exec sleep 60"], { logFile });
    expect(await logged.waitForLine(/^t/, 5_000)).toBe("two");
    expect(logged.lines).toEqual(["one", "two"]);
    await expect(logged.waitForLine(/three/, 10)).rejects.toThrow(/ran for 10 ms/);
    await logged.stop();
    expect(await logged.exited).toEqual({ code: null, signal: "SIGTERM" });
    expect(readFileSync(logFile, "utf8")).toBe("before\none\ntwo\n");
  });

  it("kills a process that will not stop", async () => {
    const host = await lab.namespace("host");
    const stubborn = host.spawn("sh", [
      "-c",
      "trap '' TERM; echo ready; while :; do sleep 1; done",
    ]);
    await stubborn.waitForLine(/ready/, 5_000);
    await stubborn.stop("SIGTERM", 50);
    expect(await stubborn.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(stubborn.running).toBe(false);
  });

  it("leaves nothing behind when it is closed, and can be closed twice", async () => {
    const host = await lab.namespace("host");
    const shell = host.spawn("sh", ["-c", "setsid sleep 300 & echo $!; wait"]);
    const grandchild = Number(await shell.waitForLine(/^\d+$/, 5_000));
    await Promise.all([lab.close(), lab.close()]);
    expect([shell.pid, grandchild].filter(isRunning)).toEqual([]);
    expect([host.path, lab.directory].filter(existsSync)).toEqual([]);
    await expect(lab.namespace("late")).rejects.toThrow(/closed/);
  });

  it("refuses a name that another lab has, and leaves that one alone", async () => {
    const other = await Lab.create({ name: lab.prefix });
    const host = await lab.namespace("host");
    try {
      // Only named namespaces can clash; those of a user namespace have no names.
      if (host.path.startsWith("/run/")) {
        await expect(other.namespace("host")).rejects.toThrow(/already/);
      }
    } finally {
      await other.close();
    }
    expect(existsSync(host.path)).toBe(true);
  });

  it("does not hit a process that was given the pid of one of its own", async () => {
    const host = await lab.namespace("host");
    const innocent = host.spawn("sleep", ["300"]);
    const folder = mkdtempSync(join(tmpdir(), "lab-test-"));
    const stateFile = join(folder, "state.json");
    try {
      const entry = { process: innocent.pid, startTime: "1" };
      writeFileSync(stateFile, JSON.stringify({ prefix: "gone", entries: [entry] }));
      await Lab.destroy(stateFile);
      expect(existsSync(stateFile)).toBe(false);
      expect(innocent.running && isRunning(innocent.pid)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("names what is wrong with a prefix", async () => {
    await expect(Lab.create({ name: "a b" })).rejects.toThrow(/name must be .* got "a b"/);
  });
});

const SERVER = `
require("node:net")
  .createServer((socket) => socket.end(socket.remoteAddress))
  .listen(80, "::", () => console.log("ready"));
`;

const CLIENT = `
const socket = require("node:net").connect(80, process.argv[1]);
socket.pipe(process.stdout);
socket.on("error", () => process.exit(9));
socket.setTimeout(1_000, () => process.exit(9));
`;

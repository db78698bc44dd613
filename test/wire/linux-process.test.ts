import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const refused = fileURLToPath(new URL("./linux-refused.mjs", import.meta.url));
const workers = fileURLToPath(new URL("./linux-workers.mjs", import.meta.url));

let lab: Lab;
let host: LabNamespace;

async function setUp(): Promise<void> {
  lab = await Lab.create();
  host = await lab.namespace("host");
  await host.ip(["link add d0 type veth peer p0", "link set d0 up", "link set p0 up"]);
}

suite("a process without CAP_NET_RAW", ["netns", "setpriv"], () => {
  beforeEach(setUp);
  afterEach(() => lab.close());

  it.each(["d0", "not-there-yet"])(
    "is told what it lacks and how to get it on %s",
    async (name) => {
      const args = ["--bounding-set", "-net_raw", process.execPath, refused, name];
      const { stdout } = await host.exec("setpriv", args);
      expect(JSON.parse(stdout)).toEqual({
        expected: true,
        capability: "CAP_NET_RAW",
        code: "EPERM",
        message: expect.stringContaining(
          `an ARP socket on ${name} needs CAP_NET_RAW, which this process lacks`,
        ),
      });
      for (const cure of ["root", `setcap cap_net_raw+ep ${process.execPath}`, "add: [NET_RAW]"]) {
        expect(stdout).toContain(cure);
      }
    },
  );

  it("needs no other capability", async () => {
    const args = ["--bounding-set", "-all,+net_raw", process.execPath, refused, "d0"];
    expect(JSON.parse((await host.exec("setpriv", args)).stdout)).toEqual({ opened: true });
  });
});

suite("a process in another user namespace", ["netns", "userns"], () => {
  beforeEach(setUp);
  afterEach(() => lab.close());

  it("is told that its capability does not count here", async () => {
    const { stdout } = await host.exec("unshare", ["-Ur", process.execPath, refused, "d0"]);
    expect(JSON.parse(stdout)).toMatchObject({
      expected: true,
      message: expect.stringMatching(/which this process has; .* another user namespace/),
    });
  });
});

suite("worker threads with sockets", ["netns"], () => {
  beforeEach(setUp);
  afterEach(() => lab.close());

  it.each([
    ["terminate", {}],
    ["closing", {}],
    ["exit", {}],
    ["throw", { failure: "thrown" }],
  ])("end cleanly by %s", async (way, failure) => {
    const { stdout } = await host.exec(process.execPath, [workers, "d0", way, "12"]);
    const [first, last] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Report);
    expect(first).toMatchObject({ i: 1, ...failure });
    expect(last).toEqual({ ...first, i: 12 });
  });

  it("read their sockets through io_uring as well", async () => {
    const env = { UV_USE_IO_URING: "1" };
    const { stdout } = await host.exec(process.execPath, [refused, "d0"], { env });
    expect(JSON.parse(stdout)).toEqual({ opened: true });
  });
});

interface Report {
  readonly i: number;
  readonly descriptors: number;
  readonly failure?: string;
}

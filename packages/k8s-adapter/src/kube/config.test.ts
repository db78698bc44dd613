import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, loadCluster } from "./config.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const PEM_DATA = Buffer.from(PEM).toString("base64");

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ingot-config-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Writes a file and answers its path. */
async function file(name: string, content: string | object): Promise<string> {
  const full = path.join(folder, name);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, typeof content === "string" ? content : JSON.stringify(content));
  return full;
}

/** A kubeconfig of one context, with other fields where given. */
function kubeconfig(cluster: object = {}, user: object = { token: "t0" }): object {
  return {
    "current-context": "lab",
    contexts: [{ name: "lab", context: { cluster: "c1", user: "u1" } }],
    clusters: [{ name: "c1", cluster: { server: "https://10.0.0.1:6443/", ...cluster } }],
    users: [{ name: "u1", user }],
  };
}

const nowhere = { env: {}, home: "/nowhere" };

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const outcome: unknown = await promise.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  return outcome instanceof Error ? outcome.message : String(outcome);
}

async function tokenOf(cluster: Cluster): Promise<string | undefined> {
  return (await cluster.credentials()).headers["authorization"];
}

describe("where the cluster is found", () => {
  it("is the file that is named, before all else", async () => {
    const named = await file("named", kubeconfig());
    const other = await file("other", kubeconfig({ server: "https://10.0.0.2" }));
    const cluster = await loadCluster(named, { env: { KUBECONFIG: other }, home: folder });
    expect(cluster).toMatchObject({ url: "https://10.0.0.1:6443", origin: named });
    expect(await tokenOf(cluster)).toBe("Bearer t0");
  });

  it("is the cluster around the pod, with its token read again when it was refused", async () => {
    const account = "var/run/secrets/kubernetes.io/serviceaccount";
    await file(`${account}/token`, "one\n");
    const ca = await file(`${account}/ca.crt`, PEM);
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const cluster = await loadCluster(undefined, { env, home: folder, root: folder });
    expect(cluster.url).toBe("https://[fd00::1]");
    const { headers, tls } = await cluster.credentials();
    expect(headers).toEqual({ authorization: "Bearer one" });
    expect(`${tls.ca}`).toBe(PEM);
    expect(tls.agent).toBeUndefined();
    await file(`${account}/token`, "two\n");
    await cluster.reload();
    expect(await tokenOf(cluster)).toBe("Bearer two");

    await rm(ca);
    expect(await messageOf(loadCluster(undefined, { env, home: folder, root: folder }))).toContain(
      `the service account of this pod: cluster "pod": certificate-authority: cannot be read: ENOENT`,
    );
  });

  it("is what the files of KUBECONFIG say together, the first of each name and those that exist", async () => {
    const one = await file("one", { ...kubeconfig(), users: [] });
    const two = await file("two", {
      ...kubeconfig({ server: "https://10.0.0.2" }, { token: "t2" }),
      "current-context": "elsewhere",
    });
    const KUBECONFIG = [path.join(folder, "missing"), one, two].join(path.delimiter);
    const cluster = await loadCluster(undefined, { env: { KUBECONFIG }, home: folder });
    expect(cluster.url).toBe("https://10.0.0.1:6443");
    expect(await tokenOf(cluster)).toBe("Bearer t2");
  });

  it("is ~/.kube/config at last", async () => {
    await file(".kube/config", kubeconfig());
    expect((await loadCluster(undefined, { env: {}, home: folder })).url).toContain("10.0.0.1");
  });

  it("is nowhere, and the message says where it was looked for", async () => {
    expect(await messageOf(loadCluster(undefined, nowhere))).toBe(
      "no cluster: this is not a pod (KUBERNETES_SERVICE_HOST is not set), KUBECONFIG is not set " +
        "and /nowhere/.kube/config cannot be read; name a file with --kubeconfig",
    );
    const env = { KUBECONFIG: "/nowhere/a:/nowhere/b" };
    expect(await messageOf(loadCluster(undefined, { env, home: folder }))).toBe(
      "no cluster: KUBECONFIG is /nowhere/a:/nowhere/b, and no such file can be read",
    );
  });
});

describe("what is wrong with a kubeconfig", () => {
  it.each<[string, (config: ReturnType<typeof kubeconfig>) => object | string, string]>([
    ["no context", (c) => ({ ...c, "current-context": "" }), "current-context is not set"],
    [
      "an unknown context",
      (c) => ({ ...c, "current-context": "prod" }),
      'current-context is "prod", but contexts has no such entry',
    ],
    [
      "an unknown cluster",
      (c) => ({ ...c, clusters: [] }),
      'context "lab": cluster is "c1", but clusters has no such entry',
    ],
    [
      "an unknown user",
      (c) => ({ ...c, users: [] }),
      'context "lab": user is "u1", but users has no such entry',
    ],
    [
      "another protocol",
      () => kubeconfig({ server: "ftp://10.0.0.1" }),
      'cluster "c1": server must be an http or https URL, got "ftp://10.0.0.1"',
    ],
    [
      "a CA that is not there",
      () => kubeconfig({ "certificate-authority": "ca.crt" }),
      'cluster "c1": certificate-authority: cannot be read: ENOENT',
    ],
    [
      "a CA that is none",
      () => kubeconfig({ "certificate-authority-data": "AAAA" }),
      'cluster "c1": certificate-authority-data is not a PEM file in base64',
    ],
    [
      "a key that is not there",
      () => kubeconfig({}, { "client-certificate-data": PEM_DATA, "client-key": "/nowhere/key" }),
      'user "u1": client-key: cannot be read: ENOENT',
    ],
    [
      "a token file that is not there",
      () => kubeconfig({}, { tokenFile: "token" }),
      'user "u1": tokenFile: cannot be read: ENOENT',
    ],
    ["no mapping", () => "just words", "it is empty or not a mapping"],
    ["no YAML", () => "users: [{token: hunter2", "is not right: "],
  ])("is said with its file and field: %s", async (_, change, wanted) => {
    const broken = await file("broken", change(kubeconfig()));
    const message = await messageOf(loadCluster(broken, nowhere));
    expect(message).toContain(wanted);
    expect(message).toContain(broken);
    expect(message).not.toContain("hunter2");
  });

  it("is that it is not there", async () => {
    expect(await messageOf(loadCluster("/nowhere/config", nowhere))).toContain(
      "kubeconfig /nowhere/config cannot be read: ENOENT",
    );
  });
});

describe("credentials", () => {
  it("have what TLS needs, with paths from the folder of the file", async () => {
    await file("pki/ca.crt", PEM);
    const named = await file(
      "config",
      kubeconfig(
        { "certificate-authority": "pki/ca.crt", "tls-server-name": "api" },
        { "client-certificate-data": PEM_DATA, "client-key-data": PEM_DATA },
      ),
    );
    const { tls, headers } = await (await loadCluster(named, nowhere)).credentials();
    expect(headers).toEqual({});
    expect(Object.keys(tls).sort()).toEqual(["ca", "cert", "key", "servername"]);
    expect(`${tls.cert}`).toBe(PEM);
  });

  it("keep the context that was current at the start", async () => {
    const config = await file("config", kubeconfig());
    const cluster = await loadCluster(config, nowhere);
    const switched = kubeconfig({}, { token: "t1" }) as { contexts: object[]; users: object[] };
    switched.contexts.push({ name: "prod", context: { cluster: "c1", user: "u2" } });
    switched.users.push({ name: "u2", user: { token: "of another" } });
    await file("config", { ...switched, "current-context": "prod" });
    await cluster.reload();
    expect(await tokenOf(cluster)).toBe("Bearer t1");
    await rm(config);
    await expect(cluster.reload()).rejects.toMatchObject({
      reason: "Credentials",
      message: expect.stringContaining(`credentials of ${config} cannot be read again: kubeconfig`),
    });
    expect(await tokenOf(cluster)).toBe("Bearer t1");
  });

  it("come from a token file that is named beside the kubeconfig", async () => {
    await file("token", "of a file\n");
    const cluster = await loadCluster(
      await file("config", kubeconfig({}, { tokenFile: "token" })),
      nowhere,
    );
    expect(await tokenOf(cluster)).toBe("Bearer of a file");
    await file("token", "of the file, renewed\n");
    expect(await tokenOf(cluster)).toBe("Bearer of the file, renewed");
  });

  it("say whom to act for, and trust any server where that is asked for", async () => {
    const config = await file(
      "config",
      kubeconfig({ "insecure-skip-tls-verify": true }, { token: "t0", as: "anna" }),
    );
    expect(await (await loadCluster(config, nowhere)).credentials()).toEqual({
      headers: { authorization: "Bearer t0", "impersonate-user": "anna" },
      tls: { rejectUnauthorized: false },
    });
  });

  it("are a name and a password, over plain HTTP if need be", async () => {
    const user = { username: "anna", password: "geheim" };
    const config = await file("config", kubeconfig({ server: "http://127.0.0.1:8001" }, user));
    const cluster = await loadCluster(config, nowhere);
    expect(await tokenOf(cluster)).toBe(`Basic ${Buffer.from("anna:geheim").toString("base64")}`);
  });

  it("come from a plugin, whose failure is said without what it printed", async () => {
    const plugin = (script: string) =>
      kubeconfig(
        {},
        {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: process.execPath,
            args: ["-e", script],
          },
        },
      );
    const answer = JSON.stringify({ status: { token: "plugged" } });
    const good = await file("good", plugin(`console.log(${JSON.stringify(answer)})`));
    expect(await tokenOf(await loadCluster(good, nowhere))).toBe("Bearer plugged");

    const odd = await file("odd", plugin('console.log("hunter2")'));
    expect(await messageOf((await loadCluster(odd, nowhere)).credentials())).toBe(
      `credentials of user "u1" of ${odd} cannot be had: the answer is not JSON`,
    );
    const failing = await file("failing", plugin('console.error("log in first"); process.exit(1)'));
    expect(await messageOf((await loadCluster(failing, nowhere)).credentials())).toBe(
      `credentials of user "u1" of ${failing} cannot be had: log in first`,
    );
  });

  it("go through a proxy where one is named", async () => {
    const config = await file("config", kubeconfig({ "proxy-url": "http://127.0.0.1:3128" }));
    const { tls } = await (await loadCluster(config, nowhere)).credentials();
    expect(tls.agent).toBeDefined();
  });
});

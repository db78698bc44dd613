import { expect, it } from "vitest";
import { decodeKubeconfig } from "./kubeconfig.ts";

it("takes what is there, with paths from its folder, and nothing for what is empty", () => {
  const config = decodeKubeconfig(
    {
      apiVersion: "v1",
      "current-context": "a",
      contexts: [{ name: "a", context: { cluster: "c", user: "u", namespace: "shop" } }],
      clusters: [
        {
          name: "c",
          cluster: { server: "https://h", "certificate-authority": "pki/ca.crt", extensions: [] },
        },
      ],
      users: [
        { name: "u", user: { tokenFile: "/run/token", token: "", as: "root", exec: null } },
        { name: "nobody", user: null },
      ],
    },
    "/etc/kube",
  );
  expect(config).toMatchObject({
    currentContext: "a",
    contexts: [{ name: "a", cluster: "c", user: "u" }],
    clusters: [
      { name: "c", server: "https://h", caFile: "/etc/kube/pki/ca.crt", skipTLSVerify: false },
    ],
    users: [{ name: "u", tokenFile: "/run/token", impersonateUser: "root" }, { name: "nobody" }],
  });
  expect(config.users[0]?.token).toBeUndefined();
  expect(config.users[0]?.exec).toBeUndefined();
  expect(decodeKubeconfig({ users: null }, "/").currentContext).toBe("");
});

it.each([
  [
    "users[1].user.token: must be text",
    { users: [{ name: "a" }, { name: "b", user: { token: 42 } }] },
  ],
  ["clusters[0].cluster: is empty or not a mapping", { clusters: [{ name: "a" }] }],
  [
    "clusters[0].cluster.server: must not be empty",
    { clusters: [{ name: "a", cluster: { server: "" } }] },
  ],
  ["contexts: must be a list", { contexts: {} }],
  ["it is empty or not a mapping", ["hunter2"]],
])("says which field is wrong, and not what it holds: %s", (message, content) => {
  expect(() => decodeKubeconfig(content, "/")).toThrow(new Error(message));
});

import { describe, expect, it } from "vitest";
import { Identities } from "./identities.ts";

const speaker = { namespace: "metallb-system", name: "speaker" };

describe("identities", () => {
  it("writes the token file of kube-apiserver", () => {
    expect(new Identities([speaker]).tokenFile()).toBe(
      [
        'token-of-admin,admin,admin,"system:masters"',
        'token-of-system.kube-proxy,system:kube-proxy,system:kube-proxy,"system:authenticated"',
        "token-of-system.serviceaccount.metallb-system.speaker" +
          ",system:serviceaccount:metallb-system:speaker" +
          ",system:serviceaccount:metallb-system:speaker" +
          ',"system:serviceaccounts,system:serviceaccounts:metallb-system,system:authenticated"',
        "",
      ].join("\n"),
    );
  });

  it("knows a ServiceAccount by its name, and only those it was given", () => {
    const identities = new Identities([speaker]);
    expect(identities.token({ ...speaker })).toBe(identities.token(speaker));
    expect(() => identities.token({ ...speaker, name: "controller" })).toThrow(
      "serviceAccounts has no system:serviceaccount:metallb-system:controller",
    );
    expect(() => new Identities([speaker, { ...speaker }])).toThrow(
      "serviceAccounts has system:serviceaccount:metallb-system:speaker twice",
    );
  });
});

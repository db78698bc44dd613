import { describe, expect, it } from "vitest";
import { kernelAnswersFor } from "./kernel-answers.ts";

const conf = (values: Readonly<Record<string, string>>) => (path: string) => {
  const value = values[path.split("/")[6] ?? ""];
  if (value === undefined) throw new Error("ENOENT");
  return value;
};

describe("the kernel", () => {
  it.each([
    [{ all: "0\n", eth0: "0\n" }, true],
    [{ all: "1\n", eth0: "0\n" }, false],
    [{ all: "0\n", eth0: "1\n" }, false],
    [{ all: "0\n" }, true],
  ])("answers for addresses of other interfaces with arp_ignore %j: %s", (values, answers) => {
    expect(kernelAnswersFor("eth0", conf(values))).toBe(answers);
  });
});

import { expect, it } from "vitest";
import { Precedence } from "./precedence.ts";

it("lets what matters less go while little is under way, and when much has ended, failed or not", async () => {
  const precedence = new Precedence(1);
  const done: string[] = [];
  const ends: (() => void)[] = [];
  const begin = () => precedence.first(() => new Promise<void>((resolve) => ends.push(resolve)));
  void begin();
  await precedence.turn().then(() => done.push("one is under way"));
  void begin();
  const fails = precedence.first(() => Promise.reject(new Error("refused")));
  const turn = precedence.turn().then(() => done.push("turn"));
  await expect(fails).rejects.toThrow("refused");
  expect(done).toEqual(["one is under way"]);
  ends[0]?.();
  await turn;
  expect(done).toEqual(["one is under way", "turn"]);
  expect(await precedence.first(async () => 7)).toBe(7);
});

import { expect, it } from "vitest";
import { Settling } from "./settling.ts";

it("gives what has been quiet for long enough, once", () => {
  const settling = new Settling();
  settling.put("a", 100);
  settling.put("b", 200);
  settling.put("a", 150);
  expect(settling.take(99)).toEqual([]);
  expect(settling.take(100)).toEqual([]);
  expect(settling.deadline).toBe(150);
  expect(settling.take(150)).toEqual(["a"]);
  expect(settling.take(199)).toEqual([]);
  expect(settling.take(300)).toEqual(["b"]);
  expect(settling.deadline).toBe(Number.POSITIVE_INFINITY);
});

it("forgets what is dropped", () => {
  const settling = new Settling();
  settling.put("a", 100);
  settling.drop("a");
  expect(settling.take(100)).toEqual([]);
});

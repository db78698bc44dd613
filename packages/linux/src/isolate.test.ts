import { expect, it, vi } from "vitest";
import { isolate } from "./isolate.ts";

it("lets its caller go on, and raises what was thrown once the caller is done", () => {
  const later: (() => void)[] = [];
  const queue = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => {
    later.push(task);
  });
  const fault = new Error("a listener's own fault");
  const called = vi.fn(() => {
    throw fault;
  });
  isolate(called);
  isolate(() => {});
  queue.mockRestore();
  expect(called).toHaveBeenCalledOnce();
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow(fault);
});

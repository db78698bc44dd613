import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Agenda } from "./agenda.ts";

const takeAll = <Job extends { due: number }>(agenda: Agenda<Job>, now: number): Job[] => {
  const jobs: Job[] = [];
  for (let job = agenda.take(now); job !== undefined; job = agenda.take(now)) jobs.push(job);
  return jobs;
};

describe("agenda", () => {
  it("gives out what is due, and nothing before its time", () => {
    const agenda = new Agenda<{ due: number }>();
    expect(agenda.deadline).toBe(Number.POSITIVE_INFINITY);
    for (const due of [30, 10, 20]) agenda.add({ due });
    expect(agenda.deadline).toBe(10);
    expect(agenda.take(9)).toBeUndefined();
    expect(takeAll(agenda, 20)).toEqual([{ due: 10 }, { due: 20 }]);
    expect(agenda.deadline).toBe(30);
    agenda.clear();
    expect(agenda.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(agenda.take(100)).toBeUndefined();
  });

  it("sorts as a stable sort does, whatever is added and taken when", () => {
    const step = fc.oneof(fc.record({ add: fc.nat(20) }), fc.record({ take: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const agenda = new Agenda<{ due: number; id: number }>();
        let model: { due: number; id: number }[] = [];
        for (const [id, next] of steps.entries()) {
          if ("add" in next) {
            agenda.add({ due: next.add, id });
            model.push({ due: next.add, id });
            model.sort((a, b) => a.due - b.due);
          } else {
            expect(takeAll(agenda, next.take)).toEqual(model.filter(({ due }) => due <= next.take));
            model = model.filter(({ due }) => due > next.take);
          }
          expect(agenda.deadline).toBe(model[0]?.due ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});

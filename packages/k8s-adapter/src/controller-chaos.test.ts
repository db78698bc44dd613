import { seededRandom } from "@ingot/testkit";
import { expect, it } from "vitest";
import { AssignmentWorld } from "./testing/assignment-world.ts";

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 100);

it.each(SEEDS)(
  "controllers that are killed and freeze, over an API that is slow and away at times, double, lose and change nothing (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    const world = new AssignmentWorld(random);
    world.start();
    world.start();
    await world.run(1_000);
    for (let moment = 0; moment < 150; moment += 1) {
      for (let services = random() * 3; services > 0; services -= 1) world.createService();
      if (random() < 0.6) world.deleteService();
      if (random() < 0.04) {
        world.kill();
        world.start();
      }
      if (random() < 0.03) world.freeze(random() * 6_000);
      if (random() < 0.02) world.outage(random() * 5_000);
      await world.run(random() * 400);
    }
    world.calm();
    await world.run(12_000);
    expect(world.record.faults).toEqual([]);
    expect(world.record.size).toBeGreaterThan(20);
    expect(world.record.without).toEqual([]);
  },
);

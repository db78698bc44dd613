import type { Group } from "../group.ts";
import { shuffled, type World } from "./world.ts";

/** Faults for a while, one after the other at random, then everything is mended. */
export function chaos(world: World, forMs: number, meanMs: number): void {
  const end = world.clock.now() + forMs;
  for (;;) {
    world.advance(-Math.log(1 - world.random()) * meanMs);
    if (world.clock.now() >= end) break;
    pick(FAULTS, world.random)(world);
  }
  mend(world);
}

/** Another epoch, another list of nodes. */
export function moved(group: Group, nodes: readonly string[], random: () => number): Group {
  const list = shuffled(nodes, random).slice(0, 3);
  return { ...group, table: { epoch: group.table.epoch + 1, nodes: list } };
}

/** One of some. */
export function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

function mend(world: World): void {
  world.note("ALL IS MENDED");
  world.lan.heal();
  world.lan.loss = 0;
  world.lan.disorder = 0;
  const running = world.running.length;
  for (const { name, isPaused, isUp } of world.speakers) {
    world.setApi(name, true);
    if (isPaused) world.speaker(name).resume();
    world.speaker(name).feed({ type: "up", interface: "eth0", mac: world.speaker(name).mac });
    if (!isUp && (running === 0 || world.random() < 0.7)) world.start(name);
  }
}

type Fault = (world: World) => void;

const anyone = (world: World): string => pick(world.speakers, world.random).name;

const two = (world: World): readonly [string, string] => {
  const [one = "", other = ""] = shuffled(world.speakers, world.random).map(({ name }) => name);
  return [one, other];
};

const FAULTS: readonly Fault[] = [
  (world) => {
    const name = anyone(world);
    world.note(`CRASH ${name}`);
    world.speaker(name).crash();
  },
  (world) => {
    const name = anyone(world);
    if (world.speaker(name).isUp) return;
    world.note(`START ${name}`);
    world.start(name);
  },
  (world) => {
    const [one, other] = two(world);
    world.note(`CUT ${one} to ${other}`);
    world.lan.cut(one, other);
  },
  (world) => {
    const [one, other] = two(world);
    world.note(`CUT ${one} and ${other}`);
    world.lan.cut(one, other);
    world.lan.cut(other, one);
  },
  (world) => {
    const name = anyone(world);
    world.note(`ISOLATE ${name}`);
    for (const { name: other } of world.speakers) {
      world.lan.cut(name, other);
      world.lan.cut(other, name);
    }
  },
  (world) => {
    const side = new Set(world.speakers.filter(() => world.random() < 0.5).map(({ name }) => name));
    world.note(`PARTITION ${[...side].join(", ")} from the rest`);
    for (const { name: one } of world.speakers) {
      for (const { name: other } of world.speakers) {
        if (side.has(one) !== side.has(other)) world.lan.cut(one, other);
      }
    }
  },
  (world) => {
    world.note("HEAL");
    world.lan.heal();
  },
  (world) => {
    const names = world.speakers.map(({ name }) => name);
    const index = Math.floor(world.random() * world.groups.length);
    world.note(`MOVE group-${index}`);
    const groups = world.groups.map((group, i) =>
      i === index ? moved(group, names, world.random) : group,
    );
    world.decide(groups, pick([5, 50, 300], world.random));
  },
  (world) => {
    const name = anyone(world);
    world.note(`CUT ${name} from the API`);
    world.setApi(name, false);
  },
  (world) => world.setApi(anyone(world), true),
  (world) => {
    const name = anyone(world);
    const ms = 50 + 1_000 * world.random() ** 2;
    world.note(`PAUSE ${name} for ${ms.toFixed(0)} ms`);
    world.speaker(name).pause();
    world.clock.setTimer(ms, () => world.speaker(name).resume());
  },
  (world) => {
    const speaker = world.speaker(anyone(world));
    const ms = 20 + 1_500 * world.random();
    world.note(`CARRIER of ${speaker.name} is gone for ${ms.toFixed(0)} ms`);
    speaker.feed({ type: "down", interface: "eth0" });
    const up = { type: "up", interface: "eth0", mac: speaker.mac } as const;
    world.clock.setTimer(ms, () => speaker.feed(up));
  },
  (world) => {
    const name = anyone(world);
    world.note(`LEAVE ${name}`);
    world.leave(name);
  },
  (world) => {
    const name = anyone(world);
    const index = Math.floor(world.random() * world.groups.length);
    world.note(`TOGGLE whether ${name} may have group-${index}`);
    world.decide(
      world.groups.map((group, i) => (i === index ? toggled(group, name) : group)),
      300,
    );
  },
  (world) => {
    world.lan.loss = pick([0, 0.02, 0.1], world.random);
    world.lan.disorder = pick([0, 0.05], world.random);
    world.note(`LOSS ${world.lan.loss}, DISORDER ${world.lan.disorder}`);
  },
];

function toggled(group: Group, name: string): Group {
  const eligible = new Map(group.eligible);
  if (!eligible.delete(name)) eligible.set(name, 0);
  return { ...group, eligible };
}

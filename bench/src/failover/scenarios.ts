import type { ClusterNode } from "@ingot/testkit";
import type { FailoverLab } from "./lab.ts";

/** Who plays which part in a round. */
export interface Stage {
  readonly lab: FailoverLab;
  /** Has the address when the round begins. */
  readonly owner: ClusterNode;
  /** Has not. */
  readonly other: ClusterNode;
}

/** Something that is done to the owner, and undone or not. */
export interface Step {
  readonly name: string;
  act(stage: Stage): Promise<void>;
}

/** What a good product makes of the first step. */
export type Expectation =
  /** Another node takes over. */
  | "failover"
  /** Others take over for those who ask; who knows the owner goes on. */
  | "silence"
  /** Nobody notices. */
  | "planned";

/** A story that is told many times. */
export interface Scenario {
  readonly name: string;
  /** What happens, in a few words. */
  readonly what: string;
  readonly rounds: number;
  readonly expectation: Expectation;
  /** Whether the API server is down meanwhile. */
  readonly withoutApi: boolean;
  /** The first is what is measured; a second brings the node back. */
  readonly steps: readonly Step[];
}

const powerFails: Step = {
  name: "crash",
  act: async ({ lab, owner }) => {
    await owner.powerOff();
    lab.speaker(owner).kill("SIGKILL");
  },
};

const powerReturns: Step = {
  name: "return",
  act: async ({ lab, owner }) => {
    await owner.powerOn();
    await lab.startSpeaker(owner);
  },
};

const starts: Step = { name: "return", act: ({ lab, owner }) => lab.startSpeaker(owner) };

const heals: Step = { name: "heal", act: ({ owner }) => owner.healLan() };

/** Every story, in the order in which they are told. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "crash",
    what: "both links of the owner are cut, its speaker is killed",
    rounds: 100,
    expectation: "failover",
    withoutApi: false,
    steps: [powerFails, powerReturns],
  },
  {
    name: "crash-without-api",
    what: "the same while the API server is down",
    rounds: 20,
    expectation: "failover",
    withoutApi: true,
    steps: [powerFails, powerReturns],
  },
  {
    name: "cut",
    what: "the owner loses the carrier of the LAN, and goes on talking to the API",
    rounds: 20,
    expectation: "failover",
    withoutApi: false,
    steps: [{ name: "cut", act: ({ owner }) => owner.cutLan() }, heals],
  },
  {
    name: "partition",
    what: "nothing passes between the owner and the LAN, and its carrier stays",
    rounds: 20,
    expectation: "failover",
    withoutApi: false,
    steps: [{ name: "partition", act: ({ owner }) => owner.partitionLan() }, heals],
  },
  {
    name: "kill",
    what: "the owner's speaker is killed, and its node stays",
    rounds: 20,
    expectation: "silence",
    withoutApi: false,
    steps: [
      { name: "kill", act: async ({ lab, owner }) => lab.speaker(owner).kill("SIGKILL") },
      starts,
    ],
  },
  {
    name: "stop",
    what: "the owner's speaker is told to end (SIGTERM)",
    rounds: 100,
    expectation: "planned",
    withoutApi: false,
    steps: [
      { name: "stop", act: ({ lab, owner }) => lab.speaker(owner).stop("SIGTERM", 10_000) },
      starts,
    ],
  },
  {
    name: "move",
    what: "the Service is moved to another node",
    rounds: 100,
    expectation: "planned",
    withoutApi: false,
    steps: [{ name: "move", act: ({ lab, other }) => lab.plan("move", other) }],
  },
  {
    name: "evacuate",
    what: "everything is moved away from the owner",
    rounds: 20,
    expectation: "planned",
    withoutApi: false,
    steps: [
      { name: "evacuate", act: ({ lab, owner }) => lab.plan("evacuate", owner) },
      { name: "restore", act: ({ lab, owner }) => lab.plan("restore", owner) },
    ],
  },
];

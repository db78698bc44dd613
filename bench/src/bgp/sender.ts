import type { Receiver } from "./receiver.ts";

/** What one round with one sender took, in milliseconds; undefined: it has no way to do that. */
export interface SenderRound {
  /** From being told to connect to Established; of ExaBGP from the start of its process. */
  readonly connect: number;
  /** In a session that is up, from being told to announce to 99 % and to all. */
  readonly announceMost?: number;
  readonly announce?: number;
  /** From being told to withdraw every route to none being left. */
  readonly withdraw?: number;
  /** From Established, the routes being there before, to 99 % and to all. */
  readonly tableMost: number;
  readonly table: number;
  /** From being told to end the session to none being left. */
  readonly cease: number;
}

/** Somebody who announces routes to the receiver. */
export interface Sender {
  readonly name: "ingot" | "bird" | "gobgp" | "exabgp";
  round(): Promise<SenderRound>;
  /** The most memory that it has had, in octets. */
  peakOctets(): number;
  stop(): Promise<void>;
}

/** Where and what a sender sends. */
export interface Stage {
  readonly receiver: Receiver;
  readonly routes: number;
}

/** What a sender that stays up can be told; each returns when it was told, by the wall clock. */
export interface Remote {
  connect(): Promise<number>;
  announce(): Promise<number>;
  withdraw(): Promise<number>;
  disconnect(): Promise<number>;
}

/** A round with a sender that can do everything. It begins and ends without a session or a route. */
export async function wholeRound(
  name: Sender["name"],
  remote: Remote,
  { receiver, routes }: Stage,
): Promise<SenderRound> {
  const connectMs = await remote.connect();
  const connect = (await receiver.established(name)) - connectMs;
  const announceMs = await remote.announce();
  const { mostMs, allMs } = await receiver.arrived(name, routes);
  const withdrawMs = await remote.withdraw();
  const withdraw = (await receiver.emptied(name)) - withdrawMs;
  await remote.disconnect();
  await receiver.ended(name);
  await remote.announce();
  const table = await tableRound(name, remote, { receiver, routes });
  await remote.withdraw();
  return {
    ...table,
    connect,
    announceMost: mostMs - announceMs,
    announce: allMs - announceMs,
    withdraw,
  };
}

/** A round with a sender that has its routes already. */
export async function tableRound(
  name: Sender["name"],
  remote: Pick<Remote, "connect" | "disconnect">,
  { receiver, routes }: Stage,
): Promise<SenderRound> {
  const connectMs = await remote.connect();
  const { establishedMs, mostMs, allMs } = await receiver.arrived(name, routes);
  const ceaseMs = await remote.disconnect();
  const cease = (await receiver.emptied(name)) - ceaseMs;
  await receiver.ended(name);
  return {
    connect: establishedMs - connectMs,
    tableMost: mostMs - establishedMs,
    table: allMs - establishedMs,
    cease,
  };
}

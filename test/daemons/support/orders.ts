/** Forced logoff over the API, and what came of it; how a session ended. */
import { expect } from 'vitest';
import { until } from './processes.ts';
import type { Service, SessionSeen } from './service.ts';

export interface Order {
  readonly state: string;
  readonly receipts: readonly {
    readonly session_id: string;
    readonly channel: string;
    readonly state: string;
    readonly detail: string;
  }[];
}

type Street = Pick<Service, 'call'>;

/** Orders it; answers the order's id. */
export async function logoff(street: Street, select: object): Promise<string> {
  const body = { select, reason: 'test' };
  const ended = await street.call<{ order: { id: string } }>('POST', '/v1/sessions/end', body);
  expect(ended.status).toBe(202);
  return ended.body.order.id;
}

export const orderOf = async (street: Street, id: string): Promise<Order> =>
  (await street.call<Order>('GET', `/v1/orders/${id}`)).body;

/** The order, once it is in this state. */
export function orderIn(
  state: string,
  street: Street,
  id: string,
  said: () => string,
  ms = 20_000,
): Promise<Order> {
  const look = async () => {
    const order = await orderOf(street, id);
    return order.state === state && order;
  };
  return until(look, `the order to be ${state}`, ms, said);
}

/** The order, once nothing of it is pending. */
export function settled(street: Street, id: string): Promise<Order> {
  return until(async () => {
    const order = await orderOf(street, id);
    return order.state !== 'pending' && order;
  }, 'every receipt');
}

/** Orders it, and tells how each session was ended. */
export async function endedBy(street: Street, select: object): Promise<string[]> {
  const { receipts } = await settled(street, await logoff(street, select));
  return receipts.map(({ state }) => state);
}

/** The session as the list has it, once it is over, whatever ended it. */
export function over(street: Street, session: SessionSeen): Promise<SessionSeen> {
  return until(async () => {
    const path = `/v1/sessions?login=${session.login}&limit=200`;
    const { body } = await street.call<{ items: SessionSeen[] }>('GET', path);
    return body.items.find(({ id, ended_at }) => id === session.id && ended_at !== null);
  }, 'its end');
}

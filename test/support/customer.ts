/** A customer at the panel of a test house: a session of his own, and what he asks with it. */
import { createHmac } from 'node:crypto';
import { redeemChallenge } from '../../src/actions/redeem-challenge.ts';
import type { AuthenticateAnswer, RedeemRequest } from '../../src/protocol/api.ts';
import { redeemRequest } from '../../src/protocol/login.ts';
import type { Generator } from './factors.ts';
import { type Guess, opened, panel, password, type TestHouse, value } from './house.ts';

export interface Said {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Customer {
  readonly id: string;
  readonly login: string;
  /** Of his session; a renewed one takes its place. */
  token: string;
  sessionId: string;
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Said>;
  /** Another session, by password and, where one is given, a code. */
  open(more?: Partial<Guess>): Promise<{ id: string; token: string }>;
  /** Shows these again, and goes on with the new token. */
  prove(proofs: Record<string, unknown>): Promise<Said>;
}

let count = 0;

/** An account with logins of the panel, FTP and SSH, made a day before, and logged in at the panel a moment ago. */
export async function settledCustomer(house: TestHouse): Promise<Customer> {
  return customer(house, 25 * 3_600_000);
}

/** The same, made just now unless `ageMs` is said. */
export async function customer(house: TestHouse, ageMs = 0): Promise<Customer> {
  count += 1;
  const login = `customer${count}`;
  const id = await house.account(login, { panel: password, ftp: password, ssh: password });
  house.pass(ageMs);
  const open = async (more: Partial<Guess> = {}) =>
    opened(await house.guess({ store: 'panel', login, ...more }));
  const first = await open();
  const me: Customer = {
    ...{ id, login, open },
    token: first.token,
    sessionId: first.id,
    ask: async (method, path, body, token = me.token) => {
      const response = await house.request(method, path, { token, ...(body === undefined ? {} : { body }) });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Said['body']) };
    },
    prove: async (proofs) => {
      const said = await me.ask('POST', '/v1/me/reauthenticate', proofs);
      if (said.status === 200) me.token = String(said.body.token);
      return said;
    },
  };
  return me;
}

/** Enrols a generator as its owner does, and answers it with the recovery codes. */
export async function enrolTotp(
  house: TestHouse,
  me: Customer,
): Promise<{ generator: Generator; recoveryCodes: string[] }> {
  const { body: offer } = await me.ask('POST', '/v1/me/totp');
  const generator = generatorOf(house, String(offer.secret));
  const { status, body } = await me.ask('POST', '/v1/me/totp/confirm', { code: generator.code() });
  if (status !== 200) throw new Error(`not enrolled: ${JSON.stringify(body)}`);
  return { generator, recoveryCodes: body.recovery_codes as string[] };
}

/** RFC 4226 by hand, as an app does it: not by the library that judges. */
export function appCode(secret: Buffer, step: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(message).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const eights = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(eights.map((eight) => Number.parseInt(eight, 2)));
}

/** What an app makes of the secret that was shown. */
export function generatorOf(house: TestHouse, base32: string): Generator {
  const secret = fromBase32(base32);
  const code = (steps = 0) => appCode(secret, Math.floor(house.now() / 30_000) + steps);
  return { secret, code };
}

/** The challenge that a right password is answered with. */
export async function challenged(
  house: TestHouse,
  login: string,
  more: Partial<Guess> = {},
): Promise<Extract<AuthenticateAnswer, { decision: 'challenge' }>['challenge']> {
  const answer = await house.guess({ store: 'panel', login, ...more });
  if (answer.decision !== 'challenge') throw new Error(`no challenge: ${JSON.stringify(answer)}`);
  return answer.challenge;
}

export async function redeem(house: TestHouse, input: unknown, as = panel): Promise<AuthenticateAnswer> {
  const parsed: RedeemRequest = redeemRequest.parse(input);
  return value(await redeemChallenge(house.ctx(as), parsed));
}

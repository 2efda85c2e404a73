/** Training from resolved flags: from what is kept, once, in force at its commit, and taken back once. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { detectorShown, revertDetector, trainDetector } from '../../src/actions/detector.ts';
import { detectorRevert, detectorShow, detectorTrain } from '../../src/cli/detector.ts';
import { weights } from '../../src/domain/signals/weights.ts';
import { scoreOf, withOffsets } from '../../src/domain/training.ts';
import { judgedFlags, trainedWeights } from '../../src/store/trainings.ts';
import { admin, fitTestHouse, panel, type TestNode, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
afterAll(house.close);
const { sql } = house.database;
const ctx = (principal = admin, node: TestNode = house) => node.ctx(principal);
const train = (dryRun = false, node: TestNode = house) => trainDetector(ctx(admin, node), { dryRun });
const inForce = () => trainedWeights(house.database.drizzle);
const refused = (outcome: { ok: boolean }) =>
  outcome.ok ? undefined : (outcome as { refusal?: { refused: string } }).refusal?.refused;

const notice = { 'mailbox-story': 1, 'story-then-act': 1, 'password-expiry': 1, deadline: 1 };
const request = { 'asked-outright': 1, 'impersonal-greeting': 1, 'mailbox-story': 1 };
let count = 0;

async function flag(state: string, features: unknown, copies = 1): Promise<string> {
  count += 1;
  const id = `flg_${String(count).padStart(20, '0')}`;
  const at = new Date(house.now()).toISOString();
  const resolvedAt = state === 'open' ? null : at;
  await sql`insert into flags (id, kind, state, same_key, score, summary, evidence, count, first_seen_at, last_seen_at,
      resolved_at) values (${id}, 'message', ${state}, ${id}, 0.8, 'x', '{}'::jsonb, ${copies}, ${at}, ${at}, ${resolvedAt})`;
  await sql`insert into messages (id, at, medium, direction, origin, verdict, score, solicited, flagged, flag_id, features,
      expires_at) select ${id} || n, ${at}, 'email', 'inbound', 'scan', 'password_request', 0.8, false, true, ${id},
      ${JSON.stringify(features)}::text::jsonb, ${at} from generate_series(1, ${copies}) n`;
  return id;
}

async function host(): Promise<void> {
  for (let n = 0; n < 12; n++) {
    await flag('confirmed', { ...request, threat: n % 2 });
    await flag('dismissed', { ...notice, deadline: (n % 3) / 2 });
  }
}

beforeEach(async () => {
  await sql`truncate flags, messages, trainings restart identity cascade`;
});

it('refuses with too few, says how many there are, and counts neither open flags nor those without messages', async () => {
  for (let n = 0; n < 9; n++) await flag('confirmed', request);
  for (let n = 0; n < 12; n++) await flag('dismissed', notice);
  for (let n = 0; n < 5; n++) await flag('open', request);
  await flag('confirmed', request, 0);
  const outcome = await train();
  expect(outcome).toMatchObject({
    refusal: { refused: 'too_few_judged', detail: expect.stringMatching(/^9 confirmed and 12 dismissed/) },
  });
  expect(await inForce()).toBeUndefined();
});

it('a dry run changes nothing; a training is in force at its commit and says what it did', async () => {
  await host();
  const dry = value(await train(true));
  expect(dry).toMatchObject({ seq: null, confirmed: 12, dismissed: 12 });
  expect(await inForce()).toBeUndefined();
  expect(value(await detectorShown(ctx()))).toEqual({ training: null });
  const trained = value(await train());
  expect(trained).toEqual({ ...dry, seq: 1 });
  expect(trained.after.precision ?? 0).toBeGreaterThan(trained.before.precision ?? 1);
  expect(trained.after.recall).toBeGreaterThanOrEqual(trained.before.recall);
  const now = await inForce();
  expect(now).toEqual({ seq: 1, offsets: trained.offsets });
  const after = withOffsets(weights, now?.offsets ?? { of: {} });
  expect(scoreOf(weights, notice)).toBeGreaterThan(0.5);
  expect(scoreOf(after, notice)).toBeLessThan(0.5);
  expect(scoreOf(after, request)).toBeGreaterThan(0.5);
  expect(value(await detectorShown(ctx()))).toEqual({ training: trained });
  const [event] = (await house.events('detector.trained')).slice(-1);
  expect(event?.detail).toMatchObject({ seq: 1, confirmed: 12, dismissed: 12 });
});

it('what operators dismissed again and again is clear from then on, on every node, until it is taken back', async () => {
  const gateway = (await house.client(['messages'])).token;
  const scan = async (text: string, node: TestNode = house) => {
    const body = { medium: 'ticket', direction: 'inbound', text };
    const answer = await node.request('POST', '/v1/messages/scan', { token: gateway, body });
    return ((await answer.json()) as { verdict: string }).verdict;
  };
  const own = (n: number) =>
    `Your mailbox ${'abcdefghijkl'[n]} is almost full and your password expires in two days. Sign in to the panel to keep both.`;
  expect(await scan(own(0))).toBe('password_request');
  const [kept] = await sql`select features from messages`;
  for (let n = 0; n < 12; n++) {
    await flag('dismissed', kept?.features);
    await flag('confirmed', { ...request, threat: n % 2 });
  }
  value(await train());
  expect(await scan(own(1), house.node())).toBe('clear');
  expect(await scan('Reply with your password now, or your mailbox is closed.')).toBe('password_request');
  value(await revertDetector(ctx()));
  expect(await scan(own(2))).toBe('password_request');
});

it('ten thousand copies of one message teach as much as one', async () => {
  await host();
  const once = await flag('dismissed', request);
  const before = value(await train(true));
  await sql`insert into messages (id, at, medium, direction, origin, verdict, score, solicited, flagged, flag_id, features,
      expires_at) select 'msg_copy' || n, now(), 'email', 'inbound', 'scan', 'password_request', 0.8, false, true, ${once},
      ${JSON.stringify(request)}::text::jsonb, now() from generate_series(1, 10000) n`;
  expect(value(await train(true))).toEqual(before);
});

it('features that are none are left off, and those beyond their bounds cut', async () => {
  const id = await flag('confirmed', {
    threat: 7,
    deadline: -3,
    newsletter: 'x',
    lookalike: null,
    nested: { a: 1 },
  });
  expect(await judgedFlags(house.database.drizzle, 10)).toEqual([
    { id, confirmed: true, features: { threat: 1, deadline: 0 } },
  ]);
});

it('sixteen at once on two nodes take one training back once', async () => {
  await host();
  value(await train());
  const before = (await house.events('detector.reverted')).length;
  const nodes = [house, house.node()];
  const outcomes = await Promise.all(
    Array.from({ length: 16 }, (_, n) => revertDetector(ctx(admin, nodes[n % 2]))),
  );
  expect(outcomes.filter((each) => each.ok)).toHaveLength(1);
  expect(outcomes.map(refused).filter((each) => each === 'not_found')).toHaveLength(15);
  expect(await house.events('detector.reverted')).toHaveLength(before + 1);
  expect(await inForce()).toBeUndefined();
});

it('the one before is in force again, then the shipped weights; numbers are not given again', async () => {
  await host();
  const first = value(await train());
  for (let n = 0; n < 3; n++) await flag('dismissed', notice);
  const second = value(await train());
  expect([first.seq, second.seq]).toEqual([1, 2]);
  expect(value(await revertDetector(ctx()))).toEqual({ reverted: second, now: first });
  expect(await inForce()).toEqual({ seq: 1, offsets: first.offsets });
  expect(value(await revertDetector(ctx()))).toEqual({ reverted: first, now: null });
  expect(await inForce()).toBeUndefined();
  expect(value(await train()).seq).toBe(3);
});

it('only administrators and the server’s own shell teach', async () => {
  await host();
  const support = { kind: 'operator', operator: { id: 'opr_s', login: 's', role: 'support' } } as const;
  for (const principal of [panel, support]) {
    expect(refused(await trainDetector(ctx(principal), { dryRun: false }))).toBe('not_allowed');
    expect(refused(await revertDetector(ctx(principal)))).toBe('not_allowed');
  }
  expect(await inForce()).toBeUndefined();
});

it('the commands say before and after, and what is in force', async () => {
  await host();
  const said: string[] = [];
  const terminal = { json: false, out: (text: string) => void said.push(text), err: () => {} };
  const shell = () => house.ctx({ kind: 'console', user: 'root' });
  expect(await detectorTrain(shell(), terminal, true)).toBe(0);
  expect(said[0]).toBe('learned from 12 confirmed and 12 dismissed flags');
  expect(said.join('\n')).toMatch(
    /precision {2}recall[\s\S]*before {2}50 % +100 %[\s\S]*nothing was changed$/,
  );
  expect(await detectorTrain(shell(), terminal, false)).toBe(0);
  expect(said.at(-1)).toBe('in force as training 1');
  said.length = 0;
  expect(await detectorShow(shell(), terminal)).toBe(0);
  expect(said[0]).toMatch(/^training 1 of 2026-.* by root$/);
  expect(await detectorRevert(shell(), terminal)).toBe(0);
  expect(said.slice(-2)).toEqual(['training 1 is taken back', 'the shipped weights are in force']);
  expect(await detectorRevert(shell(), terminal)).toBe(1);
});

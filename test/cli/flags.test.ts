/** `gatehouse flags`: the actions of the API, and nothing of an attacker's that a terminal would obey. */
import { afterAll, expect, it } from 'vitest';
import { followFlags } from '../../src/actions/follow-flags.ts';
import { raiseFlag } from '../../src/actions/steps/raise-flag.ts';
import { flagsList, flagsResolve, flagsShow } from '../../src/cli/flags.ts';
import { fitTestHouse } from '../support/house.ts';
import { terminal } from '../support/terminal.ts';

const house = await fitTestHouse();
afterAll(house.close);
const ctx = () => house.ctx({ kind: 'console', user: 'root' });

it('lists, shows and resolves as the API does, for people and as one document', async () => {
  const account = await house.account('anna');
  const system = house.ctx({ kind: 'system' });
  const flag = await system.act(async (tx) => {
    const raised = await raiseFlag(tx, system, {
      ...{ kind: 'message', same: ['x'], score: 0.75, summary: 'A message asks for a password.' },
      ...{ accountId: account, source: 'evil.example' },
      evidence: { quote: 'give it \u009b2J\u202e to\u{e0041} us\u001b[31m' },
    });
    if (raised === undefined) throw new Error('it rests');
    return { value: raised.flag, events: raised.events };
  });
  await house.database
    .sql`insert into messages (id, at, medium, direction, origin, account_id, sender_domain, verdict,
      score, solicited, flagged, flag_id, features, redacted, expires_at)
    values ('msg_1', now(), 'email', 'inbound', 'scan', ${account}, 'evil.example', 'password_request', 0.75, false, true,
      ${flag.id}, '{}'::jsonb, ${'your password\r\n\u001b]0;title\u0007please'}, now() + interval '1 day')`;

  const list = terminal(false);
  expect(await flagsList(ctx(), list, { state: 'open' })).toBe(0);
  expect(list.said).toHaveLength(2);
  expect(list.said[1]).toContain(`${flag.id}  open   message  0.75   1      ${account}`);
  const none = terminal(false);
  expect(await flagsList(ctx(), none, { kind: 'reset_flood' })).toBe(0);
  expect(none.said).toEqual(['no flags']);
  const bad = terminal(false);
  expect(await flagsList(ctx(), bad, { limit: '0' })).toBe(1);
  expect(bad.cried.join('\n')).toContain('limit: ');

  const show = terminal(false);
  expect(await flagsShow(ctx(), show, flag.id)).toBe(0);
  const text = show.said.join('\n');
  expect(text).toContain('    | your password');
  expect(text).toContain('quote: "give it \\u009b2J\\u202e to\\udb40\\udc41 us\\u001b[31m"');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const whole = terminal(true);
  expect(await flagsShow(ctx(), whole, flag.id)).toBe(0);
  expect(whole.said.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(whole.said[0] ?? '')).toMatchObject({
    evidence: { quote: 'give it \u009b2J\u202e to\u{e0041} us\u001b[31m' },
  });

  const early = terminal(false);
  expect(await flagsResolve(ctx(), early, flag.id, { state: 'confirmed', note: '' })).toBe(1);
  expect(early.cried.join('\n')).toContain('note: ');
  const resolved = terminal(true);
  expect(await flagsResolve(ctx(), resolved, flag.id, { state: 'confirmed', note: 'seen by us' })).toBe(0);
  expect(JSON.parse(resolved.said[0] ?? '')).toMatchObject({ id: flag.id, resolved_by: 'root' });
  const again = terminal(true);
  expect(await flagsResolve(ctx(), again, flag.id, { state: 'dismissed', note: 'no' })).toBe(1);
  expect(JSON.parse(again.said[0] ?? '')).toMatchObject({ error: { code: 'flag_resolved' } });
  await house.database
    .sql`insert into reports (id, account_id, flag_id, medium, verdict, answered, created_at, expires_at)
    values ('rep_1', ${account}, ${flag.id}, 'email', 'password_request', false, now(), now() + interval '1 day')`;
  await followFlags(system);
  const after = terminal(false);
  await flagsShow(ctx(), after, flag.id);
  expect(after.said[0]).toBe(`${flag.id}: message, confirmed by root: seen by us`);
  expect(after.said.join('\n')).toMatch(new RegExp(`second_factor for ${account} until `));
  expect(await house.events('flag.resolved')).toMatchObject([{ actor_kind: 'console', actor_id: 'root' }]);
  expect(await flagsShow(ctx(), terminal(false), 'flg_nothing')).toBe(1);
});

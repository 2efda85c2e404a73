/** A customer takes the name of another one, or of the system, to come in by a door where it opens more than his own. */
import { afterAll, expect, it } from 'vitest';
import { createAccount } from '../../src/actions/accounts.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { judgeAccount } from '../../src/actions/judge-account.ts';
import { agentOf, fitTestHouse, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);

const secret = 'a secret of his very own';

it('no store takes a login that is another account, or a login of another account on any store', async () => {
  await house.account('bob', {});
  await house.account('clara', { ftp: password });
  const mallory = await house.account('mallory', {});
  for (const login of ['bob', 'clara']) {
    for (const store of ['panel', 'ftp', 'ssh', 'mail'] as const) {
      const outcome = await setCredential(house.ctx(panel), mallory, store, { login, password: secret });
      expect(outcome, `${login} on ${store}`).toMatchObject({
        ok: false,
        refusal: { refused: 'login_taken' },
      });
    }
  }
  const asked = { host: 'h1', store: 'ssh', channel: 'ssh', login: 'bob', method: 'publickey' } as const;
  expect(value(await judgeAccount(house.ctx(agentOf('h1')), asked)).decision).toBe('allow');
});

it('no account takes a name that is a login of another account', async () => {
  const dora = await house.account('dora', {});
  value(await setCredential(house.ctx(panel), dora, 'ftp', { login: 'web@dora.example', password: secret }));
  const outcome = await createAccount(house.ctx(panel), { login: 'web@dora.example' });
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: 'login_taken' } });
});

it('of 16 that take one name at once, one gets it', async () => {
  const others = await Promise.all(Array.from({ length: 16 }, (_, i) => house.account(`taker-${i}`, {})));
  const outcomes = await Promise.all(
    others.map((id, i) =>
      i % 2 === 0
        ? setCredential(house.ctx(panel), id, 'ftp', { login: 'wanted', password: `${secret} ${i}` })
        : createAccount(house.ctx(panel), { login: 'wanted' }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
});

it("names of the system are nobody's account and no SSH login", async () => {
  const mallory = await house.account('mallory-two', {});
  for (const login of ['root', 'www-data', 'daemon']) {
    expect((await createAccount(house.ctx(panel), { login })).ok, login).toBe(false);
    const ssh = await setCredential(house.ctx(panel), mallory, 'ssh', { login, password: secret });
    expect(ssh.ok, login).toBe(false);
  }
});

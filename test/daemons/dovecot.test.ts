/** A real Dovecot: its passdb asks here, its policy client counts here, its sessions stand in the list. */

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { type Dovecot, shippedDovecot, startDovecot } from './support/dovecot.ts';
import { addTotp } from './support/factor.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { dial, type Lines } from './support/lines.ts';
import { until } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/dovecot',
  '/usr/lib/dovecot/imap',
  '/usr/lib/dovecot/pop3',
  '/usr/lib/dovecot/modules/auth/libauthdb_lua.so',
]);
const password = {
  mail: 'letters sleep in boxes',
  ftp: 'files travel at midnight',
  panel: 'doors of green paper',
};
let number = 0;

describe.skipIf(missing !== undefined)('Dovecot', () => {
  let front: Front;
  let dovecot: Dovecot;
  const newMailbox = async () => {
    const login = `box${++number}`;
    return { login, id: await front.addAccount(login, password) };
  };

  beforeAll(async () => {
    front = await openFront();
    dovecot = await startDovecot(front.folder, shippedDovecot(front, 'none'));
  }, 120_000);
  afterAll(async () => {
    await dovecot?.program.end();
    await front?.close();
  });

  async function imap(login: string, secret: string): Promise<{ client: Lines; answer: string }> {
    const client = await dial(dovecot.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN "${login}" "${secret}"`);
    return { client, answer: await client.hears(/^(a (OK|NO|BAD)|\* BYE).*$/m, 20_000) };
  }
  const says = async (login: string, secret: string) => {
    const { client, answer } = await imap(login, secret);
    client.end();
    return answer;
  };

  /** What POP3 answers to the password. */
  const saysPop3 = async (login: string, secret: string) => {
    const client = await dial(dovecot.pop3);
    await client.hears(/^\+OK/m);
    client.say(`USER ${login}`);
    await client.hears(/^\+OK/m);
    client.say(`PASS ${secret}`);
    const answer = await client.hears(/^(\+OK|-ERR).*$/m, 20_000);
    client.end();
    return answer;
  };

  it(
    'the right password: in, and a session in the list with host, channel and address until it is over',
    proves('IMAP: right'),
    async () => {
      const { login, id } = await newMailbox();
      const { client, answer } = await imap(login, password.mail);
      expect(answer, dovecot.log().slice(-1500)).toMatch(/^a OK/m);
      const [seen] = await front.live(`&login=${login}`);
      expect(seen).toMatchObject({
        account_id: id,
        ...{ channel: 'imap', store: 'mail', host: 'mail1', source_ip: '127.0.0.1' },
      });
      client.say('b LOGOUT');
      await until(async () => (await front.live(`&login=${login}`)).length === 0, 'the session to be closed');
      const over = await front.call<{ items: { end_reason: string; door: string }[] }>(
        'GET',
        `/v1/sessions?login=${login}`,
      );
      expect(over.body.items[0]).toMatchObject({ end_reason: 'closed', door: 'ended' });
    },
  );

  it('POP3 likewise, as channel pop3', proves('POP3: right'), async () => {
    const { login } = await newMailbox();
    const client = await dial(dovecot.pop3);
    await client.hears(/^\+OK/m);
    client.say(`USER ${login}`);
    await client.hears(/^\+OK/m);
    client.say(`PASS ${password.mail}`);
    await client.hears(/^\+OK/m);
    expect(await front.live(`&login=${login}`)).toMatchObject([{ channel: 'pop3', host: 'mail1' }]);
    client.say('QUIT');
    await until(async () => (await front.live(`&login=${login}`)).length === 0, 'the session to be closed');
  });

  const refused = proves('IMAP: wrong, other store', 'POP3: wrong, other store');
  it(
    'a wrong password, another store’s, a name that is not there: no, in the same words',
    refused,
    async () => {
      const { login } = await newMailbox();
      const answers = [
        await says(login, 'wrong'),
        await says(login, password.ftp),
        await says('nobody', password.mail),
      ];
      for (const each of answers)
        expect(each).toMatch(/^a NO \[AUTHENTICATIONFAILED\] Authentication failed\./m);
      for (const secret of ['wrong', password.ftp])
        expect(await saysPop3(login, secret)).toMatch(/^-ERR \[AUTH\] Authentication failed\./m);
      expect(await front.live(`&login=${login}`)).toEqual([]);
    },
  );

  it('a suspended account: no, in the same words', proves('IMAP: suspended', 'POP3: suspended'), async () => {
    const { login, id } = await newMailbox();
    await front.call('POST', `/v1/accounts/${id}/suspend`, { reason: 'unpaid', level: 'logins' });
    expect(await says(login, password.mail)).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/m);
    expect(await saysPop3(login, password.mail)).toMatch(/^-ERR \[AUTH\] Authentication failed\./m);
  });

  const secondFactor = proves('IMAP: second factor', 'POP3: second factor');
  it(
    'a second factor: not by the password alone, but with the code behind it, once',
    secondFactor,
    async () => {
      const { login } = await newMailbox();
      const factor = await addTotp(front, login, password.panel);
      expect(await says(login, password.mail)).toMatch(/^a NO/m);
      const both = password.mail + factor.code();
      expect(await says(login, both)).toMatch(/^a OK/m);
      expect(await says(login, both)).toMatch(/^a NO/m);
      const { login: other } = await newMailbox();
      const another = await addTotp(front, other, password.panel);
      expect(await saysPop3(other, password.mail)).toMatch(/^-ERR/m);
      expect(await saysPop3(other, password.mail + another.code())).toMatch(/^\+OK/m);
    },
  );

  it('quotes, backslashes and letters beyond ASCII in a password', async () => {
    const odd = 'a "quoted" \\ türe 100%';
    await front.addAccount('oddbox', { mail: odd });
    const client = await dial(dovecot.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN oddbox {${Buffer.byteLength(odd)}+}\r\n${odd}`);
    await client.hears(/^a OK/m);
    client.end();
  });

  it('guesses: the policy client refuses before the passdb is asked, and no word is held open', async () => {
    const { login } = await newMailbox();
    await front.lockAfter(3);
    for (let i = 0; i < 4; i++) await says(login, `guess ${i}`);
    const started = Date.now();
    expect(await says(login, password.mail)).toMatch(/^a NO .*Try again in \d+ s/m);
    expect(Date.now() - started).toBeLessThan(5_000);
    await front.lockAfter(null);
  });

  it('a forced logoff: over for us at once; proved when Dovecot says that the connection is gone', async () => {
    const { login, id } = await newMailbox();
    const { client, answer } = await imap(login, password.mail);
    expect(answer).toMatch(/^a OK/m);
    const ended = await front.call<{ order: { id: string; matched: number } }>('POST', '/v1/sessions/end', {
      select: { account_id: id },
      reason: 'test',
    });
    expect(ended.body.order.matched).toBe(1);
    expect(await front.live(`&login=${login}`)).toEqual([]);
    const order = async () =>
      (
        await front.call<{ state: string; receipts: { state: string; detail: string }[] }>(
          'GET',
          `/v1/orders/${ended.body.order.id}`,
        )
      ).body;
    expect((await order()).receipts[0]).toMatchObject({
      state: 'unreachable',
      detail: expect.stringMatching(/^its host does not answer/),
    });
    execFileSync('/usr/bin/doveadm', ['-c', dovecot.conf, 'kick', login], { stdio: 'ignore' });
    await client.closed;
    const done = await until(async () => {
      const now = await order();
      return now.state === 'done' ? now : undefined;
    }, 'the receipt');
    expect(done.receipts[0]).toMatchObject({ state: 'ended', detail: 'Dovecot: mail_user_session_finished' });
  });

  it('the service away: the passdb refuses, though the policy client goes on; and says that it is temporary', async () => {
    const { login } = await newMailbox();
    await front.service().end('SIGKILL');
    expect(await says(login, password.mail)).toMatch(/^a NO \[UNAVAILABLE\]/m);
    expect(await saysPop3(login, password.mail)).toMatch(/^-ERR \[SYS\/TEMP\]/m);
    await front.startService();
    expect(await says(login, password.mail)).toMatch(/^a OK/m);
  });

  it('no password and no key is in a log', () => {
    for (const said of [dovecot.log(), front.service().said()]) {
      for (const secret of [password.mail, password.ftp, front.key]) expect(said).not.toContain(secret);
    }
  });
});

/** A real nginx in front of mail servers: who may in is asked of the service, and the server behind takes nobody's word but nginx's. */
import { writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { type Dovecot, startDovecot } from './support/dovecot.ts';
import { addTotp } from './support/factor.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { dial } from './support/lines.ts';
import { startNginx } from './support/nginx.ts';
import { freePort, type Program } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/nginx',
  '/usr/lib/nginx/modules/ngx_mail_module.so',
  '/usr/sbin/dovecot',
]);
const password = { panel: 'doors of green paper', mail: 'letters sleep in boxes', ftp: 'files at midnight' };

describe.skipIf(missing !== undefined)('nginx before mail', () => {
  let front: Front;
  let nginx: Program;
  let dovecot: Dovecot;
  const port = { imap: 0, pop3: 0, smtp: 0, mta: 0 };
  const mta = createTcp((socket) => {
    socket.write('220 mta\r\n');
    socket.on('data', (piece) => {
      mtaSaid += piece.toString();
      socket.write('250 fine\r\n');
    });
    socket.on('error', () => {});
  });
  let mtaSaid = '';

  beforeAll(async () => {
    for (const name of Object.keys(port) as (keyof typeof port)[]) port[name] = await freePort();
    front = await openFront();
    await front.addAccount('alice', password);
    mta.listen(port.mta, '127.0.0.1');
    dovecot = await startDovecot(
      front.folder,
      'passdb {\n  driver = static\n  args = password=only-the-proxy-knows\n}',
    );
    nginx = await startNginx(front.folder, port.imap, { mail: mailBlock() });
  }, 120_000);
  afterAll(async () => {
    await nginx?.end('SIGQUIT');
    await dovecot?.program.end();
    mta.close();
    await front?.close();
  });

  function mailBlock(): string {
    const { folder, key } = front;
    const backend = 'auth_http_header X-Gatehouse-Backend-Pass only-the-proxy-knows;';
    writeFileSync(`${folder}/mail.key`, `auth_http_header X-Gatehouse-Key ${key};\n${backend}\n`, {
      mode: 0o600,
    });
    return front.deployed('nginx/gatehouse-mail.conf', {
      '127.0.0.1:8080': `127.0.0.1:${front.port}`,
      '/etc/gatehouse/nginx-mail.key': `${folder}/mail.key`,
      'listen 143': `listen 127.0.0.1:${port.imap}`,
      'listen 110': `listen 127.0.0.1:${port.pop3}`,
      'listen 587': `listen 127.0.0.1:${port.smtp}`,
      '127.0.0.1:10143': `127.0.0.1:${dovecot.imap}`,
      '127.0.0.1:10110': `127.0.0.1:${dovecot.pop3}`,
      '127.0.0.1:10587': `127.0.0.1:${port.mta}`,
    });
  }

  const imap = async (login: string, secret: string) => {
    const client = await dial(port.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN "${login}" "${secret}"`);
    const heard = await client.hears(/^(a (OK|NO|BAD).*|\* BAD.*)$/m);
    return { client, heard };
  };

  it(
    'the right password reaches the server behind, which takes nobody’s but the proxy’s',
    proves('nginx mail: right'),
    async () => {
      const { client, heard } = await imap('alice', password.mail);
      expect(heard).toMatch(/^a OK/m);
      client.say('b CAPABILITY');
      await client.hears(/^b OK/m);
      client.end();
      const direct = await dial(dovecot.imap);
      await direct.hears(/^\* OK/m);
      direct.say(`a LOGIN "alice" "${password.mail}"`);
      await direct.hears(/^a NO/m);
      direct.end();
    },
  );

  const alike = proves('nginx mail: wrong, other store, suspended');
  it(
    'a wrong password, another store’s, a name that is not there and a suspended account are alike',
    alike,
    async () => {
      const erin = await front.addAccount('erin', password);
      await front.call('POST', `/v1/accounts/${erin}/suspend`, { reason: 'unpaid', level: 'logins' });
      for (const [login, secret] of [
        ['alice', 'wrong'],
        ['alice', password.ftp],
        ['nobody', password.mail],
        ['erin', password.mail],
      ] as const) {
        const { client, heard } = await imap(login, secret);
        expect(heard).toMatch(/^a NO Invalid login or password/m);
        client.end();
      }
    },
  );

  it(
    'after too many guesses the right password waits, and a second factor needs an app password',
    proves('nginx mail: second factor'),
    async () => {
      await front.addAccount('carol', password);
      await front.lockAfter(3);
      for (let i = 0; i < 4; i++) (await imap('carol', `guess ${i}`)).client.end();
      const { client, heard } = await imap('carol', password.mail);
      expect(heard).toMatch(/^a NO Too many attempts/m);
      await client.closed;
      await front.lockAfter(null);
      await front.addAccount('dave', password);
      const factor = await addTotp(front, 'dave', password.panel);
      expect((await imap('dave', password.mail)).heard).toMatch(/^a NO Use an app password for mail/m);
      expect((await imap('dave', password.mail + factor.code())).heard).toMatch(/^a OK/m);
    },
  );

  it('POP3, and SMTP with AUTH; without AUTH nobody sends', async () => {
    const pop = await dial(port.pop3);
    await pop.hears(/^\+OK/m);
    pop.say('USER alice');
    await pop.hears(/^\+OK/m);
    pop.say(`PASS ${password.mail}`);
    await pop.hears(/^\+OK/m);
    pop.end();
    const smtp = await dial(port.smtp);
    await smtp.hears(/^220 /m);
    smtp.say('EHLO here');
    await smtp.hears(/^250 /m);
    smtp.say('MAIL FROM:<a@example.net>');
    expect(await smtp.hears(/^\d{3} /m)).toMatch(/^5\d\d/m);
    const plain = (secret: string) => Buffer.from(`\0alice\0${secret}`).toString('base64');
    smtp.say(`AUTH PLAIN ${plain('wrong')}`);
    await smtp.hears(/^535 /m);
    smtp.say(`AUTH PLAIN ${plain(password.mail)}`);
    await smtp.hears(/^235 /m);
    smtp.end();
    expect(mtaSaid).toContain('LOGIN=alice');
  });

  it('percent signs, spaces and letters beyond ASCII in a password arrive as they were typed', async () => {
    const odd = 'fünf % Türen + 100%41 "no"';
    await front.addAccount('odd', { mail: odd });
    const client = await dial(port.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN odd {${Buffer.byteLength(odd)}}`);
    await client.hears(/^\+ /m);
    client.say(odd);
    await client.hears(/^a OK/m);
    client.end();
  });

  it('the service away: nobody comes in; back with it', proves('nginx mail: service away'), async () => {
    await front.service().end('SIGKILL');
    const { client, heard } = await imap('alice', password.mail);
    expect(heard).not.toMatch(/^a OK/m);
    client.end();
    await front.startService();
    const back = await imap('alice', password.mail);
    expect(back.heard).toMatch(/^a OK/m);
    back.client.end();
  });

  it('no key is in a log', () => {
    expect(nginx.said()).not.toContain(front.key);
    expect(front.service().said()).not.toContain(front.key);
  });
});

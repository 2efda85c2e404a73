/** Messages as gateways hand them in: judged, explained by what the house knows, flagged once, and kept without secrets. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepMessages } from '../../src/actions/tidy.ts';
import { watchMemory, watchPatterns } from '../../src/actions/watch-patterns.ts';
import { type Customer, customer, settledCustomer } from '../support/customer.ts';
import { gatewayOf, phish, type Scanned } from '../support/gateway.ts';
import { fitTestHouse, password } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
const gateway = await gatewayOf(house);
const { scan, scanMail } = gateway;
const staff = await house.operator('admin');
const panelKey = await house.client(['authenticate']);
afterAll(house.close);

beforeEach(async () => {
  await house.database.sql`delete from messages`;
  await house.database.sql`delete from flags`;
});

const mail = (headers: Record<string, string>, text: string) =>
  `${Object.entries({ From: 'Help desk <desk@evil.example>', Subject: 'Your mailbox', ...headers })
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${text}`;

const flags = () =>
  house.database.sql<
    {
      id: string;
      kind: string;
      count: number;
      account_id: string | null;
      evidence: Record<string, unknown>;
    }[]
  >`select id, kind, count, account_id, evidence from flags order by seq`;

describe('a request', () => {
  it('is flagged, with evidence, and kept', async () => {
    const anna = await customer(house);
    const { status, body } = await scan({
      text: phish,
      account_login: anna.login,
      from: 'desk@evil.example',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ verdict: 'password_request', solicited: false, flagged: true });
    expect(body.score).toBeGreaterThan(0.5);
    expect(body.signals.flatMap(({ evidence }) => evidence.map(({ quote }) => quote)).join(' ')).toContain(
      'password',
    );
    expect(await flags()).toMatchObject([
      { id: body.flag_id, kind: 'message', count: 1, account_id: anna.id },
    ]);
    const [kept] = await house.database.sql`select * from messages`;
    expect(kept).toMatchObject({
      ...{ medium: 'email', direction: 'inbound', origin: 'scan', account_id: anna.id, flagged: true },
      ...{ sender_domain: 'evil.example', flag_id: body.flag_id },
    });
    expect(kept?.redacted).toContain('reply with your password');
    const [raised] = await house.events('flag.raised');
    expect(raised).toMatchObject({ account_id: anna.id, actor_id: gateway.id });
  });

  it('a mail by its raw text; whose it is says the query, or its headers', async () => {
    const berta = await customer(house);
    await addressOf(house, berta.id, 'berta@customer.example');
    const byQuery = await scanMail(mail({ To: 'all@list.example' }, phish), `?recipient=${berta.login}`);
    expect(byQuery.body).toMatchObject({ verdict: 'password_request', flagged: true });
    const byHeader = await scanMail(mail({ To: 'Berta <BERTA@customer.example>' }, phish));
    expect(byHeader.body.flag_id).toBe(byQuery.body.flag_id);
    expect(await house.database.sql`select distinct account_id from messages`).toEqual([
      { account_id: berta.id },
    ]);
  });

  it('ordinary mail is clear, leaves figures and no text, and goes after its days', async () => {
    const { body } = await scanMail(
      mail({ Subject: 'Lunch' }, 'Shall we meet at noon? Bring the plans for the garden.'),
    );
    expect(body).toMatchObject({ verdict: 'clear', flagged: false });
    const [kept] = await house.database.sql`select redacted, flagged from messages`;
    expect(kept).toEqual({ redacted: null, flagged: false });
    const system = () => house.ctx({ kind: 'system' });
    expect(await sweepMessages(system())).toBe(0);
    house.pass(7 * 86_400_000 + 1);
    expect(await sweepMessages(system())).toBe(1);
  });

  it('the threshold is the policy’s', async () => {
    const { score } = (await scan({ text: phish })).body;
    const patch = (threshold: number | null) =>
      house.request('PATCH', '/v1/policy', {
        ...{ token: staff.token, body: { messages: { threshold } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    expect(score).toBeLessThan(0.999);
    expect((await patch(99)).status).toBe(200);
    const strict = (await scan({ text: 'Please confirm your password.' })).body;
    expect(strict.verdict).toBe('clear');
    await patch(null);
  });
});

describe('the same message', () => {
  const copy = (name: string, amount: number) =>
    `Dear ${name}, your mailbox has exceeded its quota of ${amount} MB and will be suspended within 24 hours. Please reply with your password so that we can repair your mailbox at once and without any loss.`;

  it('to many is one flag, which is nobody’s alone', async () => {
    const [one, other] = [await customer(house), await customer(house)];
    const first = await scan({ text: copy('Carla', 512), account_login: one.login });
    const second = await scan({ text: copy('Dora', 2048), account_login: other.login });
    expect(second.body.flag_id).toBe(first.body.flag_id);
    expect(await flags()).toMatchObject([{ count: 2 }]);
  });

  it('one mail to several of our customers is kept for each, found by each, and nobody’s alone', async () => {
    const several = [await customer(house), await customer(house), await customer(house)];
    for (const { id, login } of several) await addressOf(house, id, `${login}@customer.example`);
    const To = several.map(({ login }) => `${login}@customer.example`).join(', ');
    const { flag_id } = (await scanMail(mail({ To }, phish))).body;
    expect(await flags()).toMatchObject([{ id: flag_id, count: 1, account_id: null }]);
    const rows = await house.database.sql`select account_id from messages where flag_id = ${flag_id ?? ''}`;
    expect(rows.map(({ account_id }) => account_id).sort()).toEqual(several.map(({ id }) => id).sort());
    for (const { id } of several) {
      const answer = await house.request('GET', `/v1/flags?account_id=${id}`, { token: staff.token });
      expect(await answer.json()).toMatchObject({ items: [{ id: flag_id }] });
    }
  });

  it('RACE: 16 copies at once are one flag that counts 16', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => scan({ text: copy(`Name${'x'.repeat(n)}`, n) })),
    );
    expect(new Set(answers.map(({ body }) => body.flag_id)).size).toBe(1);
    expect(await flags()).toMatchObject([{ count: 16 }]);
    expect(await house.database.sql`select 1 from messages`).toHaveLength(16);
  });

  it('dismissed once, it is not shown again for a month', async () => {
    const from = 'eva@partner.example';
    const { flag_id } = (await scan({ text: copy('Emma', 1), from })).body;
    await house.database
      .sql`update flags set state = 'dismissed', resolved_at = ${new Date(house.now()).toISOString()} where id = ${flag_id ?? ''}`;
    const again = (await scan({ text: copy('Fritz', 2), from })).body;
    expect(again).toMatchObject({ verdict: 'password_request', flagged: false });
    // It leaves what a harmless one leaves: figures and a sketch, and no text.
    expect(await house.database.sql`select flagged, redacted from messages where flag_id is null`).toEqual([
      { flagged: false, redacted: null },
    ]);
    house.pass(31 * 86_400_000);
    expect((await scan({ text: copy('Gerd', 3), from })).body.flagged).toBe(true);
  });

  it('another message is another flag', async () => {
    await scan({ text: copy('Hans', 1) });
    await scan({
      text: 'Somebody tried to log in to your account. Tell us your PIN and your password, and we will look after the matter for you.',
    });
    expect(await flags()).toHaveLength(2);
  });
});

describe('what was asked for', () => {
  async function resetMailOf(me: Customer): Promise<{ text: string; subject: string; link: string }> {
    await house.request('POST', '/v1/password-resets', { token: panelKey.token, body: { login: me.login } });
    const [letter] = await mailsOf(house);
    if (letter === undefined) throw new Error('no mail');
    return letter;
  }
  const asMail = ({ text, subject }: { text: string; subject: string }, to: string) =>
    mail({ From: 'Gatehouse <gatehouse@host.test>', To: to, Subject: subject }, text);

  it('a genuine reset mail of our own passes, and is explained by its link', async () => {
    const me = await settledCustomer(house);
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await mailsOf(house);
    const letter = await resetMailOf(me);
    const { body } = await scanMail(asMail(letter, `${me.login}@customer.example`));
    expect(body).toMatchObject({ flagged: false, solicited: true, explained_by: 'our_mail' });
  });

  it('ATTACK: the same text to somebody who asked for nothing is flagged', async () => {
    const [me, victim] = [await settledCustomer(house), await settledCustomer(house)];
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await addressOf(house, victim.id, `${victim.login}@customer.example`);
    await mailsOf(house);
    const letter = await resetMailOf(me);
    const { body } = await scanMail(asMail(letter, `${victim.login}@customer.example`));
    expect(body).toMatchObject({ verdict: 'password_request', flagged: true, solicited: false });
    expect(body.signals[0]?.name).toBe('nobody-asked');
  });

  it('ATTACK: a request of its own beside the genuine link is not explained by it', async () => {
    const me = await settledCustomer(house);
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await mailsOf(house);
    const letter = await resetMailOf(me);
    const added = `${phish}\n${letter.text}\nOr here: https://evil.example/login`;
    const { body } = await scanMail(asMail({ ...letter, text: added }, `${me.login}@customer.example`));
    expect(body).toMatchObject({ flagged: true, solicited: false });
  });

  it('ATTACK: one word more than we wrote, another version beside it, or something attached, and it is not ours', async () => {
    const me = await settledCustomer(house);
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await mailsOf(house);
    const letter = await resetMailOf(me);
    const to = `${me.login}@customer.example`;
    const page = '<a href="https://evil.example/"><img src="x.png"></a>';
    const parts = (type: string, ...all: string[]) =>
      mail(
        {
          ...{ From: 'Gatehouse <gatehouse@host.test>', To: to, Subject: letter.subject },
          'Content-Type': `multipart/${type}; boundary=b`,
        },
        `--b\r\nContent-Type: text/plain\r\n\r\n${letter.text}${all.map((each) => `\r\n--b\r\n${each}`).join('')}\r\n--b--`,
      );
    const others = [
      asMail({ ...letter, text: `${letter.text}\nAnswer with your password.` }, to),
      asMail({ ...letter, subject: `${letter.subject}: answer with your password` }, to),
      asMail(
        { ...letter, text: letter.text.replace('http://localhost:8080', 'http://localhost.evil.example') },
        to,
      ),
      parts('alternative', `Content-Type: text/html\r\n\r\n${page}`),
      parts(
        'mixed',
        `Content-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n\r\n${page}`,
      ),
      parts('mixed', 'Content-Type: application/pdf; name=a.pdf\r\n\r\nJVBERi0='),
    ];
    for (const raw of others) expect((await scanMail(raw)).body.solicited, raw).toBe(false);
    expect((await scanMail(asMail(letter, to))).body.explained_by).toBe('our_mail');
  });

  it('ATTACK: somebody who did ask explains nothing to those who get it with him', async () => {
    const [mallory, victim] = [await settledCustomer(house), await settledCustomer(house)];
    await addressOf(house, mallory.id, 'mallory@customer.example');
    await addressOf(house, victim.id, 'victim@customer.example');
    await mailsOf(house);
    const letter = await resetMailOf(mallory);
    for (const to of [
      'victim@customer.example, mallory@customer.example',
      'mallory@customer.example, victim@customer.example',
    ])
      expect((await scanMail(asMail(letter, to))).body.solicited).toBe(false);
    // A second account under the address of the victim.
    await addressOf(house, mallory.id, 'victim@customer.example');
    expect(
      (await scanMail(asMail(letter, 'x@y.example'), '?recipient=victim@customer.example')).body.solicited,
    ).toBe(false);
    const json = { text: letter.text, subject: letter.subject, account_login: victim.login };
    expect((await scan({ ...json, to: 'mallory@customer.example' })).body.solicited).toBe(false);
  });

  it('ATTACK: to ask for a reset oneself first makes no copy of another one’s genuine', async () => {
    const [mallory, victim] = [await settledCustomer(house), await settledCustomer(house)];
    await addressOf(house, mallory.id, 'mallory@customer.example');
    await addressOf(house, victim.id, 'victim@customer.example');
    await mailsOf(house);
    const letter = await resetMailOf(mallory);
    await resetMailOf(victim);
    for (const to of ['victim@customer.example', 'victim+x@customer.example', 'undisclosed recipients:;'])
      expect((await scanMail(asMail(letter, to))).body, to).toMatchObject({
        flagged: true,
        solicited: false,
      });
    const junk = Array.from({ length: 6 }, (_, n) => `nobody${n}@customer.example`).join(', ');
    expect((await scanMail(asMail(letter, `${junk}, victim@customer.example`))).body.flagged).toBe(true);
  });

  it('a link that confirms a new address is no surprise there, though the address is nobody’s yet', async () => {
    const me = await settledCustomer(house);
    await addressOf(house, me.id, 'old@customer.example');
    await me.prove({ password });
    const asked = await me.ask('PUT', '/v1/me/email', { email: 'new@customer.example' });
    expect(asked.status).toBeLessThan(300);
    const letters = (await mailsOf(house)).filter(({ to }) => to === 'new@customer.example');
    expect(letters).toHaveLength(1);
    for (const letter of letters)
      expect((await scanMail(asMail(letter, 'new@customer.example'))).body.flagged).toBe(false);
  });

  it('a mail of ours is one for three days', async () => {
    const me = await settledCustomer(house);
    await addressOf(house, me.id, `${me.login}@customer.example`);
    await mailsOf(house);
    const letter = await resetMailOf(me);
    house.pass(3 * 86_400_000 + 1);
    const { body } = await scanMail(asMail(letter, `${me.login}@customer.example`));
    expect(body).toMatchObject({ solicited: false });
  });
});

describe('announced contacts', () => {
  const announce = (body: Record<string, unknown>, token = staff.token) =>
    house.request('POST', '/v1/contacts', { token, body });
  const story = (code: string) =>
    `Hello, this is the support team of your host, code ${code}. Your mailbox is moving to a new server and has to be verified today; please log in to your account at https://host.test/ and confirm your account.`;

  it('the customer checks the code; nobody else’s account knows it', async () => {
    const [me, other] = [await customer(house), await customer(house)];
    const response = await announce({ account_id: me.id, medium: 'call', purpose: 'moving your site' });
    expect(response.status).toBe(201);
    const { id, code } = (await response.json()) as { id: string; code: string };
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const typed = encodeURIComponent(code.toLowerCase().replace('-', ' '));
    expect(await me.ask('GET', `/v1/me/contacts/${typed}`)).toMatchObject({
      status: 200,
      body: { id, medium: 'call', purpose: 'moving your site' },
    });
    expect((await other.ask('GET', `/v1/me/contacts/${typed}`)).status).toBe(404);
    expect((await me.ask('GET', '/v1/me/contacts/AAAA-AAAA')).status).toBe(404);
    expect(await house.events('contact.checked')).toHaveLength(1);
    expect(JSON.stringify(await house.database.sql`select * from contacts`)).not.toContain(code);
    house.pass(8 * 86_400_000);
    const later = (await me.open()).token;
    expect((await me.ask('GET', `/v1/me/contacts/${typed}`, undefined, later)).status).toBe(404);
  });

  it('explains a message of its medium, to its account, with its code; never a request for the password itself', async () => {
    const [me, other] = [await customer(house), await customer(house)];
    const made = await announce({ account_id: me.id, medium: 'ticket', purpose: 'moving' }, gateway.token);
    const { code } = (await made.json()) as { code: string };
    const says = async (text: string, login: string, medium = 'ticket') =>
      (await scan({ text, account_login: login, medium })).body;
    const genuine = await says(story(code), me.login);
    expect(genuine).toMatchObject({ solicited: true, explained_by: 'announced', flagged: false });
    expect((await says(story(code), other.login)).solicited).toBe(false);
    expect((await says(story(code), me.login, 'sms')).solicited).toBe(false);
    expect((await says(story('AAAA-AAAA'), me.login)).solicited).toBe(false);
    expect(await says(`${story(code)} Reply with your password.`, me.login)).toMatchObject({
      solicited: false,
      flagged: true,
    });
    for (const way of [
      'https://evil.example/',
      'http://host.test:8443/',
      'https://site.host.test/',
      'https://host.test@evil.example/',
      'evil.xyz/login',
      'www.evil.app',
      'https:/evil.example',
      '\\\\evil.example\\x',
      'mailto:desk@evil.example',
      'desk@evil.example',
      'tel:+15551234',
      'javascript:alert(1)',
      'https://host.test/ or https://еvil.example',
    ]) {
      const elsewhere = story(code).replace('https://host.test/', way);
      expect((await says(elsewhere, me.login)).solicited, way).toBe(false);
    }
  });

  it('ATTACK: a key that is bound to a host announces none: whoever has the host would explain his own messages', async () => {
    const me = await customer(house);
    const bound = await house.client(['agent', 'authenticate', 'messages'], 'mx1');
    const response = await announce({ account_id: me.id, medium: 'call', purpose: 'x' }, bound.token);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'not_allowed' });
    expect(await house.database.sql`select 1 from contacts where account_id = ${me.id}`).toEqual([]);
  });

  it('refuses moments that cannot be, unknown accounts, and others than the staff', async () => {
    const me = await customer(house);
    const about = { account_id: me.id, medium: 'email', purpose: 'x' };
    for (const expires_at of [new Date(house.now() - 1), new Date(house.now() + 31 * 86_400_000)])
      expect((await announce({ ...about, expires_at: expires_at.toISOString() })).status).toBe(422);
    expect((await announce({ ...about, account_id: 'acc_nobody' })).status).toBe(404);
    expect((await announce(about, me.token)).status).toBe(403);
    expect((await announce(about, panelKey.token)).status).toBe(403);
    expect((await announce(about, (await house.operator('auditor')).token)).status).toBe(403);
  });
});

describe('the staff', () => {
  it('a request of ours is flagged as such, once, however many watch', async () => {
    const me = await customer(house);
    const out = { direction: 'outbound', medium: 'ticket', from: 'eva@host.test', account_login: me.login };
    const { body } = await scan({ ...out, text: 'Please send me your password, then I can fix it.' });
    expect(body).toMatchObject({ verdict: 'password_request', flagged: true, solicited: false });
    const memory = watchMemory(house.house.world.random(9));
    await watchPatterns(house.ctx({ kind: 'system' }), memory);
    expect(await flags()).toMatchObject([{ id: body.flag_id, kind: 'staff_request', account_id: me.id }]);
    await scan({ ...out, text: 'I need your password to go on.' });
    await watchPatterns(house.ctx({ kind: 'system' }), memory);
    const [flag] = await flags();
    expect(flag).toMatchObject({ kind: 'staff_request', count: 2 });
    expect(await flags()).toHaveLength(1);
  });

  it('an announced contact is no licence to ask', async () => {
    const me = await customer(house);
    await house.request('POST', '/v1/contacts', {
      ...{ token: staff.token, body: { account_id: me.id, medium: 'ticket', purpose: 'x' } },
    });
    const said = { direction: 'outbound', medium: 'ticket', account_login: me.login };
    expect((await scan({ ...said, text: 'Please send me your password.' })).body.flagged).toBe(true);
  });
});

describe('who may, and what is refused', () => {
  it('the scope messages alone', async () => {
    const me = await customer(house);
    for (const token of [panelKey.token, me.token, staff.token])
      expect((await scan({ text: 'x' }, token)).status).toBe(403);
    expect((await scan({ text: 'x' }, 'ghc_nothing')).status).toBe(401);
    expect((await scanMail('x', '', panelKey.token)).status).toBe(403);
  });

  it('names what is wrong with a request', async () => {
    expect((await scan({ text: 'x', medium: 'pigeon' })).status).toBe(422);
    expect((await scan({ text: 'x', colour: 'red' })).status).toBe(422);
    expect((await scanMail('x', '?direction=sideways')).status).toBe(422);
    expect((await scanMail('x', '?to=x')).status).toBe(422);
    expect((await scanMail('')).status).toBe(200);
    const large = await scanMail('a'.repeat(25 * 1024 * 1024 + 1));
    expect(large.status).toBe(413);
  });

  it('an unknown login tells the same as a known one', async () => {
    const me = await customer(house);
    const shape = ({ body }: Scanned) => [Object.keys(body).sort(), body.verdict, body.solicited, body.score];
    const text = 'Shall we meet at noon?';
    expect(shape(await scan({ text, account_login: me.login }))).toEqual(
      shape(await scan({ text, account_login: 'nobody-of-that-name' })),
    );
  });
});

it('ATTACK: passwords that somebody did send are nowhere afterwards', async () => {
  const me = await customer(house);
  const planted = ['Sunflower-Tango-77', 'rosebudrosebud', 'qwertzuiopasdf', '837465'];
  const [one, two, three, code] = planted;
  const answers = [
    await scanMail(
      mail({ Subject: `my password is ${one}` }, `${phish}\n\nPassword: ${two}\n\n> ok`),
      `?recipient=${me.login}`,
    ),
    await scan({
      text: `${phish} Here you are, my password is ${three} and the code: ${code}`,
      account_login: me.login,
    }),
    await scan({ direction: 'outbound', medium: 'chat', text: `Send me your password. Is it still ${two}?` }),
  ];
  expect(answers.map(({ body }) => body.flagged)).toEqual([true, true, true]);
  const tables = await house.database.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`;
  const said = [JSON.stringify(answers)];
  for (const { name } of tables)
    said.push(JSON.stringify(await house.database.sql`select * from ${house.database.sql(name)}`));
  for (const secret of planted) expect(said.filter((text) => text.includes(String(secret)))).toEqual([]);
});

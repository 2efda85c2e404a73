/** `POST /v1/imports`: NDJSON as it comes, for admins alone, within limits, once by its key. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const tokens = { admin: '', support: '', accounts: '' };
beforeAll(async () => {
  tokens.admin = (await house.operator('admin')).token;
  tokens.support = (await house.operator('support')).token;
  tokens.accounts = (await house.client(['accounts'])).token;
});

const hash = '8743b52063cd84097a65d1633f5c74f5';
const rows = (...logins: string[]) => logins.map((login) => JSON.stringify({ login, hash })).join('\n');
const send = (
  body: string,
  { query = 'store=ftp', type = 'application/x-ndjson', token = tokens.admin, key = '' } = {},
) =>
  house.request('POST', `/v1/imports?${query}`, {
    token,
    body,
    headers: { 'content-type': type, ...(key === '' ? {} : { 'idempotency-key': key }) },
  });

it('happy: rows come in, the report names the others', async () => {
  const response = await send(`${rows('ann')}\nnonsense\n${rows('root')}\n`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    ...{ created: 1, refused_count: 2, store: 'ftp', format: 'ndjson', dry_run: false },
    refused: [{ line: 2, reason: 'The line is not JSON.' }, { line: 3 }],
  });
  expect(await house.guess({ login: 'ann', password: 'hashcat' })).toMatchObject({ decision: 'allow' });
});

it('happy: another format as text, a dry run, an overwrite', async () => {
  const csv = { type: 'text/csv; charset=utf-8', query: 'store=ftp&format=csv&dry_run=true' };
  expect(await (await send(`bea,${hash}\n`, csv)).json()).toMatchObject({ created: 1, dry_run: true });
  expect(await (await send(`ann,${hash}\n`, { ...csv, query: 'store=ftp&format=csv' })).json()).toMatchObject(
    {
      existing: 1,
    },
  );
  const query = 'store=ftp&format=csv&overwrite=true';
  expect(await (await send(`ann,${hash}\n`, { ...csv, query })).json()).toMatchObject({ overwritten: 1 });
});

it('refused: not an admin, no store, an unknown format or field, another kind of body', async () => {
  const status = async (more: Parameters<typeof send>[1]) => (await send(rows('eve'), more)).status;
  expect(await status({ token: tokens.support })).toBe(403);
  expect(await status({ token: tokens.accounts })).toBe(403);
  expect(await status({ query: '' })).toBe(422);
  expect(await status({ query: 'store=ftp&format=xml' })).toBe(422);
  expect(await status({ query: 'store=ftp&force=true' })).toBe(422);
  expect(await status({ type: 'application/json' })).toBe(400);
  expect(await house.database.sql`select 1 from accounts where login = 'eve'`).toEqual([]);
});

it('hostile: a declared length beyond the limit is refused unread', async () => {
  const response = await house.request('POST', '/v1/imports?store=ftp', {
    token: tokens.admin,
    body: rows('eve'),
    headers: { 'content-type': 'application/x-ndjson', 'content-length': String(2 ** 40) },
  });
  expect(response.status).toBe(413);
});

it('a repeated key gets the first answer', async () => {
  const first = await (await send(rows('key1'), { key: 'once' })).json();
  const again = await send(rows('key1'), { key: 'once' });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await again.json()).toEqual(first);
  expect((await send(rows('key1'), { key: 'once', query: 'store=mail' })).status).toBe(409);
});

it('the description names the stream and the report', async () => {
  const document = JSON.parse(await (await house.request('GET', '/openapi.json')).text());
  const { post } = document.paths['/v1/imports'];
  expect(Object.keys(post.requestBody.content)).toContain('application/x-ndjson');
  expect(post.responses['200'].content['application/json'].schema.$ref).toMatch(/ImportReport/);
});

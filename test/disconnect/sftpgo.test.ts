/** SFTPGo's REST API in recorded shapes (`GET /api/v2/connections`, `DELETE /api/v2/connections/{id}`); not SFTPGo. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FarSession } from '../../src/disconnect/disconnector.ts';
import { wayToSftpgo } from '../../src/disconnect/sftpgo.ts';
import { Secret } from '../../src/domain/secret.ts';

const began = Date.UTC(2026, 0, 5, 12);
const connection = (id: string, more: object = {}) => ({
  ...{ username: 'alice', connection_id: id, client_version: 'SSH-2.0-OpenSSH_9.2', command: '' },
  ...{ remote_address: '198.51.100.7:40001', connection_time: began, last_activity: began, protocol: 'SFTP' },
  ...{ active_transfers: [], node: '', ...more },
});
const session = (id: string, more: Partial<FarSession> = {}): FarSession => ({
  ...{
    id,
    ref: `sftpgo:${id}`,
    login: 'alice',
    channel: 'sftp',
    sourceIp: '198.51.100.7',
    openedAt: began + 900,
  },
  ...more,
});

let server: Server;
let listed: ReturnType<typeof connection>[] = [];
let asked: string[] = [];
/** How often a connection that is to end is still listed. */
let lingers = 0;
let status = 200;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const denied = request.headers['x-sftpgo-api-key'] !== 'the.key';
    if (denied || status !== 200) return void response.writeHead(denied ? 401 : status).end('{"error":"no"}');
    if (request.method === 'DELETE') {
      const id = decodeURIComponent(/connections\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '');
      const there = listed.some((each) => each.connection_id === id);
      setTimeout(() => {
        listed = listed.filter((each) => each.connection_id !== id);
      }, lingers);
      response.writeHead(there ? 200 : 404);
      return void response.end('{"message":"Connection closed"}');
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(listed));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void server.close());
beforeEach(() => {
  listed = [];
  asked = [];
  lingers = 0;
  status = 200;
});

const way = (apiKey = 'the.key') =>
  wayToSftpgo({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: new Secret(apiKey),
  });
const ended = () => asked.filter((each) => each.startsWith('DELETE'));

test('ended once it is listed no more; others of that name, place or protocol are not touched', async () => {
  listed = [
    connection('other login', { username: 'bob' }),
    connection('other place', { remote_address: '203.0.113.9:1' }),
    connection('other door', { protocol: 'FTP' }),
    connection('web', { protocol: 'HTTP' }),
    connection('SFTP_mine/1', { username: 'Alice' }),
  ];
  lingers = 300;
  const mine = session('ses_1');
  expect(await way()(mine, [mine])).toMatchObject({ state: 'ended' });
  expect(ended()).toEqual(['DELETE /api/v2/connections/SFTP_mine%2F1']);
  expect(listed).toHaveLength(4);
});

test('of several of one login and address each session has its own, by when it began', async () => {
  listed = [connection('first'), connection('second', { connection_time: began + 60_000 })];
  const all = [session('ses_1'), session('ses_2', { openedAt: began + 60_700 })];
  expect(await way()(all[1] as FarSession, all)).toMatchObject({ state: 'ended' });
  expect(listed.map((each) => each.connection_id)).toEqual(['first']);
});

test('a session whose connection is gone takes no other’s', async () => {
  listed = [connection('second', { connection_time: began + 60_000 })];
  const all = [session('ses_1'), session('ses_2', { openedAt: began + 60_700 })];
  expect(await way()(all[0] as FarSession, all)).toMatchObject({ state: 'absent' });
  expect(ended()).toEqual([]);
});

test('a node of a cluster is told which', async () => {
  listed = [connection('mine', { node: 'n 2' })];
  await way()(session('ses_1'), [session('ses_1')]);
  expect(ended()).toEqual(['DELETE /api/v2/connections/mine?node=n%202']);
});

test('still listed after all: not proven', async () => {
  listed = [connection('mine')];
  lingers = 60_000;
  expect(await way()(session('ses_1'), [session('ses_1')])).toMatchObject({ state: 'not_proven' });
});

test('a wrong key, a fault, an answer of another shape, silence: out of reach, and no secret in the words', async () => {
  const mine = session('ses_1');
  expect(await way('a wrong one')(mine, [mine])).toEqual({
    state: 'unreachable',
    detail: 'SFTPGo answers 401',
  });
  status = 500;
  expect(await way()(mine, [mine])).toEqual({ state: 'unreachable', detail: 'SFTPGo answers 500' });
  status = 200;
  listed = [{ ...connection('x'), connection_time: 'yesterday' as unknown as number }];
  expect(await way()(mine, [mine])).toMatchObject({ state: 'unreachable' });
  const nobody = wayToSftpgo({ url: 'http://127.0.0.1:9', apiKey: new Secret('k') });
  expect(await nobody(mine, [mine])).toEqual({ state: 'unreachable', detail: 'SFTPGo does not answer' });
});

/** What somebody at the server's own shell sets up: the panel's key, an operator, customers. */
import { enter } from '../../src/actions/context.ts';
import { createClient, createOperator } from '../../src/actions/principals.ts';
import { fitConsole } from '../../src/main/house.ts';
import { openDatabase } from '../../src/store/db.ts';
import { systemWorld } from '../../src/world.ts';
import { value } from '../support/house.ts';

export function consoleOf(databaseUrl: string) {
  const database = openDatabase(databaseUrl, { pool: 2 });
  const ctx = () => enter(fitConsole(database, systemWorld), { kind: 'console', user: 'root' }, 'req_test');
  let operator: string | undefined;
  const post = async (url: string, method: string, path: string, body: unknown) => {
    operator ??= value(await createOperator(ctx(), { login: 'staff', role: 'admin' })).token;
    const said = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${operator}` },
      body: JSON.stringify(body),
    });
    if (!said.ok) throw new Error(`${path}: ${said.status} ${await said.text()}`);
    return (await said.json()) as { id: string };
  };
  return {
    panelKey: async () => value(await createClient(ctx(), { name: 'panel', scopes: ['authenticate'] })).key,
    account: async (login: string, password: string, url: string) => {
      const { id } = await post(url, 'POST', '/v1/accounts', { login });
      await post(url, 'PUT', `/v1/accounts/${id}/credentials/panel`, { password });
    },
    close: () => database.close(),
  };
}

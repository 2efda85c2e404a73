/**
 * better-auth's get-session as its documentation sets it up: the pg pool, sessions in the database, no cookie cache.
 * First line: the port; then `<count>` signed session cookies, one JSON array, in the file named by the second argument.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const [, , countText, cookieFile] = process.argv;
const secret = randomBytes(32).toString('base64');
const options = {
  baseURL: 'http://127.0.0.1',
  secret,
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);

const context = await auth.$context;
const cookie = context.authCookies.sessionToken.name;
const sign = (token) =>
  encodeURIComponent(`${token}.${createHmac('sha256', secret).update(token).digest('base64')}`);
const cookies = [];
for (let n = 0; n < Number(countText); n++) {
  const user = await context.internalAdapter.createUser({
    email: `user${n}@example.net`,
    name: `User ${n}`,
    emailVerified: true,
  });
  const session = await context.internalAdapter.createSession(user.id);
  cookies.push(`${cookie}=${sign(session.token)}`);
}
writeFileSync(cookieFile, JSON.stringify(cookies), { mode: 0o600 });

const server = createServer(toNodeHandler(auth));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

/** The floor: Hono on its Node server with a constant JSON answer to the same requests. No body read, no database. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const answer: unknown = JSON.parse(process.argv[2] ?? '{}');
const app = new Hono();
app.post('/v1/sessions/check', (c) => c.json(answer));
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.stdout.write(`${port}\n`));

/** Gatehouse's own door and query, with each check asking by itself. */
import { serve } from '@hono/node-server';
import { enter } from '../../src/actions/context.ts';
import { createApp } from '../../src/http/app.ts';
import { createOrderStreams } from '../../src/http/order-streams.ts';
import { readStoreConfig } from '../../src/main/config.ts';
import { fitConsole } from '../../src/main/house.ts';
import { createChecks } from '../../src/store/checks.ts';
import { openDatabase } from '../../src/store/db.ts';
import { systemWorld } from '../../src/world.ts';

const config = readStoreConfig();
const database = openDatabase(config.databaseUrl?.reveal() ?? '', { pool: config.databasePool });
const checks = createChecks(database, { batchCap: 1, batchesInFlight: Number.POSITIVE_INFINITY });
const house = { ...fitConsole(database, systemWorld), checks };
setInterval(() => void house.touches.flush(), 200);
const streams = createOrderStreams(() => enter(house, { kind: 'system' }, 'stream'), systemWorld.monotonicMs);
const app = createApp({ house, streams, version: 'bench' });
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.stdout.write(`${port}\n`));

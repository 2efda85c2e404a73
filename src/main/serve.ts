/** The roof of the service: opens everything in order, and closes it in the reverse one. */
import { setFlagsFromString } from 'node:v8';
import { serve } from '@hono/node-server';
import { enter, type House } from '../actions/context.ts';
import { staffExists } from '../actions/principals.ts';
import { publicPages } from '../console/public-pages.ts';
import { createHooks } from '../hooks/index.ts';
import { createApp } from '../http/app.ts';
import { createOrderStreams, type OrderStreams } from '../http/order-streams.ts';
import { startJobs } from '../jobs/index.ts';
import { log } from '../log.ts';
import { version } from '../version.ts';
import { systemWorld, type World } from '../world.ts';
import type { ServeConfig } from './config.ts';
import { openConfigured } from './database.ts';
import { fitHouse } from './house.ts';
import { loadKeys } from './keys.ts';
import { mailRoomFor, mailWords } from './mail.ts';

export interface Service {
  readonly url: string;
  /** What somebody who has just installed it should do next; undefined once there is staff. */
  readonly nextStep: string | undefined;
  stop(): Promise<void>;
}

/** Limits of `node:http` itself: a slow or talkative caller is cut off before any of our code runs. */
const serverOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
};
/** Requests under way at a stop may finish within this. */
const drainMs = 5_000;

/** Starts the service and answers when it can answer. @throws when the database, the keys or the port are not usable. */
export async function runService(config: ServeConfig, world: World = systemWorld): Promise<Service> {
  log.level = config.logLevel;
  // A young heap of a few MB is swept by one thread: four helpers woken for it take the cores from the hashes.
  setFlagsFromString('--no-parallel-scavenge');
  const open = await openConfigured(config);
  try {
    const house = await fitHouse(
      open.database,
      loadKeys(config.keysFile, world),
      world,
      config,
      mailRoomFor(config),
    );
    log.info(
      { database: open.kind, engine: house.hashing.engine, cost: config.hashCost },
      'the house is fitted',
    );
    const { ok, detail } = mailWords(config);
    log[ok ? 'info' : 'warn']({ mail: house.mail.kind }, `mail to owners ${detail}`);
    return await openDoors(house, config, open.close);
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Notifications wake the agents' streams; what they tell is read from the rows. */
async function listenForOrders(house: House, streams: OrderStreams): Promise<() => Promise<void>> {
  const stops = [
    await house.database.listen('gatehouse_orders', (host) => streams.wake(host)),
    await house.database.listen('gatehouse_doors', (told) => streams.begun(told)),
    await house.database.listen('gatehouse_policy', () => streams.clocksChanged()),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

async function openDoors(
  house: House,
  config: ServeConfig,
  closeDatabase: () => Promise<void>,
): Promise<Service> {
  const system = () => enter(house, { kind: 'system' }, 'stream');
  const streams = createOrderStreams(system, house.world.monotonicMs);
  const app = createApp({
    ...{ house, streams, version },
    doors: [
      createHooks({ house, proxies: config.trustedProxies }),
      publicPages({ house, proxies: config.trustedProxies }),
    ],
  });
  const stopListening = await listenForOrders(house, streams);
  const jobs = startJobs(house);
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const made = serve({ fetch: app.fetch, hostname: config.host, port: config.port, serverOptions }, () =>
      resolve(made),
    );
    made.once('error', reject);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${port}`,
    nextStep: (await staffExists(system()))
      ? undefined
      : 'gatehouse operator create YOU --role admin   (in a checkout: npm run -s gatehouse -- operator create …)',
    stop: async () => {
      streams.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), drainMs);
      await closed;
      clearTimeout(cut);
      await jobs.stop();
      await house.courier.close();
      await house.touches.flush();
      await stopListening().catch(() => {});
      await house.afterwards.stop();
      await house.hashing.close();
      await house.strength.close();
      await house.judging.close();
      house.mail.close();
      await closeDatabase();
    },
  };
}

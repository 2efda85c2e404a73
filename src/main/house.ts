/** Fits the house: every part is made here, once, and handed to those who need it. */
import type { House, Sealer } from '../actions/context.ts';
import { noDisconnector } from '../disconnect/disconnector.ts';
import { dialRule } from '../domain/dial-rule.ts';
import type { KeyRing } from '../domain/keyring.ts';
import { contextWords } from '../domain/password.ts';
import { sealed, sealNonceBytes, unsealed } from '../domain/seal.ts';
import { createAfterwards } from '../hashing/afterwards.ts';
import { computersHere } from '../hashing/engine.ts';
import { createHashing, type Hashing } from '../hashing/pool.ts';
import { createVerified } from '../hashing/verified.ts';
import { createJudging } from '../judging/judging.ts';
import { type MailRoom, noMail } from '../mail/mail-room.ts';
import { httpCourier, noCourier } from '../outbound/courier.ts';
import { createChecks } from '../store/checks.ts';
import type { Database } from '../store/db.ts';
import { bindKeys, boundKeys } from '../store/installation.ts';
import { createTouches } from '../store/touches.ts';
import { createStrength } from '../strength/strength.ts';
import type { World } from '../world.ts';
import type { ServeConfig } from './config.ts';
import { disconnectorFor } from './daemons.ts';

/** A house that judges logins. Refuses a database that was made with another key ring. */
export async function fitHouse(
  database: Database,
  keyring: KeyRing,
  world: World,
  config: Pick<
    ServeConfig,
    | 'hashThreads'
    | 'hashCost'
    | 'hashEngine'
    | 'origin'
    | 'passkeys'
    | 'words'
    | 'breachSet'
    | 'daemons'
    | 'webhookAllow'
    | 'detector'
  >,
  mail: MailRoom,
): Promise<House> {
  const bound = await bindKeys(database, keyring.fingerprint, world.now());
  if (bound !== keyring.fingerprint) {
    throw new Error(
      `This database belongs to another key ring (${bound}, here is ${keyring.fingerprint}). ` +
        'Copy keys.json from a node that works, or set GATEHOUSE_KEYS_FILE: with this one every password would be wrong.',
    );
  }
  const { hashThreads: threads, hashCost: cost, hashEngine: engine } = config;
  const hashing = await createHashing({ threads, cost, engine, keyring, world });
  return {
    ...fittings(database, world),
    hashing,
    digestKey: keyring.digest,
    sealer: sealerOf(keyring, world),
    origin: config.origin,
    passkeys: config.passkeys,
    mail,
    disconnector: disconnectorFor(config, world),
    courier: httpCourier({ allow: config.webhookAllow }),
    strength: createStrength({ words: hostWords(config), breachSet: config.breachSet }),
    judging: createJudging(),
    detector: config.detector,
    afterwards: createAfterwards({ world, isIdle: () => hashing.waitMs() === 0 }),
  };
}

/** The host's own words, and the names under which it is known: no password is made of them. */
function hostWords({ words, origin }: Pick<ServeConfig, 'words' | 'origin'>): string[] {
  return contextWords([...words, new URL(origin).hostname]);
}

/** @throws when the database was made with another key ring, or with none yet: the service could not open the box. */
export async function boundSealer(database: Database, keyring: KeyRing, world: World): Promise<Sealer> {
  const bound = await boundKeys(database.drizzle);
  if (bound === keyring.fingerprint) return sealerOf(keyring, world);
  throw new Error(
    'The key ring here is not that of the database: set GATEHOUSE_KEYS_FILE, as the service does.',
  );
}

export function sealerOf(keyring: Pick<KeyRing, 'pepper'>, world: World): Sealer {
  return {
    seal: (about, plain) => sealed(keyring, world.random(sealNonceBytes), about, plain),
    open: (about, box) => unsealed(keyring, about, box),
  };
}

function noKeys(): never {
  throw new Error('this process holds no keys');
}
const keyless: Sealer = { seal: noKeys, open: noKeys };

/**
 * A house for the command line: it reads and ends, it never judges a password and delivers nothing.
 *
 * @param sealer for the few commands that seal something.
 */
export function fitConsole(
  database: Database,
  world: World,
  sealer: Sealer = keyless,
  webhookAllow: readonly string[] = [],
): House {
  const never = () => Promise.reject(new Error('this process hashes no passwords and judges no messages'));
  const hashing: Hashing = {
    create: never,
    verify: never,
    decoy: never,
    waitMs: () => 0,
    engine: 'bcryptjs',
    get computers() {
      return computersHere();
    },
    close: async () => {},
  };
  return {
    ...fittings(database, world),
    hashing,
    digestKey: world.random(32),
    sealer,
    origin: 'http://localhost',
    passkeys: { id: 'localhost', origins: [] },
    mail: noMail,
    disconnector: noDisconnector,
    courier: { ...noCourier, rule: dialRule(webhookAllow) },
    strength: createStrength({ words: [], breachSet: undefined }),
    judging: { judge: never, hold: () => undefined, close: async () => {} },
    detector: { ownDomains: [], authservIds: [] },
    afterwards: { later: () => {}, stop: async () => {} },
  };
}

function fittings(
  database: Database,
  world: World,
): Omit<
  House,
  | 'hashing'
  | 'digestKey'
  | 'sealer'
  | 'origin'
  | 'passkeys'
  | 'mail'
  | 'courier'
  | 'disconnector'
  | 'strength'
  | 'judging'
  | 'detector'
  | 'afterwards'
> {
  return {
    world,
    database,
    checks: createChecks(database),
    touches: createTouches(database),
    verified: createVerified({ world }),
  };
}

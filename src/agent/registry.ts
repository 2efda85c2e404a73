/** The sessions of this host: in memory, and one file each, so that a restart of the agent forgets none. */
import type { Log } from '../log.ts';
import { sessionId } from '../protocol/agent.ts';
import {
  fileNames,
  makePrivateDirectory,
  readText,
  removeFile,
  renameFile,
  writeWhole,
} from './hands-files.ts';
import { Lanes } from './lanes.ts';
import { type SessionEntry, sessionEntry } from './session-entry.ts';

const ending = '.json';

export class Registry {
  /** Everything done to one session goes through its lane. */
  readonly lanes = new Lanes();
  readonly #directory: string;
  readonly #log: Log;
  readonly #entries = new Map<string, SessionEntry>();

  private constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Reads the state directory, making it if needed. A file that cannot be read is set aside and told, never fatal. */
  static load(directory: string, log: Log): Registry {
    makePrivateDirectory(directory);
    const registry = new Registry(directory, log);
    for (const name of fileNames(directory)) registry.#loadFile(name);
    return registry;
  }

  get(id: string): SessionEntry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly SessionEntry[] {
    return [...this.#entries.values()];
  }

  /** Sessions that are not over. */
  live(): readonly SessionEntry[] {
    return this.all().filter((entry) => entry.gone === null);
  }

  /** Whether a session, live or over, has that leader. */
  byProcess(process: { readonly pid: number; readonly start: string }): SessionEntry | undefined {
    return this.all().find(
      (entry) => entry.process.pid === process.pid && entry.process.start === process.start,
    );
  }

  /** In memory at once, on the disk when it resolves. Call it inside the session's lane. */
  async put(entry: SessionEntry): Promise<void> {
    this.#entries.set(entry.id, entry);
    await writeWhole(this.#fileOf(entry.id), `${JSON.stringify(entry)}\n`);
  }

  /** Changes of no weight, such as the last activity: memory only, written with the next `put`. */
  note(id: string, change: Partial<Pick<SessionEntry, 'lastActivityAt' | 'channel' | 'clocks'>>): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, ...change });
  }

  forget(id: string): void {
    this.#entries.delete(id);
    removeFile(this.#fileOf(id));
  }

  #fileOf(id: string): string {
    // Ids come over the network: one with a slash would be a path of its sender's choosing.
    return `${this.#directory}/${sessionId.parse(id)}${ending}`;
  }

  #loadFile(name: string): void {
    if (!name.endsWith(ending)) return;
    const path = `${this.#directory}/${name}`;
    try {
      const entry = sessionEntry.parse(JSON.parse(readText(path)));
      if (`${entry.id}${ending}` !== name) throw new Error('the file names another session');
      this.#entries.set(entry.id, entry);
    } catch (error) {
      this.#log.error({ file: name, error: String(error) }, 'a state file cannot be read; set aside');
      renameFile(path, `${path}.unreadable`);
    }
  }
}

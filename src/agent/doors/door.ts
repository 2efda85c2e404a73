/** A daemon whose sessions the agent can recognise among the host's processes when it did not see them begin. */

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** With the pid it is this process, and none that was given the same number later. */
  readonly start: string;
  /** Real, effective, saved and file-system uid. */
  readonly uids: readonly number[];
  /** The program's file, as the kernel names it; a replaced file ends in ` (deleted)`. */
  readonly program: string;
  readonly title: string;
}

export interface FoundSession {
  /** The process whose end is the session's end. */
  readonly pid: number;
  readonly login: string;
  readonly sourceIp?: string;
  /** Where the daemon has doors of several channels. */
  readonly channel?: string;
}

export interface Door {
  readonly name: string;
  readonly store: string;
  readonly channel: string;
  /** What a session of this channel is once it turns out to be nothing but file transfer. */
  readonly fileTransferChannel?: string;
  /** What a session of this daemon is by the greeting of the port that it came in by, where titles do not tell. */
  readonly greeted?: readonly { readonly by: RegExp; readonly store: string; readonly channel: string }[];
  /** The daemon sends by itself while nobody does anything: what it sends counts only in bulk. */
  readonly keepsTalking?: boolean;
  /** Whether a process that the daemon is said to have named for a session can be one, with its parent beside it. */
  serves?(row: ProcessRow, parent: ProcessRow | undefined): boolean;
  /** Whether this parent of the process that asks PAM holds the client's connection: it is the session then, with all below it. */
  fronts?(parent: ProcessRow): boolean;
  /** Live, authenticated sessions. Anybody can choose a title, so a row also needs the program and the uid or parent of the daemon. */
  find(rows: readonly ProcessRow[]): FoundSession[];
  /** For a daemon whose titles do not say who is in: its own list. */
  readonly list?: {
    readonly command: readonly [string, ...string[]];
    /** A process of the daemon: where there is none, the command is not run. */
    serves(row: ProcessRow): boolean;
    read(output: string, rows: readonly ProcessRow[]): FoundSession[];
  };
}

/** Whether a process runs the program of that file name from a directory that only root fills. */
export function runs(row: Pick<ProcessRow, 'program'>, ...names: readonly string[]): boolean {
  const program = row.program.replace(/ \(deleted\)$/, '');
  return names.some((name) =>
    ['/usr/sbin', '/usr/lib/openssh', '/usr/local/sbin', '/sbin'].some(
      (place) => program === `${place}/${name}`,
    ),
  );
}

export function isRoot(row: ProcessRow): boolean {
  return row.uids.length === 4 && row.uids.every((uid) => uid === 0);
}

/** What SFTPGo's hooks send and take. It grows fields with each release: those that we do not know are left aside. */
import { z } from 'zod';
import { anyLogin, password } from './fields.ts';

const text = z.string().max(4096);

export const checkPasswordQuestion = z.object({ username: anyLogin, ip: text, password, protocol: text });

/** The user as SFTPGo keeps it; with it comes whatever else it knows, which goes back as it came. */
const storedUser = z.looseObject({ username: text, home_dir: text.optional() });

export const externalAuthQuestion = z.object({
  username: anyLogin,
  ip: text,
  password: z.string().max(1024).default(''),
  public_key: z.string().max(65_536).default(''),
  protocol: text,
  keyboard_interactive: text.default(''),
  tls_cert: z.string().max(65_536).default(''),
  user: storedUser.nullish(),
});

export const keyboardQuestion = z.object({
  request_id: z.string().min(1).max(128),
  step: z.number().int().min(1).max(16),
  username: anyLogin,
  /** With the first step alone. */
  ip: text.optional(),
  answers: z.array(z.string().max(1024)).max(8).nullish(),
});

/** Said after a login, good or not; the query tells which. */
export const loggedIn = z.object({ username: anyLogin });

/** `auth_result`: 1 in, -1 out, 0 ask on. `check_password` 0: the stored hash is none of its business. */
export interface KeyboardAnswer {
  readonly instruction: string;
  readonly questions: readonly string[];
  readonly echos: readonly boolean[];
  readonly check_password: 0;
  readonly auth_result: -1 | 0 | 1;
}

/** `GET /api/v2/connections`: what is needed of each. */
export const connectionsAnswer = z.array(
  z.object({
    username: text,
    connection_id: z.string().min(1).max(512),
    remote_address: text.default(''),
    /** ms since 1970 */
    connection_time: z.number(),
    protocol: text,
    /** Of a cluster: the one that holds it. */
    node: text.nullish(),
  }),
);

export type SftpgoConnection = z.infer<typeof connectionsAnswer>[number];
export type ExternalAuthQuestion = z.infer<typeof externalAuthQuestion>;
export type KeyboardQuestion = z.infer<typeof keyboardQuestion>;

const doors: Readonly<Record<string, { readonly store: 'ssh' | 'ftp'; readonly channel: string }>> = {
  SSH: { store: 'ssh', channel: 'sftp' },
  SFTP: { store: 'ssh', channel: 'sftp' },
  SCP: { store: 'ssh', channel: 'sftp' },
  FTP: { store: 'ftp', channel: 'ftp' },
};

/** The door that one of SFTPGo's protocols is. WebDAV and its web pages are none of ours: nobody comes in by them. */
export function sftpgoDoor(protocol: string) {
  return Object.hasOwn(doors, protocol) ? doors[protocol] : undefined;
}

/** What a login may do, and one that was let in to read. */
export const allPermissions = { '/': ['*'] } as const;
export const readOnlyPermissions = { '/': ['list', 'download'] } as const;

/** What the agent must be told; read from the environment in `main/config`. */
export interface AgentConfig {
  /** The service, without a trailing slash. */
  readonly url: string;
  /** The client key with scope `agent` (and `authenticate`). */
  readonly key: string;
  /** This host's name, as sessions and orders carry it. */
  readonly host: string;
  /** `address:port` on loopback where the PAM module asks. */
  readonly pamAddress: string;
  /** Shared with the PAM module; made on the first start. */
  readonly pamKeyFile: string;
  /** Holds one file a session, readable by root alone. */
  readonly stateDir: string;
  /** Where sessions without a scope of their own get a cgroup; chosen from the host when absent. */
  readonly cgroupRoot?: string;
  /** `address:port` on loopback where Prometheus reads the agent's figures; absent: nowhere. */
  readonly metricsAddress?: string;
  /** Path of the Unix socket where Pure-FTPd asks; absent: it does not. */
  readonly extauth?: string;
  /** How often sessions are looked for that nobody told of; absent: as `look-around` has it. */
  readonly lookAroundMs?: number;
  /** Absent: no mail is judged on this host. */
  readonly milter?: MilterConfig;
}

/** `header`: the mail goes on with its verdict in a header; `hold`: accepted, and kept back in the hold queue; `reject`: refused. */
export const milterDeeds = ['header', 'hold', 'reject'] as const;
export type MilterDeed = (typeof milterDeeds)[number];

export interface MilterConfig {
  /** Where the mail server asks: `address:port` on loopback, or `unix:/path`. */
  readonly address: string;
  /** What becomes of mail that is flagged. */
  readonly flagged: MilterDeed;
  /** What becomes of mail of the staff that asks for a password. */
  readonly staffRequest: MilterDeed;
  /** Who the staff is: logins of SASL in lower case, `@domain` for all of one, `*` for whoever logs in. */
  readonly staff: readonly string[];
  /** What becomes of mail that the service cannot judge in time: `accept` lets it through, `tempfail` lets it come again. */
  readonly unjudged: 'accept' | 'tempfail';
}

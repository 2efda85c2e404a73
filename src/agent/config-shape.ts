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
}

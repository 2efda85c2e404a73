/** A real sshd on loopback that lets `nobody` in by key, without PAM: its sessions begin unseen by the agent. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { freePort } from '../../support/free-port.ts';
import { eventually, removeDirectory, temporaryDirectory } from './processes.ts';

export const noSshd =
  existsSync('/usr/sbin/sshd') || process.env.CI === 'true' ? undefined : 'needs openssh-server';

export class TestSshd {
  readonly directory = temporaryDirectory();
  readonly clients: ChildProcess[] = [];
  #daemon: ChildProcess | undefined;
  #port = 0;

  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** `within`: a command that runs it, such as `unshare`. */
  async start(within: readonly string[] = []): Promise<void> {
    chmodSync(this.directory, 0o755);
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    this.#port = await freePort();
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${this.directory}/${name}`]);
    }
    const config = [
      `Port ${this.#port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${this.directory}/host`,
      `AuthorizedKeysFile ${this.directory}/user.pub`,
      ...['UsePAM no', 'StrictModes no', 'PasswordAuthentication no', 'PidFile none', 'UseDNS no'],
      'Subsystem sftp internal-sftp',
    ];
    writeFileSync(`${this.directory}/config`, `${config.join('\n')}\n`);
    const arguments_ = ['-D', '-e', '-f', `${this.directory}/config`];
    const [command = '', ...rest] = [...within, '/usr/sbin/sshd', ...arguments_];
    this.#daemon = spawn(command, rest, { stdio: 'ignore' });
    await eventually(() => portTaken(this.#port));
  }

  /** An sftp client whose commands are written to its standard input. */
  sftp(): ChildProcess {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ServerAliveInterval=1'];
    const flags = options.flatMap((option) => ['-o', option]);
    const to = ['-q', '-P', String(this.#port), '-i', `${this.directory}/user`, ...flags, 'nobody@127.0.0.1'];
    const client = spawn('sftp', to, { stdio: ['pipe', 'pipe', 'ignore'] });
    client.stdin?.on('error', () => {});
    this.clients.push(client);
    return client;
  }

  stop(): void {
    for (const client of this.clients) client.kill('SIGKILL');
    this.#daemon?.kill('SIGKILL');
    removeDirectory(this.directory);
  }
}

function portTaken(port: number): boolean {
  return execFileSync('ss', ['-tlnH', `sport = :${port}`], { encoding: 'utf8' }).trim() !== '';
}

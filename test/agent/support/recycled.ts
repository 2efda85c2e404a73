/** Makes the kernel give a pid out again at once (clone3 with set_tid, as root), so that a decoy stands where a leader was. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const clone3 = 435;
const program = `
use strict; $| = 1; $SIG{TERM} = 'DEFAULT';
sub born { my ($pid) = @_;
  my $tid = pack('i', $pid);
  my $args = pack('Q11', 0, 0, 0, 0, 17, 0, 0, 0, $pid ? unpack('Q', pack('P', $tid)) : 0, $pid ? 1 : 0, 0);
  my $got = syscall(${clone3}, $args, 88);
  if ($got == 0) { close STDIN; close STDOUT; sleep 600; require POSIX; POSIX::_exit(0) }
  return $got;
}
while (my $line = <STDIN>) {
  my ($what, $pid) = split ' ', $line;
  if ($what eq 'begin') { print born(0), "\\n" }
  if ($what eq 'recycle') { kill 9, $pid; waitpid $pid, 0; select undef, undef, undef, 0.011; print born($pid), "\\n" }
  if ($what eq 'end') { kill 9, $pid; waitpid $pid, 0; print "0\\n" }
}`;

export interface Recycler {
  /** A process that sleeps: its pid. */
  begin(): Promise<number>;
  /** Ends it and has another process bear its pid, at least one clock tick later; false when somebody else got the pid. */
  recycle(pid: number): Promise<boolean>;
  end(pid: number): Promise<void>;
  stop(): void;
}

export function recycler(): Recycler {
  const perl = spawn('perl', ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((said: number) => void)[] = [];
  createInterface({ input: perl.stdout }).on('line', (line) => waiting.shift()?.(Number(line)));
  const say = (line: string) =>
    new Promise<number>((resolve) => {
      waiting.push(resolve);
      perl.stdin.write(`${line}\n`);
    });
  return {
    begin: () => say('begin'),
    recycle: async (pid) => (await say(`recycle ${pid}`)) === pid,
    end: async (pid) => void (await say(`end ${pid}`)),
    stop: () => perl.kill('SIGKILL'),
  };
}

import { type Door, isRoot, runs } from './door.ts';

/**
 * The connection and the master of the terminal are telnetd's; `login`, its child, asks PAM and forks the shell. So
 * telnetd is the session: ending the shell alone would leave a connection behind, and its socket tells where the
 * client is. What began unseen cannot be found: `login` keeps its title, and shells are known by a uid that several
 * logins may share.
 */
export const telnetd: Door = {
  name: 'telnetd',
  store: 'ssh',
  channel: 'telnet',
  fronts: (parent) => isRoot(parent) && runs(parent, 'telnetd', 'in.telnetd'),
  find: () => [],
};

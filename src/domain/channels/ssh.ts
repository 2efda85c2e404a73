import type { Channel } from './channel.ts';

export const ssh: Channel = {
  name: 'ssh',
  store: 'ssh',
  storeDefault: true,
  endedBy: 'process',
  openByDefault: true,
  insteadUse: 'SSH with a key',
};

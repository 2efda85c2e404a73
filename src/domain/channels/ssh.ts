import type { Channel } from './channel.ts';

export const ssh: Channel = {
  name: 'ssh',
  store: 'ssh',
  storeDefault: true,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  insteadUse: 'SSH with a key',
};

/** A process that loads the key ring at the given moment, and says which one it got. */
import { loadKeys } from '../../../dist/main/keys.js';
import { systemWorld } from '../../../dist/world.js';

while (Date.now() < Number(process.argv[3]));
const ring = loadKeys(process.argv[2], systemWorld);
process.stdout.write(`${ring.fingerprint} ${ring.pepper.current.id}`);

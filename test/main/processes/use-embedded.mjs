/** A process that uses the embedded PostgreSQL: says where it is, and leaves when told (or is killed). */
import { openEmbedded } from '../../../dist/main/embedded-postgres.js';

const log = { info() {}, warn() {}, error: (...said) => process.stderr.write(`${JSON.stringify(said)}\n`) };
const embedded = await openEmbedded(process.argv[2], log);
process.stdout.write(`${embedded.local}\n`);
process.stdin.on('end', async () => {
  await embedded.close();
  process.exit(0);
});
process.stdin.resume();

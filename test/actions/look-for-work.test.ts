/** A look at the queues saves questions, and stops no job where it fails or hangs. */
import { afterAll, expect, it } from 'vitest';
import { lookForWork, type Work } from '../../src/actions/look-for-work.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse();
afterAll(house.close);
const { sql } = house.database;
const all: readonly Work[] = ['cutoffs', 'resets', 'mails', 'webhooks', 'notices', 'flags'];
const waits = lookForWork(() => house.ctx({ kind: 'system' }));
const asked = () => Promise.all(all.map((work) => waits(work)));

it('says that nothing waits where nothing waits', async () => {
  expect(await asked()).toEqual(all.map(() => false));
});

it('one queue that cannot be read stops no other: every job runs and sees for itself', async () => {
  await sql`alter table operator_notices rename to hidden`;
  try {
    expect(await asked()).toEqual(all.map(() => true));
  } finally {
    await sql`alter table hidden rename to operator_notices`;
  }
  expect(await asked()).toEqual(all.map(() => false));
});

it('one that is locked does not keep the others waiting', async () => {
  await sql.begin(async (tx) => {
    await tx`lock table operator_notices in access exclusive mode`;
    const patient = new Promise((resolve) => setTimeout(resolve, 8000, 'hangs'));
    expect(await Promise.race([asked(), patient])).toEqual(all.map(() => true));
  });
  // The look that hung is over.
  await expect.poll(asked, { timeout: 5000 }).toEqual(all.map(() => false));
});

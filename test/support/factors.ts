/** Second factors for accounts of a test house, put where they belong without the routes that usually do it. */
import { generateSync } from 'otplib';
import { totpAbout } from '../../src/actions/steps/judge-code.ts';
import { recoveryCodeDigest, recoveryCodeFrom } from '../../src/domain/recovery-code.ts';
import type { TestHouse } from './house.ts';

export interface Generator {
  readonly secret: Buffer;
  /** The code so many steps of 30 s from now. */
  code(steps?: number): string;
}

/** A confirmed generator. */
export async function giveTotp(house: TestHouse, accountId: string): Promise<Generator> {
  const secret = house.house.world.random(20);
  const box = house.house.sealer.seal(totpAbout(accountId), secret);
  const at = new Date(house.now()).toISOString();
  await house.database.sql`
    insert into totp (account_id, sealed_secret, confirmed_at, created_at)
    values (${accountId}, ${box}, ${at}, ${at})`;
  const code = (steps = 0) =>
    generateSync({ secret, epoch: Math.floor(house.now() / 1000) + 30 * steps, period: 30 });
  return { secret, code };
}

/** So many unspent recovery codes. */
export async function giveRecoveryCodes(
  house: TestHouse,
  accountId: string,
  count = 10,
): Promise<readonly string[]> {
  const codes = Array.from({ length: count }, () => recoveryCodeFrom(house.house.world.random(15)));
  const at = new Date(house.now()).toISOString();
  const rows = codes.map((code) => ({
    code_hash: recoveryCodeDigest(house.house.digestKey, accountId, code) ?? null,
    account_id: accountId,
    created_at: at,
  }));
  await house.database.sql`insert into recovery_codes ${house.database.sql(rows)}`;
  return codes;
}

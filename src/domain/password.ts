/** Rules for a password that somebody chooses (NIST 800-63B-4 3.1.1.2, ASVS 5.0 6.2): length, not composition. */

/** Hard byte limit of any password that is accepted for judging. */
export const maxPasswordBytes = 1024;

/** The form in which passwords are measured and hashed: NFC only; no trimming, no case folding. */
export function normalPassword(password: string): string {
  return password.normalize('NFC');
}

function oneCharacterRepeated(points: readonly string[]): boolean {
  return new Set(points).size < 3;
}

/** Why a new password is refused, in a sentence for the person who chose it; undefined when it is good. */
export function passwordFault(
  password: string,
  rules: { readonly min_length: number; readonly max_length: number },
  context: readonly string[],
): string | undefined {
  const points = [...normalPassword(password)];
  if (points.length < rules.min_length) {
    return `It has ${points.length} characters; at least ${rules.min_length} are needed. Several words together make a good one.`;
  }
  if (points.length > rules.max_length || Buffer.byteLength(password) > maxPasswordBytes) {
    return `It is longer than ${rules.max_length} characters.`;
  }
  if (oneCharacterRepeated(points)) return 'It repeats one or two characters.';
  const folded = password.toLowerCase();
  const given = context.find((word) => word.length >= 4 && folded.includes(word.toLowerCase()));
  return given === undefined ? undefined : `It contains "${given}", which an attacker tries first.`;
}

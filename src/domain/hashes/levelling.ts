/**
 * The costs of the bcrypt runs that lift work of `rounds` to exactly 2^cost rounds, so that an old and cheap hash
 * takes as long as the decoy of a name that does not exist. For bcrypt of cost c that is c, c+1, … cost-1.
 * Dearer work than 2^cost is not lifted; it takes longer and can be told from a decoy until `cost` is raised.
 * What is below the cheapest run (2^4) is left out.
 */
export function levellingCosts(rounds: number, cost: number): number[] {
  const missing = 2 ** cost - rounds;
  const costs: number[] = [];
  for (let run = 4; run <= cost; run += 1) {
    if (missing > 0 && Math.floor(missing / 2 ** run) % 2 === 1) costs.push(run);
  }
  return costs;
}

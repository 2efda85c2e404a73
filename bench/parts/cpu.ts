import { readFileSync } from 'node:fs';

/** CPU time in ms by such a file of the kernel's; 0 where it does not tell. */
export function cpuIn(file: string): number {
  try {
    const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

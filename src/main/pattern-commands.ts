/** `gatehouse patterns …`: patterns over events. */
import { Command } from 'commander';
import { patternsReplay } from '../cli/patterns.ts';
import { atConsole } from './commands.ts';

interface ReplayFlags {
  readonly json?: boolean;
  readonly from: string;
  readonly to?: string;
  readonly set: string[];
}

const gathered = (text: string, before: readonly string[]): string[] => [...before, text];

export function patternCommands(): Command {
  const patterns = new Command('patterns').description('patterns over events: floods, sprays, bombing');
  patterns
    .command('replay')
    .description('what other thresholds would have flagged over what is on record; changes nothing')
    .requiredOption('--from <time>', 'since when, such as 2026-01-31T08:00:00Z')
    .option('--to <time>')
    .option('--set <setting>', 'such as reset_flood.requests=8; may be said again', gathered, [])
    .option('--json', 'one JSON document on standard output')
    .action(({ json, ...flags }: ReplayFlags) =>
      atConsole(json, (ctx, terminal) => patternsReplay(ctx, terminal, flags)),
    );
  return patterns;
}

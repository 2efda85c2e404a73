/** `gatehouse flags …`, as part of the list of commands. */
import { Command, Option } from 'commander';
import { flagsList, flagsResolve, flagsShow } from '../cli/flags.ts';
import { flagKinds, flagStates } from '../domain/flag.ts';
import { atConsole } from './commands.ts';

interface Shared {
  readonly json?: boolean;
}

const json = () => new Option('--json', 'one JSON document on standard output');

export function flagCommands(): Command {
  const flags = new Command('flags').description('requests for passwords, and patterns over events');
  flags
    .command('list')
    .description('newest first')
    .addOption(new Option('--state <state>').choices([...flagStates]))
    .addOption(new Option('--kind <kind>').choices([...flagKinds]))
    .option('--account-id <id>')
    .option('--limit <n>')
    .option('--cursor <cursor>')
    .addOption(json())
    .action(({ json: asJson, accountId, ...filters }: Shared & Record<string, string | undefined>) =>
      atConsole(asJson, (ctx, terminal) => flagsList(ctx, terminal, { ...filters, account_id: accountId })),
    );
  flags
    .command('show <id>')
    .description('evidence, history, messages, and what is in force because of it')
    .addOption(json())
    .action((id: string, options: Shared) =>
      atConsole(options.json, (ctx, terminal) => flagsShow(ctx, terminal, id)),
    );
  flags
    .command('resolve <id>')
    .description('confirm or dismiss it, once')
    .addOption(new Option('--state <state>').choices(['confirmed', 'dismissed']).makeOptionMandatory())
    .requiredOption('--note <note>', 'why: stands in its history')
    .addOption(json())
    .action((id: string, { json: asJson, state, note }: Shared & Record<string, string | undefined>) =>
      atConsole(asJson, (ctx, terminal) => flagsResolve(ctx, terminal, id, { state, note })),
    );
  return flags;
}
